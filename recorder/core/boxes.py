"""MP4 boxes (ISO/IEC 14496-12): moves `moov` to the front, and puts parameter sets into H.264 samples."""

import struct
from collections.abc import Iterator
from typing import Final

_PARENTS: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_TABLES: Final = {b"stco": ">I", b"co64": ">Q"}
FOUR_GIB: Final = 1 << 32


class BoxError(ValueError):
    """These bytes are no boxes, or the file would grow beyond what they can say."""


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Each box's kind, where its body begins and where it ends."""
    end = len(data) if end is None else end
    while start < end:
        if end - start < 8:
            raise BoxError(f"{end - start} bytes are left where a box should begin")
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            if end - start < 16:
                raise BoxError("a long box has no length")
            (size,) = struct.unpack_from(">Q", data, start + 8)
            head = 16
        if size < head or start + size > end:
            raise BoxError(f"the box {kind!r} has {size} bytes, and {end - start} are left")
        yield kind, start + head, start + size
        start += size


def front(movie: bytes) -> bytes:
    """The `moov` box as it must be when it lies before the media: every chunk is its length further on."""
    moved = bytearray(movie)
    for kind, start, end in _within(movie, 0, len(movie)):
        count = struct.unpack_from(">I", movie, start + 4)[0]
        form = _TABLES[kind]
        step = struct.calcsize(form)
        if start + 8 + count * step > end:
            raise BoxError("a table of chunks is longer than its box")
        for place in range(start + 8, start + 8 + count * step, step):
            offset = struct.unpack_from(form, movie, place)[0] + len(movie)
            if form == ">I" and offset >= FOUR_GIB:
                raise BoxError("the file is a little longer than 4 GiB; it cannot begin with its table")
            struct.pack_into(form, moved, place, offset)
    return bytes(moved)


def _within(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    for kind, body, stop in boxes(data, start, end):
        if kind in _PARENTS:
            yield from _within(data, body, stop)
        elif kind in _TABLES:
            yield kind, body, stop


def parameter_sets(configuration: bytes) -> bytes:
    """The sets of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1) as a sample begins with them."""
    if len(configuration) < 7 or configuration[0] != 1 or configuration[4] & 3 != 3:
        raise BoxError("this H.264 has no configuration with lengths of four bytes")
    found, place = bytearray(), 5
    for mask in (0x1F, 0xFF):
        count = configuration[place] & mask
        place += 1
        for _ in range(count):
            if place + 2 > len(configuration):
                raise BoxError("the H.264 configuration is cut")
            (length,) = struct.unpack_from(">H", configuration, place)
            unit = configuration[place + 2 : place + 2 + length]
            if len(unit) != length:
                raise BoxError("the H.264 configuration is cut")
            found += struct.pack(">I", length) + unit
            place += 2 + length
        if place >= len(configuration):
            break
    return bytes(found)
