"""Counts what arrives, track by track, and sends what is worth it to the decoder."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from classroom_client.core.keyframe import is_keyframe
from classroom_client.core.watching import Sink, decoded_mids
from classroom_client.devices.decoder import Decoded, Decoder, Encoded, Stream
from signaling.messages.client import SlotState
from signaling.messages.ids import Mid, TrackId

Watch = Callable[[TrackId, Decoded], None]
"""Called in the decoder's thread with each decoded frame."""


@dataclass(slots=True)
class Count:
    """What arrived of one track since it was first bound to a slot."""

    frames: int = 0
    """Complete frames."""
    keyframes: int = 0
    bytes: int = 0
    decoded: int = 0
    first_ms: float = 0.0
    last_ms: float = 0.0
    largest_gap_ms: float = 0.0
    """Between two complete frames while the track stayed in its slot."""


@dataclass(slots=True)
class _Place:
    """A slot with what is in it."""

    ask_keyframe: Callable[[], None]
    track: TrackId | None = None
    count: Count | None = None
    stream: Stream | None = None


class Board:
    """The counting sink of one client."""

    def __init__(self, sink: Sink, now_ms: Callable[[], float], decoder: Decoder, watch: Watch | None = None) -> None:
        self._sink = sink
        self._now_ms = now_ms
        self._decoder = decoder
        self._watch = watch
        self._slots: tuple[SlotState, ...] = ()
        self._places: dict[Mid, _Place] = {}
        self._counts: dict[TrackId, Count] = {}

    def counts(self) -> Mapping[TrackId, Count]:
        """All tracks that were ever bound."""
        return self._counts

    def connect(self, mid: Mid, ask_keyframe: Callable[[], None]) -> Callable[[str, bytes, int], None]:
        """A new receiver for a slot; the result takes its complete frames."""
        self._places[mid] = place = _Place(ask_keyframe)
        self.show(self._slots)
        return lambda codec, data, timestamp: self._take(place, Encoded(codec, data, timestamp))

    def show(self, slots: Iterable[SlotState]) -> None:
        """Who is in which slot from now on."""
        self._slots = tuple(slots)
        decoded = decoded_mids(self._sink, self._slots)
        for slot in self._slots:
            if slot.mid in self._places:
                self._bind(self._places[slot.mid], slot.track, slot.mid in decoded)

    def _bind(self, place: _Place, track: TrackId | None, decode: bool) -> None:
        if place.track != track:
            place.track, place.stream = track, None
            place.count = None if track is None else self._counts.setdefault(track, Count())
            if place.count is not None:
                place.count.last_ms = 0.0
        if decode and place.stream is None:
            place.stream = self._begin(place)
            place.ask_keyframe()
        elif not decode:
            place.stream = None

    def _begin(self, place: _Place) -> Stream:
        track, count = place.track, place.count

        def decoded(frame: Decoded) -> None:
            if track is not None and count is not None:
                count.decoded += 1
                if self._watch is not None:
                    self._watch(track, frame)

        return self._decoder.stream(decoded, place.ask_keyframe)

    def _take(self, place: _Place, frame: Encoded) -> None:
        if place.count is not None:
            _add(place.count, frame, self._now_ms())
        if place.stream is not None:
            place.stream.put(frame)


def _add(count: Count, frame: Encoded, now_ms: float) -> None:
    count.frames += 1
    count.bytes += len(frame.data)
    count.keyframes += frame.codec != "opus" and is_keyframe(frame.codec, frame.data)
    if count.last_ms:
        count.largest_gap_ms = max(count.largest_gap_ms, now_ms - count.last_ms)
    count.first_ms = count.first_ms or now_ms
    count.last_ms = now_ms
