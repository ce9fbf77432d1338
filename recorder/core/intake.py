"""What waits for the disk: bounded, and what it cannot hold becomes a gap instead of memory."""

from collections import deque
from typing import Final, Generic, Literal, TypeVar

T = TypeVar("T")

MOST_BYTES: Final = 32 << 20
"""About 20 s of a room; a disk that sleeps longer has failed."""


class Intake(Generic[T]):
    """A queue in bytes. Once it has overflowed nothing comes in before half of it is gone: one gap, not many."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most: Final = most_bytes
        self._waiting: deque[tuple[T | Literal["overflow"], int]] = deque()
        self._bytes = 0
        self._overflowed = False
        self.dropped = 0
        """Items that did not fit."""

    def put(self, item: T, size: int, *, must: bool = False) -> bool:
        """Takes an item, or drops it; what is small and `must` not be lost always fits."""
        if not must:
            if self._overflowed and self._bytes > self._most // 2:
                self.dropped += 1
                return False
            self._overflowed = False
            if self._bytes + size > self._most:
                self._overflowed = True
                if not self._waiting or self._waiting[-1][0] != "overflow":
                    self._waiting.append(("overflow", 0))
                self.dropped += 1
                return False
        self._waiting.append((item, size))
        self._bytes += size
        return True

    def take(self) -> T | Literal["overflow"] | None:
        """The oldest; `overflow` stands where something was dropped; None when nothing waits."""
        if not self._waiting:
            return None
        item, size = self._waiting.popleft()
        self._bytes -= size
        return item

    def __len__(self) -> int:
        return len(self._waiting)
