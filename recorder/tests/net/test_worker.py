"""recorder.net.worker: a taken lesson becomes files and an entry, whoever dies, and goes when its time is over."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from recorder.core.catalogue import Missing
from recorder.core.chapters import Chapter
from recorder.core.jobs import LEASE_MS, PUT_OFF_MS
from recorder.core.keys import MasterKey
from recorder.core.retention import DAY_MS
from recorder.disk.takes import Takes
from recorder.tests.filmed import LESSON, MASTER, NAME, ROOM, STARTED_MS, TAKE, Shot, shots, taken, video
from recorder.tests.net.house import House


@pytest.fixture
def house(tmp_path: Path, engine: AsyncEngine) -> House:
    return House(tmp_path, engine)


async def test_a_taken_lesson_is_on_the_shelf_after_the_bell(house: House) -> None:
    folder = taken(house.folder, shots("h264"))
    await house.work()
    shelved = await house.shelf.get("R0123456789")
    assert shelved is not None
    entry = shelved.entry
    assert (entry.title, entry.school, entry.teacher) == ("語文 第三課", "中心校", "王老师")
    assert entry.classrooms == ("中心校 三(2)班", "一教学点", "二教学点")
    assert (entry.held_at_ms, entry.duration_ms, entry.region) == (STARTED_MS + 500, 8000, "东县")
    assert entry.film is not None and entry.film.name == "film.mp4" and entry.poster is not None
    assert [part.name for part in entry.tracks] == [
        "SLEAD000000-teacher.mp4",
        "SLEAD000000-teacher_mic.webm",
        "SROOM000000-board.webm",
    ]
    assert len(entry.thumbnails) == 8 and entry.trouble == ""
    assert entry.chapters == (Chapter(0, "begin"), Chapter(4000, "floor", "一教学点"))
    assert entry.missing == (Missing(3000, 5000, "teacher", "paused"),)
    assert {job.state for job in await house.rows.of_take(NAME)} == {"done"}
    for path in folder.rglob("*"):
        assert not path.is_file() or b"ftyp" not in path.read_bytes(), f"{path} lies there in plain"
    assert not list(folder.rglob("*.part"))


async def test_work_goes_on_wherever_it_was_killed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread is cut off at one write after another, as kill -9 does; the lease runs out; another goes on."""
    folder = taken(house.folder, shots("vp8"))
    await house.worker().enlist()
    finish = Takes.make

    class Killed(BaseException):
        pass

    for cut in range(4):
        writes = [0]

        def make(self: Takes, *arguments: object, writes: list[int] = writes, cut: int = cut) -> object:
            making = finish(self, *arguments)  # type: ignore[arg-type]
            done: Callable[[], None] = making.finish

            def finishing() -> None:
                if cut % 2:
                    done()
                raise Killed

            writes[0] += 1
            making.finish = finishing  # type: ignore[method-assign]
            making.drop = lambda: None  # type: ignore[method-assign]
            return making

        monkeypatch.setattr(Takes, "make", make)
        with pytest.raises(Killed):
            while await house.worker().turn():
                pass
        assert writes == [1]
        monkeypatch.undo()
        house.clock.now_ms += LEASE_MS
    await house.work()
    shelved = await house.shelf.get("R0123456789")
    assert shelved is not None and shelved.entry.film is not None and shelved.entry.trouble == ""
    assert len(shelved.entry.tracks) == 3
    assert not list(folder.rglob("*.part")), "what the dead left half made is gone"


async def test_a_worker_that_is_told_to_stop_gives_its_job_back(house: House) -> None:
    taken(house.folder, shots("vp8"))
    worker, stop = house.worker(), asyncio.Event()
    await worker.enlist()
    stop.set()
    await worker.run(stop)
    assert await worker.turn(stop) is True
    assert {(job.state, job.attempts) for job in await house.rows.of_take(NAME)} <= {("waiting", 0), ("done", 1)}


async def test_what_cannot_be_made_is_said_in_words_and_holds_nothing_up(house: House) -> None:
    broken = Shot(ROOM, "courseware", "vp8", 0, 1000, video("vp8", range(25))[:40])
    taken(house.folder, (*shots("vp8"), broken))
    await house.work()
    shelved = await house.shelf.get("R0123456789")
    assert shelved is not None and shelved.entry.film is not None
    assert "track SROOM000000-courseware: a segment cannot be read" in shelved.entry.trouble
    assert [job.subject for job in await house.rows.unsettled()] == ["SROOM000000-courseware"]


async def test_a_wrong_master_key_costs_no_attempt_and_is_told_in_words(engine: AsyncEngine, tmp_path: Path) -> None:
    taken(tmp_path, shots("vp8"))
    await House(tmp_path, engine).worker().enlist()
    wrong = House(tmp_path, engine, master=MasterKey(bytes(32)))
    await wrong.work()
    waiting = [job for job in await wrong.rows.of_take(NAME) if job.cause]
    assert waiting and {(job.state, job.attempts) for job in waiting} == {("waiting", 0)}
    assert all("put that one back, or into [recorder] old_master_keys" in job.cause for job in waiting)
    new = House(tmp_path, engine, master=MasterKey(bytes(32), (MASTER.secret,)))
    new.clock.now_ms = wrong.clock.now_ms + PUT_OFF_MS
    await new.worker().look_at_keys()
    await new.work()
    shelved = await new.shelf.get("R0123456789")
    assert shelved is not None and shelved.entry.film is not None and shelved.entry.trouble == ""
    assert House(tmp_path, engine, master=MasterKey(bytes(32))).takes.key(LESSON) == new.takes.key(LESSON)


async def test_nothing_is_removed_for_a_clock_that_leaps(house: House) -> None:
    taken(house.folder, shots("vp8"))
    await house.work()
    clock, worker, ended_ms = house.clock, house.worker(), STARTED_MS + 500 + 8000
    # Minutes since the start, and what the wall clock says then in days after the lesson, and minutes.
    outcomes = []
    for minutes, days in ((0, 400), (9, 400), (10, 8), (20, 400), (30, 400), (90, 400)):
        clock.up_s, clock.now_ms = 100 + minutes * 60, ended_ms + days * DAY_MS + minutes * 60_000
        await worker.look()
        outcomes.append((minutes, any(job.kind == "expire" for job in await house.rows.of_take(NAME))))
    assert outcomes == [(0, False), (9, False), (10, False), (20, False), (30, True), (90, True)]


async def test_stored_files_are_looked_at_each_month_and_damage_is_told(house: House) -> None:
    folder = taken(house.folder, shots("vp8"))
    await house.work()
    film = folder / "derived" / "film.webm.sealed"
    good = film.read_bytes()
    outcomes = []
    for day, content in ((29, b"spoiled"), (30, good), (59, b"spoiled"), (60, b"spoiled"), (90, good)):
        film.write_bytes(content)
        house.clock.now_ms = STARTED_MS + 500 + 8000 + day * DAY_MS
        await house.worker().look_at_clocks()
        await house.work()
        job = next((job for job in await house.rows.of_take(NAME) if job.kind == "check"), None)
        outcomes.append((day, job.state, job.cause) if job is not None else (day, "", ""))
    words = "derived/film.webm.sealed is not what was stored"
    assert outcomes == [(29, "", ""), (30, "done", ""), (59, "done", ""), (60, "failed", words), (90, "done", "")]


async def test_raw_tracks_go_in_time_and_the_film_stays(house: House) -> None:
    folder = taken(house.folder, shots("vp8"))
    await house.work()
    house.clock.now_ms = STARTED_MS + 500 + 8000 + 90 * DAY_MS
    await house.worker().look_at_clocks()
    await house.work()
    shelved = await house.shelf.get("R0123456789")
    assert shelved is not None and not shelved.raw and shelved.entry.tracks == ()
    assert not (folder / "segments").exists()
    names = sorted(path.name for path in (folder / "derived").iterdir())
    assert "film.webm.sealed" in names and not [name for name in names if name.startswith("S")]
    (stone,) = await house.shelf.stones()
    assert (stone.resource, stone.part) == ("R0123456789", "raw")


async def test_what_is_deleted_leaves_nothing_but_its_tombstone(house: House) -> None:
    folder = taken(house.folder, shots("vp8"))
    await house.work()
    shelved = await house.shelf.get("R0123456789")
    assert shelved is not None
    await house.remover.delete(shelved, "operator", "a guardian withdrew", house.clock.now_ms)
    assert not (folder.parent / "key.json").exists(), "what is deleted is unreadable at once"
    await house.work()
    assert not folder.exists()
    assert (house.folder / "tombstones" / LESSON / f"{TAKE}.json").is_file()
    assert await house.shelf.get("R0123456789") is None
