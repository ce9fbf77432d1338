"""What a VP8 (RFC 6386) or VP9 keyframe says of itself."""

from itertools import pairwise
from typing import Final

from recorder.core.bits import Bits

_VP8_START: Final = b"\x9d\x01\x2a"
_VP9_SYNC: Final = 0x498342
_RGB: Final = 7


def vp8_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a keyframe; None for any other frame (RFC 6386 9.1)."""
    if len(data) < 10 or data[0] & 1 or data[3:6] != _VP8_START:
        return None
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    return width & 0x3FFF, height & 0x3FFF


def vp9_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of what a keyframe shows; None for any other frame (VP9 bitstream 0.7, 6.2).

    Of several layers the last one is shown, which refers to the keyframe below it.
    """
    first, *others = _layers(data)
    size = _header(first)
    for layer in others:
        size = None if size is None else _header(layer, size)
    return size


def _layers(data: bytes) -> list[bytes]:
    """The frames of a superframe by its index (annex B); a frame without one is all there is."""
    marker = data[-1] if data else 0
    count, width = (marker & 7) + 1, (marker >> 3 & 3) + 1
    start = len(data) - 2 - count * width
    if marker >> 5 != 6 or start < 0 or data[start] != marker:
        return [data]
    sizes = [int.from_bytes(data[start + 1 + width * n :][:width], "little") for n in range(count)]
    places = [sum(sizes[:n]) for n in range(count + 1)]
    return [data[a:b] for a, b in pairwise(places)]


def _header(data: bytes, below: tuple[int, int] | None = None) -> tuple[int, int] | None:
    """The size in a frame's header; that of the layer `below` if a frame refers to it."""
    try:
        return _read(Bits(data[:24], ValueError("a header that ends too early")), below)
    except ValueError:
        return None


def _read(bits: Bits, below: tuple[int, int] | None) -> tuple[int, int] | None:
    marker = bits.take(2)
    profile = bits.take(1) | bits.take(1) << 1
    if marker != 2 or (profile == 3 and bits.take(1)):
        return None
    if bits.take(1):  # show_existing_frame
        return below
    is_predicted, is_shown, is_resilient = bits.take(1), bits.take(1), bits.take(1)
    if is_predicted:
        return None if below is None else _referring(bits, below, is_shown, is_resilient)
    if bits.take(24) != _VP9_SYNC:
        return None
    if profile >= 2:
        bits.take(1)
    if bits.take(3) != _RGB:
        bits.take(1 if profile in (0, 2) else 4)
    elif profile in (1, 3):
        bits.take(1)
    return bits.take(16) + 1, bits.take(16) + 1


def _referring(bits: Bits, below: tuple[int, int], is_shown: int, is_resilient: int) -> tuple[int, int] | None:
    """A frame that takes its size from another, or has its own (frame_size_with_refs)."""
    if not is_shown and bits.take(1):  # intra_only
        return None
    if not is_resilient:
        bits.take(2)
    bits.take(8 + 3 * 4)
    if any(bits.take(1) for _ in range(3)):
        return below
    return bits.take(16) + 1, bits.take(16) + 1
