"""How long an Opus packet sounds (RFC 6716 section 3.1)."""

SAMPLES_PER_MS = 48
_FRAME_TENTHS_MS = (
    (100, 200, 400, 600) * 3  # SILK only
    + (100, 200) * 2  # hybrid
    + (25, 50, 100, 200) * 4  # CELT only
)


def samples(packet: bytes) -> int:
    """Samples at 48 kHz; raises ValueError for what is no Opus packet."""
    if not packet:
        raise ValueError("an Opus packet has at least one byte")
    frames = _frame_count(packet)
    total = frames * _FRAME_TENTHS_MS[packet[0] >> 3] * SAMPLES_PER_MS // 10
    if not 0 < total <= 120 * SAMPLES_PER_MS:
        raise ValueError("an Opus packet sounds for at most 120 ms")
    return total


def _frame_count(packet: bytes) -> int:
    code = packet[0] & 3
    if code < 3:
        return (1, 2, 2)[code]
    if len(packet) < 2:
        raise ValueError("an Opus packet of code 3 has a frame count")
    return packet[1] & 0x3F
