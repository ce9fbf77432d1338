"""The worker's real process is killed in its midst, again and again: all is made once, whole, and nothing half."""

import asyncio
import random
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from media_tests.lesson.test_library import County
from recorder.core.access import Viewer, rule_of
from recorder.core.finding import Query
from recorder.core.jobs import MOST_ATTEMPTS, Job
from recorder.core.names import TakeId
from recorder.disk.takes import Takes
from recorder.net.job_rows import JobRows
from recorder.net.shelf_rows import ShelfRows
from recorder.net.store import open_database
from recorder.tests.filmed import MASTER, shots, taken
from recorder.tests.playing import complaints
from signaling.messages.ids import LessonId

OPERATOR = Viewer("T0", "operator")
PATIENCE_S = 120.0


@pytest.mark.parametrize(("takes", "kills"), [(2, 3), pytest.param(8, 30, marks=pytest.mark.proof)])
async def test_whenever_the_worker_is_killed_each_file_is_made_once_and_whole(
    tmp_path: Path, takes: int, kills: int
) -> None:
    chance = random.Random(11)
    names = [(LessonId(f"L000000000{i}"), TakeId(f"K000000000{i}")) for i in range(takes)]
    for number, (lesson, take) in enumerate(names):
        taken(tmp_path, shots("h264" if number % 2 else "vp8"), lesson, take)
    place = County(tmp_path)
    engine = await open_database(tmp_path / "library.sqlite")
    rows = JobRows(engine)
    try:
        for _ in range(kills):
            await place.worker.start()
            await until_one_is_begun(rows, names, place)
            await asyncio.sleep(chance.random() * 0.15)
            await until_none_is_tired(rows, names, place)
            await place.worker.kill()
            if done(await every_job(rows, names), names):
                break
        await place.worker.start()
        await until_all_are_done(rows, names, place)
        await place.worker.stop()
        await all_is_whole(tmp_path, engine, names)
    finally:
        await place.worker.kill()
        await engine.dispose()
    lives = list((tmp_path / "library.sqlite.workers").glob("*.lock"))
    assert len(lives) <= kills, "a worker that left in peace has taken its file with it"


async def every_job(rows: JobRows, names: list[tuple[LessonId, TakeId]]) -> list[Job]:
    return [job for lesson, take in names for job in await rows.of_take(f"{lesson}/{take}")]


def done(jobs: list[Job], names: list[tuple[LessonId, TakeId]]) -> bool:
    """Every take has its jobs, and all of them are done."""
    return len({job.take for job in jobs}) == len(names) and all(job.state == "done" for job in jobs)


async def until_one_is_begun(rows: JobRows, names: list[tuple[LessonId, TakeId]], place: County) -> None:
    """One more attempt than before, or nothing left to attempt."""
    before = sum(job.attempts for job in await every_job(rows, names))

    def begun(jobs: list[Job]) -> bool:
        attempts = sum(job.attempts for job in jobs)
        return attempts > before or done(jobs, names)

    try:
        async with asyncio.timeout(PATIENCE_S):
            while not begun(await every_job(rows, names)):
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(place.worker.log.read_text()[-6000:]) from None


async def until_none_is_tired(rows: JobRows, names: list[tuple[LessonId, TakeId]], place: County) -> None:
    """On a slow machine chance could hit one job until it has failed for good, which is another law."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while any(
                job.state == "running" and job.attempts > MOST_ATTEMPTS - 2 for job in await every_job(rows, names)
            ):
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(place.worker.log.read_text()[-6000:]) from None


async def until_all_are_done(rows: JobRows, names: list[tuple[LessonId, TakeId]], place: County) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not done(await every_job(rows, names), names):
                await asyncio.sleep(0.05)
    except TimeoutError:
        states = [(job.id, job.state, job.attempts, job.cause) for job in await every_job(rows, names)]
        raise AssertionError(f"{states}\n{place.worker.log.read_text()[-6000:]}") from None


async def all_is_whole(root: Path, engine: AsyncEngine, names: list[tuple[LessonId, TakeId]]) -> None:
    total, page = await ShelfRows(engine).find(Query(), OPERATOR, rule_of(OPERATOR, "find"))
    assert total == len(names) and {each.entry.lesson for each in page} == {lesson for lesson, _ in names}
    takes = Takes(root, MASTER)
    for shelved, (lesson, take) in zip(sorted(page, key=lambda each: each.entry.id), sorted(names), strict=True):
        entry = shelved.entry
        assert entry.trouble == "" and entry.film is not None and len(entry.tracks) == 3
        lie = {path.name.removesuffix(".sealed") for path in (takes.folder(lesson, take) / "derived").iterdir()}
        assert lie == {part.name for part in entry.parts}, "nothing half named, and nothing that nobody names"
        for part in (entry.film, *entry.tracks):
            content = takes.derived(lesson, take, part.name).read()
            assert len(content) == part.size and complaints(content) == "", part.name
