"""Plays sealed files over HTTP: permitted, logged, then only the chunks of the range are opened."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Final

import structlog
from aiohttp import web

from recorder.core.access import Viewer, decide
from recorder.core.catalogue import Part, part_named
from recorder.core.form import FormatError
from recorder.core.keys import WrongMaster
from recorder.core.ranges import NotSatisfiable, Span, asked, cut
from recorder.disk.sealed import SealedReader
from recorder.disk.store import StoreAway
from recorder.disk.takes import Takes
from recorder.net.clock import wall_ms
from recorder.net.library_views import picture, problem
from recorder.net.removal import split
from recorder.net.shelf_rows import Playback, ShelfRows, Shelved

log = structlog.get_logger("recorder.library")

PIECE: Final = 1 << 20
ONE_PLAYBACK_MS: Final = 30 * 60 * 1000
"""A player asks for a film in many ranges; within this time they are one playback in the log."""
MOST_REMEMBERED: Final = 10_000


def deed(viewer: Viewer, shelved: Shelved, act: str, why: str, now_ms: int) -> Playback:
    """A line of the log: who did what to a resource."""
    return Playback(
        at_ms=now_ms,
        resource=shelved.entry.id,
        act=act,
        file="",
        role=viewer.role,
        seat=viewer.seat,
        school=viewer.school,
        token=viewer.token,
        allowed=True,
        why=why,
    )


class Playing:
    """Everything about giving bytes away."""

    def __init__(self, takes: Takes, shelf: ShelfRows) -> None:
        self._takes, self._shelf = takes, shelf
        self._lately: OrderedDict[tuple[str, str, str, bool], int] = OrderedDict()

    async def serve(self, request: web.Request, viewer: Viewer, shelved: Shelved, name: str) -> web.StreamResponse:
        """GET …/files/{name}"""
        part = part_named(shelved.entry, name)
        verdict = decide(viewer, "play", shelved.holding)
        await self._log(viewer, shelved, name if part is not None else "", verdict.allowed, verdict.why)
        if not verdict.allowed:
            return problem(403, "not_permitted", verdict.why)
        if part is None:
            return problem(404, "unknown_file", "This lesson has no such file.")
        try:
            reader = await asyncio.to_thread(self._takes.derived, *split(shelved.entry.take), part.name)
        except (StoreAway, FormatError, OSError) as error:
            return _unreadable(part, error)
        return await self._send(request, part, reader, partial(self._refuse_meanwhile, viewer, shelved.entry.id))

    async def _refuse_meanwhile(self, viewer: Viewer, resource: str) -> None:
        """A film is sent for as long as it is watched: an objection or deletion meanwhile ends it."""
        shelved = await self._shelf.get(resource)
        if shelved is None or not decide(viewer, "play", shelved.holding).allowed:
            log.info("playback_ended", resource=resource, token=viewer.token)
            raise ConnectionAbortedError("it may no longer be played")

    async def _send(
        self, request: web.Request, part: Part, reader: SealedReader, still: Callable[[], Awaitable[None]]
    ) -> web.StreamResponse:
        headers = {
            "Content-Type": part.media_type,
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-store",
            "Content-Disposition": "inline",
            "ETag": f'"{part.sha256[:32]}"',
        }
        try:
            span = asked(request.headers.get("Range"), reader.size)
        except NotSatisfiable:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{reader.size}"})
        in_part = span is not None
        span = span or Span(0, reader.size)
        if in_part:
            headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{reader.size}"
        wanted = request.method != "HEAD" and span.length > 0
        pieces = cut(span, PIECE) if wanted else ()
        try:
            first = await asyncio.to_thread(reader.read, pieces[0].start, pieces[0].length) if pieces else b""
        except (StoreAway, FormatError, OSError) as error:
            return _unreadable(part, error)
        response = web.StreamResponse(status=206 if in_part else 200, headers=headers)
        response.content_length = span.length
        await response.prepare(request)
        if first:
            await response.write(first)
        for piece in pieces[1:]:
            await still()
            await response.write(await asyncio.to_thread(_further, reader, piece))
        await response.write_eof()
        return response

    async def _log(self, viewer: Viewer, shelved: Shelved, file: str, allowed: bool, why: str) -> None:
        """Returns once the line is on the disk."""
        now_ms, key = wall_ms(), (viewer.token, shelved.entry.id, file, allowed)
        last_ms = self._lately.pop(key, None)
        if last_ms is not None and now_ms - last_ms < ONE_PLAYBACK_MS:
            self._lately[key] = last_ms
            return
        act = "look" if picture(shelved.entry, file) else "play"
        await self._shelf.log(replace(deed(viewer, shelved, act, why, now_ms), file=file, allowed=allowed))
        self._lately[key] = now_ms
        while len(self._lately) > MOST_REMEMBERED:
            self._lately.popitem(last=False)


def _further(reader: SealedReader, piece: Span) -> bytes:
    """What was begun cannot be answered otherwise any more: the player asks again for what it misses."""
    try:
        return reader.read(piece.start, piece.length)
    except (StoreAway, FormatError, OSError) as error:
        log.error("file_unreadable", cause=str(error))
        raise ConnectionAbortedError(str(error)) from None


def _unreadable(part: Part, error: Exception) -> web.Response:
    """A store that is away comes back, and so does a key; a file that is damaged does not."""
    log.error("file_unreadable", file=part.name, cause=str(error))
    if isinstance(error, StoreAway):
        return problem(503, "store_away", "The store of the recordings does not answer now; try again in a minute.")
    if isinstance(error, WrongMaster):
        return problem(503, "wrong_master", "This is locked with a master key that the operator has to put back.")
    return problem(410, "file_gone", "The file cannot be read any more; the operator's log says why.")
