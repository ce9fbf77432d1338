"""What a VP8 (RFC 6386) or VP9 keyframe says of itself."""

from typing import Final

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
    """Width and height of a keyframe; None for any other frame (VP9 bitstream 0.7, 6.2)."""
    bits, left = int.from_bytes(data[:16], "big"), len(data[:16]) * 8

    def take(count: int) -> int:
        nonlocal left
        left -= count
        return bits >> left & (1 << count) - 1 if left >= 0 else 0

    if take(2) != 2:  # frame_marker
        return None
    profile = take(1) | take(1) << 1
    if profile == 3 and take(1):
        return None
    if take(1) or take(1):  # shows an old frame, or is none that starts anew
        return None
    take(2)
    if take(24) != _VP9_SYNC:
        return None
    if profile >= 2:
        take(1)
    if take(3) != _RGB:
        take(1 if profile in (0, 2) else 4)
    elif profile in (1, 3):
        take(1)
    width, height = take(16) + 1, take(16) + 1
    return (width, height) if left >= 0 else None
