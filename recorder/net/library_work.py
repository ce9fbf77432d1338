"""What the pages are told of the work after the bell: how far it is, what failed and why."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from recorder.core import jobs
from recorder.core.form import FormatError
from recorder.core.jobs import Job
from recorder.disk.takes import Takes
from recorder.net.job_rows import JobRows
from recorder.net.removal import split
from recorder.net.shelf_rows import ShelfRows
from signaling.messages.ids import LessonId

MOST_NAMES: Final = 1000


class Work:
    """Jobs with the names that people know their takes by."""

    def __init__(self, takes: Takes, rows: JobRows, shelf: ShelfRows) -> None:
        self._takes, self._rows, self._shelf = takes, rows, shelf
        self._names: dict[str, tuple[str, int]] = {}

    async def coming(self, lesson: LessonId) -> list[dict[str, Any]]:
        """The takes of one lesson that are not on the shelf yet."""
        return [
            {**await self._named(take), "progress": round(jobs.progress(of_take), 3)}
            for take, of_take in (await self._rows.under_way(lesson)).items()
        ]

    async def unsettled(self) -> list[dict[str, Any]]:
        """All takes with work to be done or failed, and of each its jobs."""
        of_take: dict[str, list[Job]] = {}
        for job in await self._rows.unsettled():
            of_take.setdefault(job.take, []).append(job)
        return [await self._take(take, left) for take, left in of_take.items()]

    async def _take(self, take: str, left: Sequence[Job]) -> dict[str, Any]:
        shelved = await self._shelf.of_take(take)
        whole = jobs.progress(await self._rows.of_take(take))
        return {
            **await self._named(take),
            "resource": shelved.entry.id if shelved is not None else "",
            "progress": round(whole, 3),
            "jobs": [_job(job) for job in left],
        }

    async def _named(self, take: str) -> dict[str, Any]:
        """Title and day; of a take that cannot be read any more, its name alone."""
        if take not in self._names:
            try:
                manifest = await asyncio.to_thread(self._takes.manifest, *split(take))
            except (FormatError, OSError):
                return {"take": take, "title": "", "held_at_ms": 0}
            if len(self._names) >= MOST_NAMES:
                self._names.clear()
            self._names[take] = (manifest.title, manifest.started_at_ms)
        title, held_at_ms = self._names[take]
        return {"take": take, "title": title, "held_at_ms": held_at_ms}


def _job(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "subject": job.subject,
        "state": job.state,
        "progress": round(job.progress, 3),
        "attempts": job.attempts,
        "not_before_ms": job.not_before_ms,
        "cause": job.cause,
    }
