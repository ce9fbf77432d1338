"""recorder.core.opus"""

import pytest

from recorder.core.opus import duration_us
from recorder.tests.footage import sounds


@pytest.mark.parametrize(
    ("packet", "duration"),
    [
        (b"", 0),
        (b"\x00", 10_000),
        (b"\x18", 60_000),
        (b"\x60", 10_000),
        (b"\x78", 20_000),
        (b"\x80", 2_500),
        (b"\xf9", 40_000),
        (b"\xfb\x03", 60_000),
        (b"\xfb", 0),
    ],
)
def test_the_first_byte_tells_how_long_a_packet_sounds(packet: bytes, duration: int) -> None:
    assert duration_us(packet) == duration


def test_an_encoders_packets_sound_as_long_as_it_was_told() -> None:
    assert {duration_us(packet) for packet in sounds(10)} == {20_000}
