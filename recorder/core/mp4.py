"""H.264 and AV1 as fragmented MP4 (ISO/IEC 14496-12): a head, then `moof` and `mdat` for each fragment; one track."""

import struct
from typing import Final, Protocol

from recorder.core.names import TakeTime
from recorder.core.samples import Fragment

TIMESCALE: Final = 90_000
_MATRIX: Final = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_SYNC, _NOT_SYNC = 0x0200_0000, 0x0101_0000
"""sample_depends_on 2; sample_depends_on 1 and sample_is_non_sync_sample (8.8.3.1)."""


class Coding(Protocol):
    """How a codec lies in MP4."""

    @property
    def entry(self) -> tuple[str, str]:
        """What its sample entry is called, and the box that configures a decoder."""

    @property
    def configuration(self) -> bytes: ...

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    def sample(self, data: bytes) -> bytes:
        """A frame as a sample has it."""


class Mp4Writer:
    """One segment of H.264 or AV1."""

    def __init__(self, start_us: TakeTime, parameters: Coding) -> None:
        self._start_us: Final = start_us
        self._parameters: Final = parameters
        self._head: Final = _file_type(parameters) + _movie(parameters)
        self._sequence = 0

    @property
    def head(self) -> bytes:
        return self._head

    def fragment(self, fragment: Fragment) -> bytes:
        self._sequence += 1
        times = [self._ticks(sample.at_us) for sample in fragment.samples]
        ends = [*times[1:], max(times[-1] + 1, self._ticks(fragment.end_us))]
        data = [self._parameters.sample(sample.data) for sample in fragment.samples]
        entries = b"".join(
            struct.pack(">III", end - time, len(one), _SYNC if sample.keyframe else _NOT_SYNC)
            for time, end, one, sample in zip(times, ends, data, fragment.samples, strict=True)
        )
        size = len(self._moof(times[0], len(data), entries, 0))
        return self._moof(times[0], len(data), entries, size + 8) + _box("mdat", b"".join(data))

    def _moof(self, decode_time: int, count: int, entries: bytes, offset: int) -> bytes:
        return _box(
            "moof",
            _full("mfhd", 0, 0, struct.pack(">I", self._sequence)),
            _box(
                "traf",
                _full("tfhd", 0, 0x02_0000, struct.pack(">I", 1)),  # default-base-is-moof
                _full("tfdt", 1, 0, struct.pack(">Q", decode_time)),
                _full("trun", 0, 0x000701, struct.pack(">Ii", count, offset), entries),
            ),
        )

    def _ticks(self, at_us: TakeTime) -> int:
        return ((at_us - self._start_us) * 9 + 50) // 100


def _box(kind: str, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + kind.encode() + body


def _full(kind: str, version: int, flags: int, *content: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *content)


def _file_type(parameters: Coding) -> bytes:
    return _box("ftyp", b"iso6", struct.pack(">I", 0), b"iso6", b"cmfc", parameters.entry[0].encode())


def _movie(parameters: Coding) -> bytes:
    header = struct.pack(">IIIIIH10x", 0, 0, TIMESCALE, 0, 0x10000, 0x0100) + _MATRIX + struct.pack(">24xI", 2)
    extends = _full("trex", 0, 0, struct.pack(">IIIII", 1, 1, 0, 0, 0))
    return _box("moov", _full("mvhd", 0, 0, header), _track(parameters), _box("mvex", extends))


def _track(parameters: Coding) -> bytes:
    size = struct.pack(">II", parameters.width << 16, parameters.height << 16)
    header = struct.pack(">IIIII8xHHHH", 0, 0, 1, 0, 0, 0, 0, 0, 0) + _MATRIX + size
    media = _box(
        "mdia",
        _full("mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, TIMESCALE, 0, 0x55C4, 0)),  # language "und"
        _full("hdlr", 0, 0, struct.pack(">I4s12x", 0, b"vide") + b"video\0"),
        _box(
            "minf",
            _full("vmhd", 0, 1, bytes(8)),
            _box("dinf", _full("dref", 0, 0, struct.pack(">I", 1), _full("url ", 0, 1))),
            _sample_table(parameters),
        ),
    )
    return _box("trak", _full("tkhd", 0, 3, header), media)


def _sample_table(parameters: Coding) -> bytes:
    kind, configures = parameters.entry
    entry = _box(
        kind,
        struct.pack(">6xH16xHH", 1, parameters.width, parameters.height),
        struct.pack(">IIIH32xHh", 0x480000, 0x480000, 0, 1, 0x18, -1),
        _box(configures, parameters.configuration),
    )
    return _box(
        "stbl",
        _full("stsd", 0, 0, struct.pack(">I", 1), entry),
        _full("stts", 0, 0, bytes(4)),
        _full("stsc", 0, 0, bytes(4)),
        _full("stsz", 0, 0, bytes(8)),
        _full("stco", 0, 0, bytes(4)),
    )
