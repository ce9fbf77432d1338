"""Fills what is missing of sound with silence, so that time stays true where players only count samples."""

from collections.abc import Iterator
from typing import Final

# A CELT packet of one frame without energy (RFC 6716 3.1 and 4.3): 20, 10, 5 and 2.5 ms, mono.
_SILENCE: Final = (
    (20_000, b"\xf8\xff\xfe"),
    (10_000, b"\xf0\xff\xfe"),
    (5_000, b"\xe8\xff\xfe"),
    (2_500, b"\xe0\xff\xfe"),
)
_STEREO: Final = 0x04


def silence(from_us: int, until_us: int, *, stereo: bool) -> Iterator[tuple[int, int, bytes]]:
    """Opus packets with their time and length that fill a gap to within 2.5 ms."""
    for length_us, packet in _SILENCE:
        while until_us - from_us >= length_us:
            yield from_us, length_us, bytes([packet[0] | (_STEREO if stereo else 0)]) + packet[1:]
            from_us += length_us
