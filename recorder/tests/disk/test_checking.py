"""recorder.disk.checking: damage to what was stored is found and named, and nothing else is."""

from pathlib import Path

import pytest

from recorder.disk.checking import Damaged, check
from recorder.tests.disk.test_depot import SEGMENT, School
from recorder.tests.filmed import LESSON, TAKE

FILM = "derived/film.mp4.sealed"


def checked(school: School, *, content: bool = True) -> list[float]:
    told: list[float] = []
    assert check(school.depot, LESSON, TAKE, told.append, content=content) == 5
    return told


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def part(school: School, number: int) -> Path:
    assert school.store.root is not None
    (found,) = school.store.root.rglob(f"film.mp4.sealed/{number:05}-*")
    return found


@pytest.fixture(params=["folder", "store"])
def school(request: pytest.FixtureRequest, tmp_path: Path) -> School:
    opened = School(tmp_path, tmp_path / "far" if request.param == "store" else None)
    opened.put()
    return opened


def test_what_is_as_it_was_is_read_to_the_end(school: School) -> None:
    told = checked(school)
    assert told == sorted(told) and told[-1] == 1.0
    if not school.depot.home:
        assert checked(school, content=False) == [], "a store is only asked for its list"


def test_a_flipped_bit_and_a_lost_file_are_named(school: School) -> None:
    flip(school.folder / FILM if school.depot.home else part(school, 3))
    with pytest.raises(Damaged, match=r"film.mp4.sealed(/00003-\w+)? is not what was stored$"):
        checked(school)
    (school.folder / FILM if school.depot.home else part(school, 3)).unlink()
    with pytest.raises(Damaged, match=r"film.mp4.sealed(/00003-\w+)? is missing"):
        checked(school)


def test_the_list_alone_tells_a_lost_and_a_cut_object(tmp_path: Path) -> None:
    school = School(tmp_path, tmp_path / "far")
    school.put()
    part(school, 2).write_bytes(b"cut")
    with pytest.raises(Damaged, match=r"film.mp4.sealed has another length in the store"):
        checked(school, content=False)
    part(school, 2).unlink()
    with pytest.raises(Damaged, match=r"film.mp4.sealed/00002-\w+ is missing in the store"):
        checked(school, content=False)


def test_a_changed_line_of_the_index_is_named(school: School) -> None:
    path = school.folder / "index.jsonl"
    path.write_bytes(path.read_bytes().replace("語文".encode(), "英語".encode(), 1))
    with pytest.raises(Damaged, match=r"index.jsonl: index line 1: the chain is broken"):
        checked(school)


def test_what_is_not_stored_yet_is_compared_with_the_manifest(tmp_path: Path) -> None:
    school = School(tmp_path, None)
    assert check(school.depot, LESSON, TAKE, lambda part: None) == 1
    flip(school.folder / SEGMENT)
    with pytest.raises(Damaged, match=r"0001-SLEAD000000-teacher_mic.webm.sealed is not what was stored"):
        check(school.depot, LESSON, TAKE, lambda part: None)


def test_what_has_its_time_meanwhile_is_no_damage(school: School) -> None:
    thinned: list[bool] = []

    def beat(part: float) -> None:
        if not thinned:
            thinned.append(True)
            school.depot.thin(LESSON, TAKE)

    check(school.depot, LESSON, TAKE, beat)
    assert thinned and not (school.folder / SEGMENT).exists()
