import pytest

from classroom_client.core.opus import samples


@pytest.mark.parametrize(
    ("packet", "expected"),
    [(b"\xfc", 960), (b"\x78", 960), (b"\x08\x00", 960), (b"\xfd", 1920), (b"\x80", 120), (b"\xff\x03", 2880)],
)
def test_an_opus_packet_says_how_long_it_sounds(packet: bytes, expected: int) -> None:
    assert samples(packet) == expected


@pytest.mark.parametrize("packet", [b"", b"\xff", b"\xff\x00", b"\x1b\x3f"])
def test_what_is_no_opus_packet_is_refused(packet: bytes) -> None:
    with pytest.raises(ValueError):
        samples(packet)
