"""Segments into one seekable file by remux: frames stay as they were sent, times are the take's."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Final, Protocol

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from recorder.core import opus, silence
from recorder.core.boxes import boxes, front, parameter_sets
from recorder.core.names import Codec, Container
from recorder.core.rehearsal import Performance, Rehearsal, Script

BEAT_PACKETS: Final = 500
"""After so many packets the worker's lease is looked at: some seconds of a lesson, milliseconds of work."""
HELD_US: Final = 10_000
"""A gap of sound that is shorter is the publisher's clock, not a loss."""
OPTIONS: Final = {"mp4": {"fflags": "+bitexact"}, "webm": {"fflags": "+bitexact"}}


class Reader(Protocol):
    """A file that is read at any place."""

    def read(self, size: int = -1) -> bytes: ...

    def seek(self, place: int, whence: int = 0) -> int: ...

    def tell(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment."""

    open: Callable[[], Reader]
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Strand:
    """What one stream of the file is made of."""

    codec: Codec
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file, in plain."""

    size: int
    sha256: str


class RemuxError(ValueError):
    """This cannot become a file; trying again does not help."""


@dataclass(frozen=True, slots=True)
class _Timed:
    """A packet on the file's clock."""

    at_us: int
    length_us: int
    data: bytes
    keyframe: bool


Beat = Callable[[float], None]
"""Told how far it is, from 0 to 1; it may raise to stop the work."""


def remux(
    strands: Sequence[Strand], container: Container, start_us: int, write: Callable[[bytes], None], beat: Beat
) -> Made:
    """Writes the file through `write`, from its first byte to its last; time 0 in it is `start_us` of the take."""
    rehearsal = Rehearsal()
    _mux(strands, container, start_us, _Sink(rehearsal, lambda data: None), lambda part: beat(part / 2))
    script = rehearsal.script()
    digest, size = sha256(), 0

    def give(data: bytes) -> None:
        nonlocal size
        digest.update(data)
        size += len(data)
        write(data)

    performance = Performance(script)
    stage = _Stage(performance, script, give, faststart=container == "mp4")
    _mux(strands, container, start_us, stage, lambda part: beat(0.5 + part / 2))
    stage.close()
    if size != script.size or performance.given != script.size:
        raise RemuxError(f"the file came out with {size} bytes, and the rehearsal had {script.size}")
    return Made(size, digest.hexdigest())


class _Sink:
    """What PyAV writes to."""

    def __init__(self, film: Rehearsal | Performance, give: Callable[[bytes], None]) -> None:
        self._film: Final = film
        self._give: Final = give

    def write(self, data: bytes) -> int:
        given = self._film.write(bytes(data))
        if given:
            self._give(given)
        return len(data)

    def seek(self, place: int, whence: int = 0) -> int:
        if whence == 1:
            place += self._film.place
        elif whence == 2:
            place += self._film.size if isinstance(self._film, Rehearsal) else self._film.given
        self._film.seek(place)
        return place

    def tell(self) -> int:
        return self._film.place


class _Stage(_Sink):
    """The performance of an MP4 puts its table behind `ftyp`, as soon as that is whole."""

    def __init__(
        self, performance: Performance, script: Script, give: Callable[[bytes], None], *, faststart: bool
    ) -> None:
        super().__init__(performance, self._arrange if faststart else give)
        self._out: Final = give
        self._script: Final = script
        self._waiting: bytearray | None = bytearray() if faststart else None
        self._left = script.tail_start

    def close(self) -> None:
        """All has been written."""
        if self._waiting:
            raise RemuxError("the muxer wrote no ftyp")

    def _arrange(self, data: bytes) -> None:
        data = data[: max(0, self._left)]
        self._left -= len(data)
        if self._waiting is None:
            self._out(data)
            return
        self._waiting += data
        if len(self._waiting) < 8 or len(self._waiting) < (size := int.from_bytes(self._waiting[:4], "big")):
            return
        head, rest, self._waiting = bytes(self._waiting[:size]), bytes(self._waiting[size:]), None
        kinds = [kind for kind, _, _ in boxes(self._script.tail)]
        if kinds[:1] != [b"moov"] or len(kinds) != 1:
            raise RemuxError(f"an MP4 ends with its table, and this one with {kinds}")
        for part in (head, front(self._script.tail), rest):
            self._out(part)


def _mux(strands: Sequence[Strand], container: Container, start_us: int, sink: _Sink, beat: Beat) -> None:
    end_us = max(piece.end_us for strand in strands for piece in strand.pieces)
    with av.open(sink, "w", format=container, container_options=OPTIONS[container]) as out:
        assert isinstance(out, OutputContainer)
        streams = [_stream(out, strand) for strand in strands]
        flows = [_flow(strand, start_us, i) for i, strand in enumerate(strands)]
        for number, (timed, i) in enumerate(heapq.merge(*flows, key=lambda each: each[0].at_us)):
            if number % BEAT_PACKETS == 0:
                beat(min(1.0, timed.at_us / max(1, end_us - start_us)))
            out.mux_one(_packet(timed, streams[i]))


def _stream(out: OutputContainer, strand: Strand) -> Stream:
    with _opened(strand.pieces[0]) as source:
        # Opaque: of the decoder that reads it, as AV1 has no encoder here, and none is needed.
        stream = out.add_stream_from_template(source.streams[0], opaque=True)
    stream.time_base = Fraction(1, 48_000 if strand.codec == "opus" else 90_000)
    return stream


def _packet(timed: _Timed, stream: Stream) -> "Packet[Stream]":
    packet: Packet[Stream] = Packet(timed.data)
    packet.stream = stream
    packet.time_base = Fraction(1, 1_000_000)
    packet.pts = packet.dts = timed.at_us
    packet.duration = timed.length_us
    packet.is_keyframe = timed.keyframe
    return packet


def _flow(strand: Strand, start_us: int, number: int) -> Iterator[tuple[_Timed, int]]:
    """The strand's packets in order, never two at one time."""
    last_us = -1
    for timed in _sound(strand, start_us) if strand.codec == "opus" else _pictures(strand, start_us):
        if timed.at_us > last_us:
            last_us = timed.at_us
            yield timed, number


def _pictures(strand: Strand, start_us: int) -> Iterator[_Timed]:
    for piece in strand.pieces:
        with _opened(piece) as source:
            configuration = bytes(source.streams[0].codec_context.extradata or b"")
            # A player that seeks from one segment into another has the sets of the wrong one.
            sets = parameter_sets(configuration) if strand.codec == "h264" else b""
            for at_us, packet in _read(source, piece):
                length_us = round((packet.duration or 0) * (packet.time_base or 0) * 1_000_000)
                data = sets + bytes(packet) if packet.is_keyframe else bytes(packet)
                yield _Timed(at_us - start_us, length_us, data, packet.is_keyframe)


def _sound(strand: Strand, start_us: int) -> Iterator[_Timed]:
    """Opus, with silence where none was taken, from the file's beginning on."""
    due_us, stereo = 0, False
    for piece in strand.pieces:
        with _opened(piece) as source:
            for at_us, packet in _read(source, piece):
                data = bytes(packet)
                length_us = opus.duration_us(data)
                place_us, stereo = at_us - start_us, bool(data and data[0] & 4)
                if length_us == 0 or place_us < due_us - HELD_US:
                    continue  # what overlaps the packet before was sent twice
                if place_us - due_us > HELD_US:
                    yield from _silence(due_us, place_us, stereo)
                    due_us = place_us
                # Kept on the count of samples while the difference is the clock's: players count them too.
                yield _Timed(due_us, length_us, data, True)
                due_us += length_us


def _silence(from_us: int, until_us: int, stereo: bool) -> Iterable[_Timed]:
    for at_us, length_us, data in silence.silence(from_us, until_us, stereo=stereo):
        yield _Timed(at_us, length_us, data, True)


def _read(source: InputContainer, piece: Piece) -> Iterator[tuple[int, "Packet[Stream]"]]:
    stream = source.streams[0]
    for packet in source.demux(stream):
        if packet.pts is not None and packet.size and packet.time_base is not None:
            yield piece.start_us + round(packet.pts * packet.time_base * 1_000_000), packet


def _opened(piece: Piece) -> InputContainer:
    try:
        source = av.open(piece.open(), "r")
    except av.FFmpegError as error:
        raise RemuxError(f"a segment cannot be read: {error}") from None
    if len(source.streams) != 1:
        source.close()
        raise RemuxError(f"a segment has {len(source.streams)} streams instead of one")
    return source
