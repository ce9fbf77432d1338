"""Deletion and expiry: what stays is signed before anything goes."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Final

import structlog

from recorder.core.catalogue import Entry
from recorder.core.form import FormatError
from recorder.core.names import TakeId
from recorder.core.tombstone import Tombstone, write_tombstone
from recorder.disk.depot import Depot
from recorder.disk.store import StoreAway
from recorder.disk.takes import Takes
from recorder.net.shelf_rows import ShelfRows, Shelved, Stone
from recorder.net.signing import Signer
from signaling.messages.ids import LessonId

log = structlog.get_logger("recorder.removal")

AT_ONCE_S: Final = 5.0
"""So long a person who deletes waits for the store."""


class Remover:
    """Takes things off the shelf for good."""

    def __init__(self, takes: Takes, depot: Depot, shelf: ShelfRows, signer: Signer, tombstone_key: bytes) -> None:
        self._takes, self._depot, self._shelf, self._signer = takes, depot, shelf, signer
        self._tombstone_key: Final = tombstone_key

    async def delete(self, shelved: Shelved, by: str, why: str, now_ms: int) -> Stone:
        """Signs the tombstone, takes the entry away, and makes the files unreadable; a job then removes them."""
        tombstone = self._of(shelved.entry, by, why, now_ms)
        lesson, take = split(shelved.entry.take)
        self._takes.put_tombstone(lesson, take, write_tombstone(self._tombstone_key, tombstone))
        return await self._take_away(shelved, tombstone, now_ms)

    async def end_begun(self, now_ms: int) -> int:
        """Ends deletions whose process went between tombstone and catalogue: who asked was told nothing yet."""
        kept, ended = {each.take for each in await self._shelf.kept()}, 0
        for lesson, take in await asyncio.to_thread(lambda: list(self._takes.tombstones())):
            if f"{lesson}/{take}" not in kept or (shelved := await self._shelf.of_take(f"{lesson}/{take}")) is None:
                continue
            if shelved.held:
                self._takes.withdraw_tombstone(lesson, take)  # somebody keeps it as evidence since
                continue
            try:
                tombstone = self._takes.tombstone(lesson, take)
            except (FormatError, OSError) as error:
                log.error("tombstone_unreadable", lesson=lesson, take=take, cause=str(error))
                continue
            await self._take_away(shelved, tombstone, now_ms)
            ended += 1
        return ended

    async def _take_away(self, shelved: Shelved, tombstone: Tombstone, now_ms: int) -> Stone:
        lesson, take = split(shelved.entry.take)
        stone = self._stone(shelved.entry, "all", tombstone)
        await self._shelf.delete(shelved, stone, now_ms)
        self._takes.forget_key(lesson, take)
        with suppress(StoreAway, TimeoutError):  # then the job that removes the files does it first
            await asyncio.wait_for(asyncio.to_thread(self._depot.forget_key, lesson, take), AT_ONCE_S)
        return stone

    async def expire_raw(self, shelved: Shelved, now_ms: int) -> None:
        """Removes the raw tracks, whose time is over; what was made of them stays."""
        lesson, take = split(shelved.entry.take)
        tombstone = self._of(shelved.entry, "retention", "the time for raw tracks is over", now_ms)
        stone = self._stone(shelved.entry, "raw", tombstone)
        entry = replace(shelved.entry, tracks=())
        await asyncio.to_thread(self._depot.remove_raw, lesson, take, [part.name for part in entry.parts])
        await self._shelf.raw_gone(entry, stone)

    def _stone(self, entry: Entry, part: str, tombstone: Tombstone) -> Stone:
        claims: dict[str, object] = {
            "iss": "library",
            "sub": entry.id,
            "iat": tombstone.deleted_at_ms // 1000,
            "part": part,
            "title": entry.title,
            "school": entry.school,
            "lesson": tombstone.lesson,
            "take": tombstone.take,
            "held_at_ms": entry.held_at_ms,
            "duration_ms": entry.duration_ms,
            "sources": list(tombstone.sources),
            "files": tombstone.files,
            "sealed_bytes": tombstone.sealed_bytes,
            "manifest_sha256": tombstone.manifest_sha256,
            "deleted_at_ms": tombstone.deleted_at_ms,
            "by": tombstone.deleted_by,
            "why": tombstone.reason,
        }
        return Stone(entry.id, part, tombstone.deleted_at_ms, self._signer.sign(claims))

    def _of(self, entry: Entry, by: str, why: str, now_ms: int) -> Tombstone:
        lesson, take = split(entry.take)
        files, sealed_bytes = self._takes.used_bytes(lesson, take)
        return Tombstone(
            take=take,
            lesson=lesson,
            started_at_ms=entry.held_at_ms,
            duration_us=entry.duration_ms * 1000,
            sources=entry.sources,
            files=files,
            sealed_bytes=sealed_bytes,
            manifest_sha256=sha256(self._takes.manifest_bytes(lesson, take)).hexdigest(),
            deleted_at_ms=now_ms,
            deleted_by=by,
            reason=why,
        )


def split(take: str) -> tuple[LessonId, TakeId]:
    """`L…/K…` as jobs and entries name a take; raises FormatError."""
    lesson, slash, name = take.partition("/")
    if not slash or not lesson or not name or "/" in name:
        raise FormatError(f"{take!r} names no take")
    return LessonId(lesson), TakeId(name)
