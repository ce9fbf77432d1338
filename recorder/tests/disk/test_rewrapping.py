"""recorder.disk.rewrapping: a master key is changed, and what it locked is opened with the new one alone."""

from pathlib import Path

import pytest

from recorder.core.keys import MasterKey
from recorder.disk.depot import Depot
from recorder.disk.rewrapping import Rewrapped, wrap_anew
from recorder.disk.store import Store
from recorder.disk.takes import Takes
from recorder.tests.disk.test_depot import FILM, School
from recorder.tests.filmed import LESSON, MASTER, TAKE

NEW = MasterKey(b"n" * 32)
KEY = f"takes/{LESSON}/key.json"


def depot(school: School, master: MasterKey) -> Depot:
    return Depot(school.near, Takes(school.near, master, school.store), school.store)


@pytest.mark.parametrize("far", [True, False])
def test_all_is_read_with_the_new_master_once_the_keys_are_wrapped_anew(tmp_path: Path, far: bool) -> None:
    school = School(tmp_path, tmp_path / "far" if far else None)
    school.put()
    both = depot(school, MasterKey(NEW.secret, (MASTER.secret,)))
    assert both.takes.derived(LESSON, TAKE, "film.mp4").read() == FILM, "before, too"
    assert wrap_anew(both) == Rewrapped(1) and wrap_anew(both) == Rewrapped(0)
    for folder in (school.near, tmp_path / "elsewhere") if far else (school.near,):
        assert Takes(folder, NEW, school.store).derived(LESSON, TAKE, "film.mp4").read() == FILM


def test_a_key_of_a_master_that_nobody_named_stays_and_is_told_of(tmp_path: Path) -> None:
    school = School(tmp_path, None)
    before = (school.near / KEY).read_bytes()
    found = wrap_anew(depot(school, NEW))
    assert found.lessons == 0 and len(found.left) == 1 and f"wrapped by master key {MASTER.name}" in found.left[0]
    assert (school.near / KEY).read_bytes() == before


class DeletedMeanwhile(Store):
    """A lesson is deleted while its key is put back."""

    school: School

    def put(self, name: str, content: bytes) -> None:
        if name == KEY:
            self.school.takes.put_tombstone(LESSON, TAKE, b"{}")
            self.school.depot.forget_key(LESSON, TAKE)
        super().put(name, content)


def test_a_lesson_that_is_deleted_meanwhile_stays_unreadable(tmp_path: Path) -> None:
    school = School(tmp_path, tmp_path / "far")
    school.put()
    store = DeletedMeanwhile.in_folder(tmp_path / "far")
    assert isinstance(store, DeletedMeanwhile)
    store.school = school
    wrap_anew(Depot(school.near, Takes(school.near, MasterKey(NEW.secret, (MASTER.secret,)), store), store))
    assert not (school.near / KEY).exists() and KEY not in school.store.sizes("takes")
