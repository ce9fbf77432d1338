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
from classroom_client.devices.file import FileSource, UnfitFile
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
        return piece.data

    def stop(self) -> None:
        super().stop()
        self._file.close()
