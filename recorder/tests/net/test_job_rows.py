"""recorder.net.job_rows: two workers at one database, by a stepped clock."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from recorder.core import jobs
from recorder.core.jobs import LEASE_MS, LeaseLost
from recorder.net.job_rows import JobRows
from signaling.messages.ids import LessonId


async def test_two_workers_that_race_share_the_jobs(engine: AsyncEngine) -> None:
    rows = JobRows(engine)
    await rows.add(jobs.jobs_of_take("L1/K1", [f"t{i}" for i in range(6)]))
    got: dict[str, list[str]] = {"w1": [], "w2": []}

    async def work(worker: str) -> None:
        while (job := await rows.take(worker, 0)) is not None:
            got[worker].append(job.id)
            await asyncio.sleep(0)
            await rows.change(job, lambda job: jobs.done(job, worker))

    while any(job.state == "waiting" for job in await rows.of_take("L1/K1")):
        await asyncio.gather(work("w1"), work("w2"))
    assert sorted(got["w1"] + got["w2"]) == sorted(job.id for job in await rows.of_take("L1/K1"))
    assert {job.state for job in await rows.of_take("L1/K1")} == {"done"}


async def test_a_killed_workers_job_goes_to_another_and_its_late_word_counts_for_nothing(engine: AsyncEngine) -> None:
    rows = JobRows(engine)
    await rows.add([jobs.Job("L1/K1/combined", "L1/K1", "combined")])
    first = await rows.take("killed", 0)
    assert first is not None and await rows.take("other", LEASE_MS - 1) is None
    second = await rows.take("other", LEASE_MS)
    assert second is not None and second.attempts == 2
    with pytest.raises(LeaseLost):
        await rows.change(first, lambda job: jobs.done(job, "killed"))
    await rows.change(second, lambda job: jobs.done(job, "other"))


async def test_a_dead_workers_job_goes_to_another_at_once(engine: AsyncEngine) -> None:
    rows = JobRows(engine)
    await rows.add([jobs.Job("L1/K1/combined", "L1/K1", "combined")])
    assert await rows.take("killed", 0) is not None
    assert await rows.take("other", 1, lambda owner: owner == "somebody") is None
    taken = await rows.take("other", 1, lambda owner: owner == "killed")
    assert taken is not None and (taken.owner, taken.attempts) == ("other", 2)


async def test_what_failed_is_tried_again_with_what_was_made_without_it(engine: AsyncEngine) -> None:
    rows = JobRows(engine)
    await rows.add(jobs.jobs_of_take("L1/K1", ["a"]))
    while (job := await rows.take("w", 0)) is not None:
        broken = job.kind == "track"
        step = (
            (lambda mine: jobs.failed(mine, "w", "x", 0, hopeless=True))
            if broken
            else lambda mine: jobs.done(mine, "w")
        )
        await rows.change(job, step)
    assert await rows.under_way(LessonId("L1")) == {}
    assert await rows.again("L1/K1/track/a", 0) and not await rows.again("L1/K1/nothing", 0)
    (of_take,) = (await rows.under_way(LessonId("L1"))).values()
    assert {job.kind for job in of_take if job.state == "waiting"} == {"track", "entry", "store"}
    assert await rows.under_way(LessonId("L")) == {}


async def test_asking_twice_adds_nothing_and_forgets_nothing(engine: AsyncEngine) -> None:
    rows = JobRows(engine)
    await rows.add(jobs.jobs_of_take("L1/K1", ["a"]))
    job = await rows.take("w", 0)
    assert job is not None
    await rows.add(jobs.jobs_of_take("L1/K1", ["a"]))
    assert [row.owner for row in await rows.of_take("L1/K1")].count("w") == 1
    assert await rows.known() == {"L1/K1"}


async def test_the_operator_sees_what_failed_and_has_it_tried_again(engine: AsyncEngine) -> None:
    rows = JobRows(engine)
    await rows.add([jobs.Job("L1/K1/combined", "L1/K1", "combined")])
    job = await rows.take("w", 0)
    assert job is not None
    await rows.change(job, lambda job: jobs.failed(job, "w", "the disk is full", 0, hopeless=True))
    assert [(row.state, row.cause) for row in await rows.unsettled()] == [("failed", "the disk is full")]
    assert await rows.take("w", 10**12) is None
    assert await rows.again("L1/K1/combined", 0) and not await rows.again("L1/K1/combined", 0)
    assert await rows.take("w", 0) is not None
