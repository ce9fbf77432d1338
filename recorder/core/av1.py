"""AV1 temporal units (AV1 bitstream): their OBUs, what a sequence header says, how MP4 wants both."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from recorder.core.bits import Bits

SEQUENCE_HEADER, DELIMITER, TILE_LIST, PADDING = 1, 2, 8, 15
_LEFT_OUT: Final = frozenset({DELIMITER, TILE_LIST, PADDING})
"""MP4 tells pictures apart by itself (AV1 in ISO media files 2.4)."""
_LONGEST_SIZE: Final = 8
_BT709, _SRGB, _IDENTITY = 1, 13, 0


class Av1Error(ValueError):
    """These bytes are no AV1 of the kind that is expected."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """What a decoder must know before the first picture."""

    entry: ClassVar[tuple[str, str]] = ("av01", "av1C")
    header: bytes
    """The sequence header, a whole OBU."""
    record: bytes
    """The first four bytes of the AV1CodecConfigurationRecord (AV1 in ISO media files 2.3.3)."""
    width: int
    height: int

    @property
    def configuration(self) -> bytes:
        return self.record + self.header

    @staticmethod
    def sample(data: bytes) -> bytes:
        """The temporal unit without what files do without."""
        return b"".join(unit for kind, unit, _ in units(data) if kind not in _LEFT_OUT)


def units(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each OBU's type, the OBU, and its body; raises Av1Error where one has no length or is cut."""
    start = 0
    while start < len(data):
        head = data[start]
        if head & 0x80 or not head & 0x02:
            raise Av1Error("AV1: an OBU without a length")
        place = start + (2 if head & 0x04 else 1)
        length, place = _leb128(data, place)
        if place + length > len(data):
            raise Av1Error("AV1: an OBU that is cut")
        yield head >> 3 & 15, data[start : place + length], data[place : place + length]
        start = place + length


def sequence(data: bytes) -> Sequence | None:
    """The sequence header that a temporal unit brings, if it brings one; raises Av1Error for a wrong one."""
    for kind, unit, body in units(data):
        if kind == SEQUENCE_HEADER:
            return _read(unit, Bits(body, Av1Error("AV1: a sequence header that ends too early")))
    return None


def _leb128(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for at in range(_LONGEST_SIZE):
        if place + at >= len(data):
            raise Av1Error("AV1: a length that is cut")
        value |= (data[place + at] & 0x7F) << 7 * at
        if not data[place + at] & 0x80:
            return value, place + at + 1
    raise Av1Error("AV1: a length of more than eight bytes")


def _read(unit: bytes, bits: Bits) -> Sequence:
    """Section 5.5.1, up to the colours."""
    profile = bits.take(3)
    bits.take(1)  # still_picture
    reduced = bits.take(1)
    level, tier = (bits.take(5), 0) if reduced else _operating_points(bits)
    across, down = bits.take(4) + 1, bits.take(4) + 1
    width, height = bits.take(across) + 1, bits.take(down) + 1
    if not reduced and bits.take(1):  # frame_id_numbers_present_flag
        bits.take(7)
    bits.take(3)
    if not reduced:
        _skip_tools(bits)
    bits.take(3)
    record = bytes((0x81, profile << 5 | level, tier << 7 | _colours(bits, profile), 0))
    return Sequence(unit, record, width, height)


def _operating_points(bits: Bits) -> tuple[int, int]:
    """Level and tier of the first one."""
    delay_bits = 0
    if bits.take(1):  # timing_info_present_flag
        bits.take(64)
        if bits.take(1):  # equal_picture_interval
            bits.golomb()
        if bits.take(1):  # decoder_model_info_present_flag
            delay_bits = bits.take(5) + 1
            bits.take(42)
    shows_delay = bits.take(1)
    points = []
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        level = bits.take(5)
        points.append((level, bits.take(1) if level > 7 else 0))
        if delay_bits and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if shows_delay and bits.take(1):
            bits.take(4)
    return points[0]


def _skip_tools(bits: Bits) -> None:
    bits.take(4)
    has_order = bits.take(1)
    if has_order:
        bits.take(2)
    forces_screen = 2 if bits.take(1) else bits.take(1)
    if forces_screen and not bits.take(1):
        bits.take(1)
    if has_order:
        bits.take(3)


def _colours(bits: Bits, profile: int) -> int:
    """Section 5.5.2, as the configuration record has it: from high_bitdepth to chroma_sample_position."""
    high = bits.take(1)
    twelve = bits.take(1) if profile == 2 and high else 0
    grey = bits.take(1) if profile != 1 else 0
    described = tuple(bits.take(8) for _ in range(3)) if bits.take(1) else (2, 2, 2)
    across = down = place = 0
    if grey:
        bits.take(1)
        across = down = 1
    elif described != (_BT709, _SRGB, _IDENTITY):
        bits.take(1)  # color_range
        across, down = _sampling(bits, profile, twelve)
        place = bits.take(2) if across and down else 0
    return high << 6 | twelve << 5 | grey << 4 | across << 3 | down << 2 | place


def _sampling(bits: Bits, profile: int, twelve: int) -> tuple[int, int]:
    if profile < 2:
        return (1, 1) if profile == 0 else (0, 0)
    if not twelve:
        return 1, 0
    across = bits.take(1)
    return across, bits.take(1) if across else 0
