"""Files as aiortc tracks: every frame at its time, and a line in the log of when it was sent."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av.frame import Frame
from av.packet import Packet

from classroom_client.core.playback import Pace, Position
from classroom_client.devices.copy import SmallCopy
from classroom_client.devices.file import FileSource, Piece, UnfitFile
from signaling.messages.ids import Source

LogSent = Callable[[Source, Position, float], None]
"""Source, which frame, wall clock in milliseconds since 1970."""


class FileTrack(MediaStreamTrack):
    """One source of a client; `level_dbov` is the loudness of the sound that was sent last."""

    def __init__(self, source: Source, file: FileSource, pace: Pace, log_sent: LogSent) -> None:
        super().__init__()
        self.kind = file.kind
        self.source = source
        self.passthrough = file.passthrough
        self.level_dbov: int | None = None
        self._file = file
        self._pace = pace
        self._log_sent = log_sent
        self.taps: list[Callable[[Piece], None]] = []

    async def recv(self) -> "Frame | Packet[Any]":
        """The next frame, when its time has come."""
        if self.readyState != "live":
            raise MediaStreamError
        try:
            piece = self._file.next()
        except UnfitFile:
            self.stop()
            raise MediaStreamError from None
        wait_ms = self._pace.wait_ms(piece.media_ms, time.monotonic() * 1000)
        if wait_ms > 0:
            await asyncio.sleep(wait_ms / 1000)
        self.level_dbov = piece.level_dbov
        self._log_sent(self.source, piece.position, time.time() * 1000)
        for tap in self.taps:
            tap(piece)
        return piece.data

    def stop(self) -> None:
        super().stop()
        self._file.close()


class CopyTrack(MediaStreamTrack):
    """The extra copy of a picture that is being sent, to be encoded by the transport."""

    kind = "video"
    WAITING_PIECES = 50
    """Two seconds of a lead's picture; beyond it the oldest wait no longer."""

    def __init__(self, original: FileTrack) -> None:
        super().__init__()
        self.source = original.source
        self._original = original
        self._pieces: asyncio.Queue[Piece | None] = asyncio.Queue()
        self._small = SmallCopy()
        original.taps.append(self._take)

    def _take(self, piece: Piece) -> None:
        if self._pieces.qsize() >= self.WAITING_PIECES:
            self._pieces.get_nowait()
        self._pieces.put_nowait(piece)

    async def recv(self) -> Frame:
        """The next frame; decoding is done aside, as encoding will be."""
        while self.readyState == "live" and (piece := await self._pieces.get()) is not None:
            frame = await asyncio.to_thread(self._small.frame, piece)
            if frame is not None:
                return frame
        raise MediaStreamError

    def stop(self) -> None:
        super().stop()
        if self._take in self._original.taps:
            self._original.taps.remove(self._take)
        self._pieces.put_nowait(None)
