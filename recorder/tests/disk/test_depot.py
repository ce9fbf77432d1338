"""recorder.disk.depot and recorder.disk.far: takes go into a store, are read from it, and leave it."""

import os
from pathlib import Path

import pytest

from recorder.core.form import FormatError
from recorder.core.jobs import Later
from recorder.core.names import TakeId
from recorder.disk.depot import Depot
from recorder.disk.store import Store, StoreAway
from recorder.disk.takes import Takes
from recorder.tests.filmed import LEAD, LESSON, MASTER, TAKE, Shot, sound, taken

CAST = (Shot(LEAD, "teacher_mic", "opus", 0, 800, sound(800)),)
FILM = bytes(range(256)) * 300
SEGMENT = "segments/0001-SLEAD000000-teacher_mic.webm.sealed"


class Stop(Exception):
    """The process is killed."""


class School:
    """A recorder's folder with one finished take and a film of it, and a store."""

    def __init__(self, folder: Path, store: Path | None, take: TakeId = TAKE) -> None:
        self.near = folder / "near"
        self.folder = taken(self.near, CAST, take=take)
        self.store = Store.in_folder(self.near if store is None else store)
        self.takes = Takes(self.near, MASTER, self.store)
        self.depot = Depot(self.near, self.takes, self.store, part_bytes=5000)
        for name in ("film.mp4", "SLEAD000000-teacher_mic.webm"):
            making = self.takes.make(LESSON, take, name, "w1")
            making.write(FILM)
            making.finish()

    def put(self, stop_at: float = 2.0) -> list[float]:
        told: list[float] = []

        def beat(part: float) -> None:
            told.append(part)
            if part >= stop_at:
                raise Stop

        self.depot.put(LESSON, TAKE, beat)
        return told

    def names(self) -> list[str]:
        below = self.folder.rglob("*")
        return sorted(path.relative_to(self.folder).as_posix() for path in below if path.is_file())

    def parts(self) -> dict[str, tuple[int, int]]:
        """Which objects lie in the store, and since when: who writes one anew makes another file."""
        assert self.store.root is not None
        found = (path for path in self.store.root.rglob("*") if path.is_file())
        return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


@pytest.fixture
def school(tmp_path: Path) -> School:
    return School(tmp_path, tmp_path / "far")


def test_a_take_leaves_the_folder_for_the_store_and_is_read_from_there(school: School) -> None:
    told = school.put()
    assert told == sorted(told) and told[-1] == 1.0
    assert school.names() == ["index.jsonl", "manifest.json", "stored.json"], "small things stay, nothing else"
    assert len(school.parts()) > 20
    reader = school.takes.derived(LESSON, TAKE, "film.mp4")
    assert reader.read() == FILM and reader.read(70_000, 3000) == FILM[70_000:73_000]
    (segment,) = school.takes.manifest(LESSON, TAKE).segments
    assert school.takes.segment(LESSON, TAKE, segment.file, segment.sealed_bytes).read() == sound(800)
    assert school.takes.has_derived(LESSON, TAKE, "film.mp4")
    assert not school.takes.has_derived(LESSON, TAKE, "poster.jpg")
    assert school.put()[-1] == 1.0 and school.takes.derived(LESSON, TAKE, "film.mp4").read() == FILM


def test_another_machine_reads_it_without_the_folder(school: School, tmp_path: Path) -> None:
    school.put()
    elsewhere = Takes(tmp_path / "elsewhere", MASTER, school.store)
    assert elsewhere.derived(LESSON, TAKE, "film.mp4").read(5, 10) == FILM[5:15]
    assert elsewhere.manifest(LESSON, TAKE).lesson == LESSON
    with pytest.raises(FileNotFoundError):
        Takes(tmp_path / "elsewhere", MASTER).key(LESSON)


def test_a_film_that_leaves_the_folder_while_it_is_played_is_played_on(school: School) -> None:
    reader = school.takes.derived(LESSON, TAKE, "film.mp4")
    assert reader.read(0, 10) == FILM[:10]
    school.put()
    assert reader.read(10, 70_000) == FILM[10:70_010]


def test_nothing_plain_lies_in_the_store(school: School) -> None:
    school.put()
    assert school.store.root is not None
    for path in school.store.root.rglob("*"):
        assert not path.is_file() or (FILM[:64] not in path.read_bytes() and b"OpusHead" not in path.read_bytes())


@pytest.mark.parametrize("stop_at", [0.05, 0.3, 0.49, 0.51, 0.8, 1.0])
def test_what_was_sent_is_not_sent_again(school: School, stop_at: float) -> None:
    with pytest.raises(Stop):
        school.put(stop_at)
    before, local = school.parts(), school.names()
    assert SEGMENT in local and "derived/film.mp4.sealed" in local and "stored.json" not in local
    school.put()
    after = {name: since for name, since in school.parts().items() if "-" in name}
    assert {name: after[name] for name in before if name in after} == {n: s for n, s in before.items() if n in after}
    assert before.keys() - {"index.jsonl", "manifest.json"} <= after.keys()
    assert school.takes.derived(LESSON, TAKE, "film.mp4").read() == FILM


def test_a_part_that_comes_back_otherwise_is_sent_again_and_nothing_goes_before(school: School) -> None:
    with pytest.raises(Stop):
        school.put(0.5)
    assert school.store.root is not None
    spoiled = max(school.store.root.rglob("film.mp4.sealed/00003-*"))
    spoiled.write_bytes(bytes(len(spoiled.read_bytes())))
    with pytest.raises(StoreAway, match="gave back other bytes for .*00003-.* sent again"):
        school.put()
    assert "derived/film.mp4.sealed" in school.names()
    school.put()
    assert "derived/film.mp4.sealed" not in school.names()
    assert school.takes.derived(LESSON, TAKE, "film.mp4").read() == FILM


def test_a_segment_that_is_not_what_the_recorder_wrote_stays_where_it_is(school: School) -> None:
    data = bytearray((school.folder / SEGMENT).read_bytes())
    data[-1] ^= 1
    (school.folder / SEGMENT).write_bytes(data)
    with pytest.raises(FormatError, match=r"0001-.* is not what the recorder wrote"):
        school.put()
    assert SEGMENT in school.names() and "stored.json" not in school.names()


def test_a_store_without_room_refuses_before_anything_is_sent(school: School) -> None:
    depot = Depot(school.near, school.takes, school.store, reserve_bytes=1 << 60)
    with pytest.raises(Later, match=r"Waits for room: this needs 0 MiB, .* are free"):
        depot.put(LESSON, TAKE, lambda part: None)
    assert school.parts() == {}


@pytest.mark.parametrize("far", [True, False])
def test_the_recorders_folder_is_a_store_too(tmp_path: Path, far: bool) -> None:
    school = School(tmp_path, tmp_path / "far" if far else None)
    school.put()
    assert school.depot.home is not far
    assert ("derived/film.mp4.sealed" in school.names()) is not far, "at home nothing is copied"
    school.depot.thin(LESSON, TAKE)
    (segment,) = school.takes.manifest(LESSON, TAKE).segments
    with pytest.raises(FileNotFoundError):
        school.takes.segment(LESSON, TAKE, segment.file, segment.sealed_bytes)
    assert school.takes.derived(LESSON, TAKE, "SLEAD000000-teacher_mic.webm").read() == FILM
    school.depot.remove_raw(LESSON, TAKE, ["film.mp4"])
    assert not school.takes.has_derived(LESSON, TAKE, "SLEAD000000-teacher_mic.webm")
    assert school.takes.derived(LESSON, TAKE, "film.mp4").read() == FILM
    assert [each.name for each in school.takes.stored(LESSON, TAKE).files if "/" in each.name] == [
        "derived/film.mp4.sealed"
    ]
    assert not [name for name in school.parts() if "teacher_mic" in name]


@pytest.mark.parametrize("far", [True, False])
def test_a_deleted_take_leaves_its_tombstone_alone(tmp_path: Path, far: bool) -> None:
    school = School(tmp_path, tmp_path / "far" if far else None)
    school.put()
    school.takes.put_tombstone(LESSON, TAKE, b"it was")
    school.depot.remove(LESSON, TAKE)
    assert list(school.parts()) == [f"{TAKE}.json"]
    assert school.store.get(f"tombstones/{LESSON}/{TAKE}.json") == b"it was"
    school.depot.remove(LESSON, TAKE)


def test_the_key_in_the_store_goes_with_the_lessons_last_take(school: School) -> None:
    school.put()
    other = f"takes/{LESSON}/K9999999999/manifest.json"
    school.store.put(other, b"{}")
    school.depot.remove(LESSON, TAKE)
    assert f"takes/{LESSON}/key.json" in school.store.sizes("takes"), "another take needs it"
    school.store.delete([other])
    school.depot.forget_key(LESSON, TAKE)
    assert school.store.sizes("takes") == {}


def test_what_a_killed_worker_left_is_swept_up(school: School) -> None:
    part = school.folder / "derived" / "film.mp4.sealed.w9.part"
    part.write_bytes(b"half")
    school.put()
    assert not part.exists() and not os.listdir(school.folder / "derived")
