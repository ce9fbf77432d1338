"""Jobs as rows: read, decide in core, write only if nobody was faster."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from recorder.core import jobs
from recorder.core.jobs import SETTLED, Job, LeaseLost
from recorder.net import tables
from signaling.messages.ids import LessonId


class JobRows:
    """All workers' common list; a method that returns has its change on the disk."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._readers = engine.execution_options(read_only=True)

    async def add(self, new: Iterable[Job]) -> None:
        """Adds the jobs that are not there yet."""
        async with self._engine.begin() as connection:
            await add(connection, new)

    async def of_take(self, take: str) -> tuple[Job, ...]:
        """All jobs of a take."""
        async with self._readers.connect() as connection:
            return await of_take(connection, take)

    async def known(self) -> frozenset[str]:
        """The takes that have jobs."""
        async with self._readers.connect() as connection:
            rows = await connection.execute(select(tables.jobs.c.take).distinct())
            return frozenset(row.take for row in rows)

    async def unsettled(self, limit: int = 200) -> tuple[Job, ...]:
        """What is to be done, and what failed: the list that the operator sees."""
        quiet = ("done", "dropped")
        async with self._readers.connect() as connection:
            query = select(tables.jobs).where(tables.jobs.c.state.not_in(quiet)).order_by(tables.jobs.c.id).limit(limit)
            return tuple(_job(row) for row in await connection.execute(query))

    async def under_way(self, lesson: LessonId) -> dict[str, tuple[Job, ...]]:
        """The jobs of the lesson's takes that are not on the shelf yet."""
        column = tables.jobs.c
        missing = (column.kind == "entry") & column.state.not_in(tuple(SETTLED))
        takes = select(column.take).where(missing & column.take.startswith(f"{lesson}/", autoescape=True))
        async with self._readers.connect() as connection:
            query = select(tables.jobs).where(column.take.in_(takes)).order_by(column.id)
            return _by_take(_job(row) for row in await connection.execute(query))

    async def take(self, worker: str, now_ms: int, gone: Callable[[str], bool] = lambda owner: False) -> Job | None:
        """Gives the worker a job that may be taken now, if there is one; `gone` knows workers that died."""
        for job in await self._free(now_ms, gone):
            mine = jobs.taken(job, worker, now_ms)
            if await self._put(mine) and mine.state == "running":
                return mine
        return None

    async def change(self, job: Job, step: Callable[[Job], Job]) -> Job:
        """Makes a step of the worker's own job; raises LeaseLost when somebody else has changed it."""
        changed = step(job)
        if not await self._put(changed):
            raise LeaseLost(f"the job {job.id} was changed by another")
        return changed

    async def again(self, id: str, now_ms: int) -> bool:
        """A person wants a failed job tried once more; tells whether it will be."""
        async with self._engine.begin() as connection:
            row = (await connection.execute(select(tables.jobs).where(tables.jobs.c.id == id))).one_or_none()
            if row is None:
                return False
            job = _job(row)
            changed = jobs.again(job, await of_take(connection, job.take), now_ms)
            return bool(changed) and all([await put(connection, each) for each in changed])

    async def check_again(self, before_ms: int, now_ms: int) -> None:
        """Has checks that were due before a time done once more."""
        column = tables.jobs.c
        old = (column.kind == "check") & column.state.in_(("done", "failed")) & (column.not_before_ms <= before_ms)
        async with self._engine.begin() as connection:
            for row in (await connection.execute(select(tables.jobs).where(old))).all():
                await put(connection, jobs.due_again(_job(row), now_ms))

    async def _free(self, now_ms: int, gone: Callable[[str], bool]) -> list[Job]:
        async with self._readers.connect() as connection:
            open_takes = select(tables.jobs.c.take).where(tables.jobs.c.state.not_in(tuple(SETTLED))).distinct()
            query = select(tables.jobs).where(tables.jobs.c.take.in_(open_takes)).order_by(tables.jobs.c.id)
            every = [_job(row) for row in await connection.execute(query)]
        together = _by_take(every)
        dead = {job.owner for job in every if job.state == "running" and gone(job.owner)}
        return [job for job in every if jobs.may_take(job, together[job.take], now_ms, dead)]

    async def _put(self, changed: Job) -> bool:
        async with self._engine.begin() as connection:
            return await put(connection, changed)


async def add(connection: AsyncConnection, new: Iterable[Job]) -> None:
    """Adds jobs within somebody's transaction."""
    rows = [asdict(job) for job in new]
    if rows:
        await connection.execute(insert_or(tables.jobs).on_conflict_do_nothing(), rows)


async def of_take(connection: AsyncConnection, take: str) -> tuple[Job, ...]:
    """All jobs of a take, within somebody's transaction."""
    query = select(tables.jobs).where(tables.jobs.c.take == take).order_by(tables.jobs.c.id)
    return tuple(_job(row) for row in await connection.execute(query))


async def put(connection: AsyncConnection, changed: Job) -> bool:
    """Writes a job if its row still has the version before."""
    column = tables.jobs.c
    same = (column.id == changed.id) & (column.version == changed.version - 1)
    done = await connection.execute(update(tables.jobs).where(same).values(asdict(changed)))
    return done.rowcount == 1


def _job(row: Any) -> Job:
    return Job(**row._mapping)


def _by_take(every: Iterable[Job]) -> dict[str, tuple[Job, ...]]:
    found: dict[str, tuple[Job, ...]] = {}
    for job in every:
        found[job.take] = (*found.get(job.take, ()), job)
    return found
