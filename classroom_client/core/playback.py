"""Time of a looping file: positions rise without a break however often it starts anew."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """Which frame of a looping file this is."""

    loop: int
    """How often the file has started anew."""
    frame: int
    """Index in the file; the clip's QR mark shows the same number."""
    ticks: int
    """Since the start of the first loop, in the source's clock."""


class LoopClock:
    """Turns each frame's time in the file into ticks that never jump back."""

    def __init__(self) -> None:
        self._loop = 0
        self._frame = 0
        self._loop_start = 0
        self._end = 0

    def next(self, ticks_in_file: int, duration: int) -> Position:
        """Places the next frame of this loop."""
        position = Position(self._loop, self._frame, self._loop_start + ticks_in_file)
        self._frame += 1
        self._end = max(self._end, position.ticks + duration)
        return position

    def start_anew(self) -> None:
        """The file begins again where its last frame ended; raises ValueError when it had none."""
        if not self._frame:
            raise ValueError("a file without frames cannot loop")
        self._loop += 1
        self._frame = 0
        self._loop_start = self._end


class Pace:
    """When each tick of all sources of a client is due, on one clock, so that sound and picture stay together."""

    LATEST_MS = 1000.0
    """A process that slept longer than this does not catch up in a burst, it goes on from now."""

    def __init__(self) -> None:
        self._origin_ms: float | None = None

    def wait_ms(self, media_ms: float, now_ms: float) -> float:
        """How long to wait before sending what lies `media_ms` after the start."""
        if self._origin_ms is None:
            self._origin_ms = now_ms - media_ms
        wait = self._origin_ms + media_ms - now_ms
        if wait < -self.LATEST_MS:
            self._origin_ms -= wait
        return max(0.0, wait)
