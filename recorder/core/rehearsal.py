"""A file that is written twice: once to learn where the muxer goes back, then from end to end, as it will stay.

What is sealed can only be written forwards, and nothing may lie on the disk in plain. The first time all bytes are
forgotten but those that the muxer wrote later over earlier ones, and those that it put behind at last.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

LARGEST_TAIL: Final = 64 << 20
"""Some hours of lesson have an MP4 table of a few MiB."""


@dataclass(frozen=True, slots=True)
class Script:
    """What the rehearsal taught."""

    size: int
    patches: tuple[tuple[int, bytes], ...]
    """Where the muxer went back, and what it wrote there; sorted, none over another."""
    tail_start: int
    """What was written from here on came after it had gone back: an MP4's table."""
    tail: bytes


class Rehearsal:
    """Takes a muxer's writes at any place, and keeps only what is needed for the real performance."""

    def __init__(self) -> None:
        self._place = 0
        self._end = 0
        self._over: dict[int, int] = {}
        self._tail_start: int | None = None
        self._tail = bytearray()

    def write(self, data: bytes) -> None:
        """Takes bytes at the present place."""
        fresh = max(0, self._place + len(data) - self._end)
        back = len(data) - fresh
        for i in range(back):
            self._over[self._place + i] = data[i]
        if fresh and self._over:
            self._tail_start = self._end if self._tail_start is None else self._tail_start
            self._tail += data[back:]
            if len(self._tail) > LARGEST_TAIL:
                raise ValueError("the muxer goes back in the middle of the file, which nobody expected of it")
        self._place += len(data)
        self._end = max(self._end, self._place)

    def seek(self, place: int) -> None:
        """Goes to a place."""
        self._place = place

    @property
    def place(self) -> int:
        """Where the next byte goes."""
        return self._place

    @property
    def size(self) -> int:
        """How long the file is so far."""
        return self._end

    def script(self) -> Script:
        """What was learned, once the muxer has closed."""
        start = self._end if self._tail_start is None else self._tail_start
        for place in [place for place in self._over if place >= start]:
            self._tail[place - start] = self._over.pop(place)
        return Script(self._end, _runs(self._over), start, bytes(self._tail))


class Performance:
    """The same writes once more; gives each byte once, in order, as it is at the end. Going back is ignored."""

    def __init__(self, script: Script) -> None:
        self._script: Final = script
        self._starts: Final = [place for place, _ in script.patches]
        self._place = 0
        self._given = 0

    def write(self, data: bytes) -> bytes:
        """What of these bytes goes into the file now."""
        begin, self._place = self._place, self._place + len(data)
        if self._place <= self._given:
            return b""
        if begin > self._given:
            raise ValueError("the muxer left a hole that it did not leave at the rehearsal")
        fresh = self._patched(self._given, data[self._given - begin :])
        self._given = self._place
        return fresh

    def seek(self, place: int) -> None:
        """Goes to a place."""
        self._place = place

    @property
    def place(self) -> int:
        """Where the next byte goes."""
        return self._place

    @property
    def given(self) -> int:
        """How many bytes were given."""
        return self._given

    def _patched(self, start: int, data: bytes) -> bytes:
        end = start + len(data)
        changed = bytearray(data)
        first = max(0, bisect_right(self._starts, start) - 1)
        for place, patch in self._script.patches[first:]:
            if place >= end:
                break
            low, high = max(place, start), min(place + len(patch), end)
            if low < high:
                changed[low - start : high - start] = patch[low - place : high - place]
        return bytes(changed)


def _runs(over: dict[int, int]) -> tuple[tuple[int, bytes], ...]:
    runs: list[tuple[int, bytearray]] = []
    for place in sorted(over):
        if runs and runs[-1][0] + len(runs[-1][1]) == place:
            runs[-1][1].append(over[place])
        else:
            runs.append((place, bytearray([over[place]])))
    return tuple((place, bytes(run)) for place, run in runs)
