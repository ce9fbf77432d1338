"""From packets to complete frames: in order, repaired where a repair comes in time, and never waiting for ever.

aiortc's own buffer gives a lost packet up only 512 packets later: for a room's picture that is a quarter of a minute.
"""

from dataclasses import dataclass

from signaling.messages.ids import Kind

PATIENCE_MS = {"video": 400.0, "audio": 80.0}
"""Two round trips of the worst line that a lesson is expected on; sound is concealed sooner."""
FARTHEST = 3000
"""A sequence number further off than this belongs to another stream (RFC 3550 appendix A.1)."""
_SEQUENCES = 1 << 16
_TIMESTAMPS = 1 << 32


@dataclass(frozen=True, slots=True)
class Part:
    """One packet's share of a frame."""

    sequence: int
    timestamp: int
    ends_frame: bool
    """The marker bit, which for a picture is on its last packet (RFC 6184 section 5.1, RFC 7741 section 4.1)."""
    data: bytes
    """Without the payload format's own framing."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A complete frame."""

    data: bytes
    timestamp: int
    """Does not wrap."""


class Assembler:
    """One stream; `given_up` counts the packets that were not waited for any longer."""

    def __init__(self, kind: Kind) -> None:
        self.given_up = 0
        self._kind = kind
        self._waiting: dict[int, Part] = {}
        self._next: int | None = None
        self._gap_since_ms: float | None = None
        self._begun: list[Part] = []
        self._skipped_timestamp: int | None = None
        self._time = 0

    def add(self, part: Part, now_ms: float) -> tuple[list[Frame], bool]:
        """The frames that this packet completes, and whether something was lost for good."""
        sequence = self._unwrapped(part.sequence)
        if self._next is not None and sequence < self._next:
            return [], False
        self._waiting[sequence] = part
        frames = self._drain(now_ms)
        lost = self._gap_since_ms is not None and now_ms - self._gap_since_ms >= PATIENCE_MS[self._kind]
        if lost:
            self._give_up()
            frames += self._drain(now_ms)
        return frames, lost

    def _unwrapped(self, sequence: int) -> int:
        if self._next is None:
            self._next = sequence
        near = (sequence - self._next + _SEQUENCES // 2) % _SEQUENCES - _SEQUENCES // 2
        if abs(near) > FARTHEST:
            self._waiting.clear()
            self._begun.clear()
            self._next, near = sequence, 0
        return self._next + near

    def _drain(self, now_ms: float) -> list[Frame]:
        frames = []
        before = self._next
        while self._next is not None and (part := self._waiting.pop(self._next, None)) is not None:
            self._next += 1
            if part.timestamp != self._skipped_timestamp:
                self._begun.append(part)
                if self._kind == "audio" or part.ends_frame:
                    frames.append(self._finished())
        if not self._waiting:
            self._gap_since_ms = None
        elif self._gap_since_ms is None or self._next != before:
            self._gap_since_ms = now_ms
        return frames

    def _finished(self) -> Frame:
        timestamp = self._begun[0].timestamp
        self._time += (timestamp - self._time + _TIMESTAMPS // 2) % _TIMESTAMPS - _TIMESTAMPS // 2
        frame = Frame(b"".join(part.data for part in self._begun), self._time)
        self._begun.clear()
        return frame

    def _give_up(self) -> None:
        """Skips a gap that nothing has filled in time, with what is left of the frame it tore."""
        assert self._next is not None and self._waiting
        after = min(self._waiting)
        self.given_up += after - self._next
        # The frame on the far side may lack its beginning: no decoder gets it.
        self._skipped_timestamp = self._waiting[after].timestamp if self._kind == "video" else None
        self._next = after
        self._begun.clear()
