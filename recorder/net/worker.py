"""The worker's loop: finds finished takes, takes jobs under a lease, and does them in one thread beside."""

import asyncio
import errno
import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import OperationalError

from recorder.core import jobs, retention
from recorder.core.after_bell import whole_tracks
from recorder.core.form import FormatError
from recorder.core.jobs import LEASE_MS, Job, Later, LeaseLost
from recorder.core.keys import WrongMaster
from recorder.core.retention import DAY_MS, Pulse, Terms
from recorder.disk.checking import check
from recorder.disk.depot import Depot
from recorder.disk.living import Living
from recorder.disk.remux import RemuxError
from recorder.disk.rewrapping import wrap_anew
from recorder.disk.steps import Steps
from recorder.disk.store import StoreAway
from recorder.disk.takes import Takes
from recorder.net.clock import since_boot_s, wall_ms
from recorder.net.job_rows import JobRows
from recorder.net.removal import Remover, split
from recorder.net.shelf_rows import ShelfRows

log = structlog.get_logger("recorder.worker")

LOOK_S: Final = 2.0
"""How soon a finished take is seen."""
CLOCKS_EVERY_S: Final = 3600.0
SETTLES_S: Final = 600.0
"""By then a machine has asked for the time, if it is told it at all."""
RENEW_S: Final = LEASE_MS / 1000 / 6


class Worker:
    """One process that works after the bell."""

    def __init__(
        self,
        takes: Takes,
        depot: Depot,
        rows: JobRows,
        shelf: ShelfRows,
        remover: Remover,
        *,
        region: str,
        terms: Terms,
        reserve_bytes: int = 0,
        now_ms: Callable[[], int] = wall_ms,
        up_s: Callable[[], float] = since_boot_s,
        living: Path | None = None,
    ) -> None:
        self._takes, self._depot, self._rows, self._shelf, self._remover = takes, depot, rows, shelf, remover
        self._region, self._terms, self._reserve, self._now_ms = region, terms, reserve_bytes, now_ms
        self._up_s = up_s
        self._clocks_due_s = 0.0
        self._pulse: Pulse | None = None
        self._unreadable: dict[str, str] = {}
        self.name: Final = f"{os.uname().nodename[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
        self._living: Final = None if living is None else Living(living, self.name)

    async def run(self, stop: asyncio.Event) -> None:
        """Works until told to stop; a job that is under way is given back."""
        while not stop.is_set():
            try:
                busy = await self._round(stop)
            except OperationalError as error:
                # Nothing that was noted is lost, and a job under way is another's when its lease is over.
                log.error("database_refuses", cause=str(error.orig))
                busy = False
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_S)

    def close(self) -> None:
        """Leaves; what was under way has been given back."""
        if self._living is not None:
            self._living.close()

    async def _round(self, stop: asyncio.Event) -> bool:
        await self.look()
        await self.enlist()
        return await self.turn(stop)

    async def look(self) -> None:
        """Looks after keys and clocks when it is time; removes nothing for a clock that was set or has just begun."""
        up_s = self._up_s()
        if up_s < self._clocks_due_s:
            return
        before, self._pulse = self._pulse, Pulse(self._now_ms(), round(up_s * 1000))
        # Before keys: of a lesson with a tombstone none is wrapped anew.
        if ended := await self._remover.end_begun(self._now_ms()):
            log.warning("deletions_ended", takes=ended)
        await self.look_at_keys()
        if retention.steady(before, self._pulse):
            await self.look_at_clocks()
            self._clocks_due_s = up_s + CLOCKS_EVERY_S
            return
        if before is not None:
            log.warning("clock_was_set", since_ms=before.wall_ms, now_ms=self._pulse.wall_ms)
        self._clocks_due_s = up_s + SETTLES_S

    async def enlist(self) -> None:
        """Makes jobs of every finished take that has none."""
        known = await self._rows.known()
        for lesson, take in await asyncio.to_thread(lambda: list(self._takes.finished())):
            if (name := f"{lesson}/{take}") in known:
                continue
            try:
                manifest = await asyncio.to_thread(self._takes.manifest, lesson, take)
            except (FormatError, StoreAway, OSError) as error:
                self._say_unreadable(name, str(error))
                continue
            await self._rows.add(jobs.jobs_of_take(name, [whole.name for whole in whole_tracks(manifest)]))
            log.info("take_enlisted", take=name)

    def _say_unreadable(self, take: str, cause: str) -> None:
        """Once, and not at each look."""
        if self._unreadable.get(take) != cause:
            self._unreadable[take] = cause
            log.warning("take_unreadable", take=take, cause=cause)

    async def look_at_keys(self) -> None:
        """Wraps keys of a former master anew; of a master that nobody named it is said which it is."""
        try:
            found = await asyncio.to_thread(wrap_anew, self._depot)
        except (StoreAway, OSError) as error:
            log.warning("keys_wait", cause=str(error))
            return
        if found.lessons:
            log.info("keys_wrapped_anew", lessons=found.lessons)
        if found.left:
            log.error("lessons_locked", lessons=len(found.left), first=found.left[0])

    async def look_at_clocks(self) -> None:
        """Removes what has had its time."""
        now_ms = self._now_ms()
        await self._rows.add([jobs.storing(take) for take in await self._shelf.unstored()])
        kept = await self._shelf.kept()
        for each in retention.due(kept, self._terms, now_ms):
            if each.part == "segments":
                await self._rows.add([jobs.thinning(each.take, now_ms)])
            elif each.part == "raw":
                await self._rows.add([jobs.expiry(each.take, now_ms)])
            elif (shelved := await self._shelf.of_take(each.take)) is not None:
                await self._remover.delete(shelved, "retention", "its time on the shelf is over", now_ms)
        await self._rows.add([jobs.checking(take, now_ms) for take in retention.unchecked(kept, self._terms, now_ms)])
        if self._terms.check_days:
            await self._rows.check_again(now_ms - self._terms.check_days * DAY_MS, now_ms)
        await self._shelf.forget_log(retention.log_before_ms(self._terms, now_ms))

    async def turn(self, stop: asyncio.Event | None = None) -> bool:
        """Does one job, if there is one; says whether there was."""
        gone = (lambda owner: False) if self._living is None else self._living.gone
        job = await self._rows.take(self.name, self._now_ms(), gone)
        if job is None:
            return False
        log.info("job_begins", job=job.id, attempt=job.attempts)
        holding = _Holding(self._rows, job, self.name, self._now_ms)
        renewing = asyncio.create_task(holding.keep(stop))
        try:
            try:
                await self._do(job, holding.beat)
            finally:
                holding.over.set()
                await renewing
            await holding.change(lambda mine: jobs.done(mine, self.name))
            log.info("job_done", job=job.id)
        except LeaseLost as lost:
            log.warning("job_lost", job=job.id, cause=str(lost))
            if holding.told_to_stop:
                with suppress(LeaseLost):
                    await holding.change(lambda mine: jobs.given_back(mine, self.name, self._now_ms()))
        except Exception as error:
            await self._note_failure(holding, job, error)
        return True

    async def _note_failure(self, holding: "_Holding", job: Job, error: Exception) -> None:
        hopeless = isinstance(error, RemuxError | FormatError | FileNotFoundError)
        cause = str(error) or type(error).__name__
        if isinstance(error, Later | WrongMaster) or _full(error):
            words = "Waits for room: the disk is full." if _full(error) else cause
            log.warning("job_waits", job=job.id, cause=words)
            with suppress(LeaseLost):
                await holding.change(lambda mine: jobs.put_off(mine, self.name, words, self._now_ms()))
            return
        log.warning("job_failed", job=job.id, cause=cause, exc_info=not hopeless)
        with suppress(LeaseLost):
            await holding.change(lambda mine: jobs.failed(mine, self.name, cause, self._now_ms(), hopeless=hopeless))

    async def _do(self, job: Job, beat: Callable[[float], None]) -> None:
        lesson, take = split(job.take)
        if job.kind == "remove":
            await asyncio.to_thread(self._depot.remove, lesson, take)
        elif job.kind == "store":
            await asyncio.to_thread(self._depot.put, lesson, take, beat)
        elif job.kind == "check":
            # All of a folder is read; of a bucket, where reading has a price, names and lengths.
            content = self._depot.store.root is not None
            await asyncio.to_thread(partial(check, self._depot, lesson, take, beat, content=content))
        elif job.kind == "thin":
            if (shelved := await self._shelf.of_take(job.take)) is not None and not shelved.held:
                await asyncio.to_thread(self._depot.thin, lesson, take)
                log.info("segments_removed", take=job.take)
        elif job.kind == "expire":
            if (shelved := await self._shelf.of_take(job.take)) is not None and not shelved.held:
                await self._remover.expire_raw(shelved, self._now_ms())
        elif job.kind == "entry":
            others = await self._rows.of_take(job.take)
            steps = await asyncio.to_thread(Steps, self._takes, lesson, take, self.name)
            await self._shelf.put(await asyncio.to_thread(steps.entry, self._region, others, beat))
        else:
            await asyncio.to_thread(self._file, job, beat)

    def _file(self, job: Job, beat: Callable[[float], None]) -> None:
        steps = Steps(self._takes, *split(job.take), self.name, self._reserve)
        if job.kind == "track":
            steps.track(job.subject, beat)
        elif job.kind == "combined":
            steps.combined(beat)
        else:
            steps.pictures(beat)


def _full(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


class _Holding:
    """A job under lease: the loop renews it, the thread is told when it is lost."""

    def __init__(self, rows: JobRows, job: Job, worker: str, now_ms: Callable[[], int]) -> None:
        self._rows, self._job, self._worker, self._now_ms = rows, job, worker, now_ms
        self._progress = 0.0
        self._lost = threading.Event()
        self.told_to_stop = False
        self.over = asyncio.Event()

    def beat(self, progress: float) -> None:
        """From the thread: how far it is; raises LeaseLost when it must stop."""
        self._progress = progress
        if self._lost.is_set():
            raise LeaseLost(f"the job {self._job.id} is to be left")

    async def change(self, step: Callable[[Job], Job]) -> None:
        """Writes a step of the job."""
        self._job = await self._rows.change(self._job, step)

    async def keep(self, stop: asyncio.Event | None) -> None:
        """Renews the lease until the work is over."""
        over = asyncio.ensure_future(self.over.wait())
        stopping = asyncio.ensure_future((stop or asyncio.Event()).wait())
        try:
            while not self.over.is_set() and not self._lost.is_set():
                await asyncio.wait({over, stopping}, timeout=RENEW_S, return_when=asyncio.FIRST_COMPLETED)
                if not over.done() and stopping.done():
                    self.told_to_stop = True
                    self._lost.set()
                elif not over.done():
                    await self._renew()
        finally:
            over.cancel()
            stopping.cancel()

    async def _renew(self) -> None:
        try:
            await self.change(lambda mine: jobs.kept(mine, self._worker, self._progress, self._now_ms()))
        except LeaseLost:
            self._lost.set()
