"""The publisher's log of which frame was sent when: with the mark in each picture it gives the delay at the far end."""

from collections import deque
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple

from classroom_client.core.playback import Position
from signaling.messages.ids import Source

LARGEST_BYTES = 32 * 1024 * 1024
"""About two days of a lead's frames; then the file moves aside, in place of the one before."""
REMEMBERED = 4096


class Sent(NamedTuple):
    """One line of the log."""

    sent_ms: float
    """Wall clock, since 1970."""
    source: Source
    loop: int
    frame: int


class SentLog:
    """Remembers the last frames, and writes all of them when a path is given: time, source, loop, frame."""

    def __init__(self, path: Path | None) -> None:
        self.recent: deque[Sent] = deque(maxlen=REMEMBERED)
        self._path = path
        self._file: TextIOWrapper | None = None
        self._bytes = 0
        if path is not None:
            self._begin(path)

    def __call__(self, source: Source, position: Position, sent_ms: float) -> None:
        self.recent.append(Sent(sent_ms, source, position.loop, position.frame))
        if self._file is not None and self._path is not None:
            self._bytes += self._file.write(f"{sent_ms:.1f} {source} {position.loop} {position.frame}\n")
            if self._bytes >= LARGEST_BYTES:
                self.close()
                self._path.replace(self._path.with_suffix(".old"))
                self._begin(self._path)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", buffering=1)
        self._bytes = 0
