"""recorder.disk.takes, recorder.disk.opened"""

from pathlib import Path

import pytest

from recorder.core.form import FormatError
from recorder.core.keys import MasterKey
from recorder.core.names import TakeId
from recorder.disk.opened import Opened
from recorder.disk.takes import Takes
from recorder.tests.filmed import LEAD, LESSON, MASTER, TAKE, Shot, sound, taken

CAST = (Shot(LEAD, "teacher_mic", "opus", 0, 200, sound(200)),)


@pytest.fixture
def takes(tmp_path: Path) -> Takes:
    taken(tmp_path, CAST)
    return Takes(tmp_path, MASTER)


def test_a_take_is_seen_when_it_is_finished_and_read_with_the_right_master(takes: Takes, tmp_path: Path) -> None:
    assert list(takes.finished()) == [(LESSON, TAKE)]
    (segment,) = takes.manifest(LESSON, TAKE).segments
    assert takes.segment(LESSON, TAKE, segment.file, segment.sealed_bytes).read() == sound(200)
    with pytest.raises(FormatError, match="master key"):
        Takes(tmp_path, MasterKey(bytes(32))).manifest(LESSON, TAKE)
    (tmp_path / "takes" / LESSON / TAKE / "manifest.json").unlink()
    assert list(takes.finished()) == []


def test_a_file_is_seen_when_it_is_whole(takes: Takes) -> None:
    making = takes.make(LESSON, TAKE, "film.mp4", "w1")
    making.write(b"half")
    assert not takes.has_derived(LESSON, TAKE, "film.mp4")
    again = takes.make(LESSON, TAKE, "film.mp4", "w2")
    again.write(b"whole")
    again.finish()
    making.drop()
    assert takes.derived(LESSON, TAKE, "film.mp4").read() == b"whole"
    takes.make(LESSON, TAKE, "film.mp4", "w2").drop()
    assert takes.derived(LESSON, TAKE, "film.mp4").read() == b"whole"


def test_the_key_goes_with_the_last_take_of_a_lesson(takes: Takes, tmp_path: Path) -> None:
    other = TakeId("K9999999999")
    (tmp_path / "takes" / LESSON / other).mkdir()
    takes.remove(LESSON, TAKE)
    assert takes.key(LESSON) is not None
    takes.remove(LESSON, other)
    with pytest.raises(FileNotFoundError):
        takes.key(LESSON)


@pytest.mark.parametrize("name", ["../key.json", "a/b.mp4", "film"])
def test_a_name_from_outside_stays_inside(takes: Takes, name: str) -> None:
    with pytest.raises(ValueError, match="is no name"):
        takes.has_derived(LESSON, TAKE, name)


class Letters:
    """Plain bytes."""

    size = 10

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        return b"0123456789"[offset : None if length is None else offset + length]


def test_a_sealed_file_is_read_as_any_file() -> None:
    opened = Opened(Letters())
    assert (opened.read(3), opened.tell(), opened.read(2)) == (b"012", 3, b"34")
    assert (opened.seek(-2, 2), opened.read()) == (8, b"89")
    assert (opened.seek(1), opened.seek(2, 1), opened.read(1)) == (1, 3, b"3")
