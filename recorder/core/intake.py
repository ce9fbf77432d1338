"""What waits for the disk: bounded, and what it cannot hold becomes a gap instead of memory."""

from collections import deque
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MOST_BYTES: Final = 32 << 20
"""About 20 s of a room; a disk that sleeps longer has failed."""


class Intake(Generic[T]):
    """A queue in bytes. Once it has overflowed nothing comes in before half of it is gone: one gap, not many."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most: Final = most_bytes
        self._waiting: deque[tuple[T, int]] = deque()
        self._bytes = 0
        self._overflowed = False
        self._ends_marked = False
        self.dropped = 0
        """Items that did not fit."""

    def put(self, item: T, size: int, instead: T) -> bool:
        """Takes an item, or drops it; `instead` stands, once, where something was dropped."""
        if self._bytes + size <= (self._most // 2 if self._overflowed else self._most):
            self._overflowed = False
            self.push(item, size)
            return True
        self._overflowed = True
        self.dropped += 1
        if not self._ends_marked:
            self._waiting.append((instead, 0))
            self._ends_marked = True
        return False

    def push(self, item: T, size: int = 0) -> None:
        """Takes what is small and must not be lost."""
        self._waiting.append((item, size))
        self._bytes += size
        self._ends_marked = False

    def take(self) -> T | None:
        """The oldest; None when nothing waits."""
        if not self._waiting:
            self._ends_marked = False
            return None
        item, size = self._waiting.popleft()
        self._bytes -= size
        return item

    def take_all(self, most: int) -> list[T]:
        """The oldest, up to so many."""
        taken: list[T] = []
        while len(taken) < most and (item := self.take()) is not None:
            taken.append(item)
        return taken

    def __len__(self) -> int:
        return len(self._waiting)
