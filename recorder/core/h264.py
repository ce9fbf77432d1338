"""H.264 access units (ITU-T H.264): their NAL units, what a sequence parameter set says, how MP4 wants both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Final

from recorder.core.bits import Bits

SLICE, IDR, SPS, PPS, DELIMITER, FILLER = 1, 5, 7, 8, 9, 12
_START: Final = re.compile(rb"\x00\x00\x01")
_HIGH_PROFILES: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})
"""Those with chroma and scaling fields (7.3.2.1.1)."""
_NOT_KEPT: Final = frozenset({SPS, PPS, DELIMITER, FILLER})
"""Parameter sets stand in the file's head (ISO/IEC 14496-15, `avc1`); the others say nothing there."""


class H264Error(ValueError):
    """These bytes are no H.264 of the kind that is expected."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a decoder must know before the first picture."""

    entry: ClassVar[tuple[str, str]] = ("avc1", "avcC")
    sps: bytes
    pps: bytes
    width: int
    height: int

    @property
    def configuration(self) -> bytes:
        """The AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1)."""
        record = bytes((1, *self.sps[1:4], 0xFF, 0xE1))
        record += len(self.sps).to_bytes(2, "big") + self.sps + b"\x01" + len(self.pps).to_bytes(2, "big") + self.pps
        if self.sps[1] in (100, 110, 122, 144):
            record += b"\xfd\xf8\xf8\x00"  # 4:2:0, eight bits, no extensions: what the lesson's codecs are
        return record

    @staticmethod
    def sample(data: bytes) -> bytes:
        """The access unit with lengths in place of start codes."""
        kept = [unit for unit in nal_units(data) if unit[0] & 0x1F not in _NOT_KEPT]
        return b"".join(len(unit).to_bytes(4, "big") + unit for unit in kept)


def nal_units(data: bytes) -> Iterator[bytes]:
    """The NAL units of an access unit with start codes (annex B)."""
    starts = [match.start() for match in _START.finditer(data)]
    for start, end in pairwise([*starts, len(data)]):
        unit = data[start + 3 : end].rstrip(b"\0")
        if unit:
            yield unit


def is_keyframe(data: bytes) -> bool:
    return any(unit[0] & 0x1F == IDR for unit in nal_units(data))


def has_picture(data: bytes) -> bool:
    """Whether an access unit has a slice: parameter sets alone would be a sample of no bytes, which readers refuse."""
    return any(SLICE <= unit[0] & 0x1F <= IDR for unit in nal_units(data))


def parameters(data: bytes) -> Parameters | None:
    """The parameter sets that an access unit brings, if it brings both; raises H264Error for wrong ones."""
    found = {unit[0] & 0x1F: unit for unit in nal_units(data) if unit[0] & 0x1F in (SPS, PPS)}
    if len(found) < 2:
        return None
    width, height = _size(found[SPS])
    return Parameters(found[SPS], found[PPS], width, height)


def _signed(bits: Bits) -> int:
    code = bits.golomb()
    return (code + 1) // 2 if code % 2 else -(code // 2)


def _size(sps: bytes) -> tuple[int, int]:
    """Width and height in pixels, cropped (7.3.2.1.1)."""
    # A raw byte sequence payload (7.2) is without the bytes that keep start codes out.
    payload = re.sub(rb"\x00\x00\x03", b"\0\0", sps[1:])
    bits = Bits(payload, H264Error("H.264: a sequence parameter set that ends too early"))
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()  # seq_parameter_set_id
    chroma = _chroma(bits) if profile in _HIGH_PROFILES else 1
    bits.golomb()  # log2_max_frame_num_minus4
    _skip_order(bits)
    bits.golomb()  # max_num_ref_frames
    bits.take(1)
    width = (bits.golomb() + 1) * 16
    rows = bits.golomb() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)
    height = rows * 16 * (2 - frames_only)
    bits.take(1)  # direct_8x8_inference_flag
    if bits.take(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        across, down = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1) * (2 - frames_only)
        width, height = width - (left + right) * across, height - (top + bottom) * down
    if not (0 < width <= 16384 and 0 < height <= 16384):
        raise H264Error(f"H.264: pictures of {width} x {height}")
    return width, height


def _chroma(bits: Bits) -> int:
    chroma = bits.golomb()
    if chroma == 3:
        bits.take(1)
    bits.golomb(), bits.golomb()  # bit depths
    bits.take(1)
    if bits.take(1):
        for number in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _skip_scaling(bits, 16 if number < 6 else 64)
    return chroma


def _skip_scaling(bits: Bits, size: int) -> None:
    last, following = 8, 8
    for _ in range(size):
        if following:
            following = (last + _signed(bits)) % 256
        last = following or last


def _skip_order(bits: Bits) -> None:
    kind = bits.golomb()
    if kind == 0:
        bits.golomb()
    elif kind == 1:
        bits.take(1)
        _signed(bits), _signed(bits)
        for _ in range(min(bits.golomb(), 255)):
            _signed(bits)
