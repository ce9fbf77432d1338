"""How long an Opus packet sounds (RFC 6716 3.1, 3.2), and what a file says of it (RFC 7845 5.1)."""

import struct
from typing import Final

_SILK_US: Final = (10_000, 20_000, 40_000, 60_000)
_HYBRID_US: Final = (10_000, 20_000)
_CELT_US: Final = (2_500, 5_000, 10_000, 20_000)
RATE: Final = 48_000


def duration_us(packet: bytes) -> int:
    """0 for what is no packet."""
    if not packet:
        return 0
    configuration = packet[0] >> 3
    if configuration < 12:
        frame = _SILK_US[configuration % 4]
    elif configuration < 16:
        frame = _HYBRID_US[configuration % 2]
    else:
        frame = _CELT_US[configuration % 4]
    code = packet[0] & 3
    if code < 3:
        return frame * (1 if code == 0 else 2)
    return frame * (packet[1] & 0x3F) if len(packet) > 1 else 0


def head(channels: int) -> bytes:
    """Without pre-skip: a segment begins in the middle of a stream, and its first packet is heard at its time."""
    return b"OpusHead" + struct.pack("<BBHIhB", 1, channels, 0, RATE, 0, 0)
