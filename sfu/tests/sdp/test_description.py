from sfu.sdp import Format, parse_offer
from sfu.tests.sdp.samples import sample, small_offer


def test_a_parameter_is_found_by_name_in_any_case() -> None:
    entry = Format(96, "H264", 90000, 1, "Packetization-Mode=1; profile-level-id=42e01f")
    assert entry.parameter("packetization-mode") == "1"
    assert entry.parameter("profile-level-id") == "42e01f"
    assert entry.parameter("apt") is None


def test_a_section_sends_or_receives_by_its_direction() -> None:
    for direction, sends, receives in (
        ("sendrecv", True, True),
        ("sendonly", True, False),
        ("recvonly", False, True),
        ("inactive", False, False),
    ):
        section = parse_offer(small_offer(f"a={direction}")).sections[0]
        assert (section.sends(), section.receives()) == (sends, receives)


def test_data_channels_are_no_media() -> None:
    kinds = [section.kind() for section in parse_offer(sample("chromium_data")).sections]
    assert kinds == ["audio", "video", None]
