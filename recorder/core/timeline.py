"""The take's clock: RTP timestamps of unsynchronised publishers, placed on the time of the node that received them.

The node says when a frame was captured, once it knows the peer's clock; until then the least delay seen tells.
What is corrected is corrected slowly, so that the times of one stream only ever go forward.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final, NewType

from recorder.core.names import TakeTime
from signaling.messages.ids import TrackId

NodeTime = NewType("NodeTime", int)
"""Microseconds on the node's monotonic clock."""

SECOND: Final = 1_000_000
WINDOW_US: Final = 30 * SECOND
"""A clock 100 ppm off moves 3 ms in it, and hundreds of frames are enough to meet one that was not delayed."""
REPORTS_US: Final = 10 * SECOND
"""Some reports of any sender; a busy one dates its reports late, never early."""
HALT_US: Final = 2 * SECOND
"""All reports that are late for so long tell of a publisher that stood still, with its timestamps."""
SLEW_PPM: Final = 200
"""Follows the worst crystal (100 ppm), and nobody hears it."""
SETTLING_PPM: Final = 20_000
"""While a stream is new, or a line's delay has changed for good: a tenth of a second within five."""
SETTLING_US: Final = 20 * SECOND
FAR_US: Final = 100_000
EARLY_US: Final = 2 * SECOND
LATE_US: Final = 10 * SECOND
AGAIN_US: Final = 5 * SECOND
"""A tap that begins anew gives out what came since the last keyframe, which is kept for some seconds."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One SSRC of a track; its peer's streams share a clock."""

    peer: str
    track: TrackId
    ssrc: int
    clock_rate: int


@dataclass(frozen=True, slots=True)
class Placed:
    at_us: TakeTime
    stepped: bool
    """The timestamps jumped: what comes does not continue what was."""
    media_us: int
    """The timestamp itself, past all wraps: frames that are given out again are known by it."""


class Timeline:
    """All streams of a take."""

    def __init__(self, origin: NodeTime) -> None:
        self._origin: Final = origin
        self._streams: dict[Stream, _Placing] = {}
        self._delays: dict[TrackId, int] = {}

    def place(self, stream: Stream, rtp: int, arrived: NodeTime, captured: NodeTime | None = None) -> Placed:
        """Where a frame belongs; frames come in order, but for those that are given out again.

        `captured` is what the node knows of it.
        """
        placing = self._placing(stream)
        node_time, stepped, media = placing.place(rtp, arrived, captured)
        if placing.reported:
            self._delays[stream.track] = placing.delay
        return Placed(TakeTime(max(0, node_time - self._origin)), stepped, media)

    def forget(self, stream: Stream) -> None:
        """The stream has ended; the same SSRC again is another one."""
        self._streams.pop(stream, None)

    def _placing(self, stream: Stream) -> "_Placing":
        if stream not in self._streams:
            self._streams[stream] = _Placing(stream.clock_rate, self._delays.get(stream.track, 0))
        return self._streams[stream]


class _Least:
    """The least value of the last `window_us`."""

    def __init__(self, window_us: int = WINDOW_US) -> None:
        self._window_us: Final = window_us
        self._kept: deque[tuple[int, int]] = deque()

    def add(self, at: int, value: int) -> None:
        while self._kept and self._kept[-1][1] >= value:
            self._kept.pop()
        self._kept.append((at, value))
        while self._kept[0][0] < at - self._window_us:
            self._kept.popleft()

    @property
    def value(self) -> int | None:
        return self._kept[0][1] if self._kept else None


class _Placing:
    """One stream's way from timestamps to node time: `media + shift`, where the shift follows what is known of it."""

    def __init__(self, clock_rate: int, delay: int) -> None:
        self._rate: Final = clock_rate
        self._rtp: int | None = None
        self._shift: int | None = None
        self._media = 0
        self._settled_at = 0
        self._arrivals = _Least()
        self._captures, self._newest = _Least(REPORTS_US), _Least(HALT_US)
        self.reported = False
        """The node knows the stream's clock."""
        self._usual_delay = delay
        """Of a stream of the same track that had reports: this one begins as if it were no slower."""
        self._lags = _Least()
        self._last = -1

    @property
    def delay(self) -> int:
        """How long after its time the fastest frame arrived."""
        return self._lags.value or 0

    def place(self, rtp: int, arrived: int, captured: int | None) -> tuple[int, bool, int]:
        media = self._extended(rtp)
        if self._shift is not None and self._media - AGAIN_US < media <= self._media and self._last >= 0:
            return media + self._shift, False, media
        self._extended(rtp, moves=True)
        stepped = self._shift is not None and not -EARLY_US < arrived - media - self._shift < LATE_US
        if stepped:
            self._restart()
        self._arrivals.add(arrived, arrived - media)
        self._follow(self._target(media, arrived, captured), media)
        self._told(captured is not None, media)
        assert self._shift is not None
        self._lags.add(arrived, arrived - media - self._shift)
        self._last = max(self._last + 1, media + self._shift)
        return self._last, stepped, media

    def _told(self, told: bool, media: int) -> None:
        """The node knows the stream's clock from now on, and what was guessed is corrected sooner; or no longer."""
        if told and not self.reported:
            self._settled_at = media + SETTLING_US
        if self.reported and not told:
            self._usual_delay = self.delay
        self.reported = told

    def _target(self, media: int, arrived: int, captured: int | None) -> int:
        if captured is not None:
            return self._told_by_reports(captured - media, arrived)
        least = self._arrivals.value
        assert least is not None
        return least - self._usual_delay

    def _told_by_reports(self, shift: int, arrived: int) -> int:
        self._captures.add(arrived, shift)
        self._newest.add(arrived, shift)
        told, newest = self._captures.value, self._newest.value
        assert told is not None and newest is not None
        if newest - told <= FAR_US:
            return told
        # Time went on without it: a hole, and what comes lies behind it at once.
        self._captures = _Least(REPORTS_US)
        self._captures.add(arrived, newest)
        if self._shift is not None:
            self._shift = max(self._shift, newest)
        return newest

    def _follow(self, target: int, media: int) -> None:
        if self._shift is None:
            self._shift = target
            self._settled_at = media + SETTLING_US
        elapsed, self._media = max(0, media - self._media), media
        error = target - self._shift
        settling = media < self._settled_at or abs(error) > FAR_US
        allowed = elapsed * (SETTLING_PPM if settling else SLEW_PPM) // SECOND
        self._shift += max(-allowed, min(allowed, error))

    def _restart(self) -> None:
        """The timestamps jumped: nothing that was known of them holds."""
        self._shift = None
        self._arrivals, self._lags = _Least(), _Least()
        self._captures, self._newest = _Least(REPORTS_US), _Least(HALT_US)

    def _extended(self, rtp: int, *, moves: bool = False) -> int:
        """The timestamp in microseconds, past all wraps."""
        if self._rtp is None:
            self._rtp = rtp
        extended = self._rtp + ((rtp - self._rtp + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
        if moves:
            self._rtp = extended
        return extended * SECOND // self._rate
