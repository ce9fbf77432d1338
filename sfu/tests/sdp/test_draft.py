import pytest

from sfu.sdp.draft import Draft, Scope, media_line, scope_line, section_line
from sfu.sdp.lines import Line, SdpError


def lines(*values: str) -> Draft:
    """A video section with these attributes."""
    draft = media_line(Line(1, "m", "video 9 UDP/TLS/RTP/SAVPF 96 97"))
    for number, value in enumerate(values, start=2):
        line = Line(number, "a", value)
        if not scope_line(draft.scope, line, *line.attribute()):
            section_line(draft, line, *line.attribute())
    return draft


def test_a_section_begins_with_media_port_protocol_and_formats() -> None:
    draft = media_line(Line(1, "m", "video 9/2 UDP/TLS/RTP/SAVPF 96 97"))
    assert (draft.media, draft.port, draft.protocol, draft.targets) == ("video", 9, "UDP/TLS/RTP/SAVPF", ("96", "97"))
    assert not media_line(Line(1, "m", "application 9 UDP/DTLS/SCTP webrtc-datachannel")).is_media()


def test_what_the_node_does_not_use_is_passed_over() -> None:
    assert lines("ptime:20", "x-unheard-of", "candidate-of:nothing") == lines()


def test_parameters_on_several_lines_count_together() -> None:
    assert lines("fmtp:96 a=1", "fmtp:96 b=2").parameters == {96: "a=1;b=2"}


@pytest.mark.parametrize(
    "value",
    [
        "mid:0",
        "rtpmap:96 VP8/90000",
        "simulcast:send h",
        "ice-ufrag:abcd",
        "setup:active",
        "extmap:1 urn:x",
        "sendonly",
    ],
)
def test_what_has_one_value_cannot_stand_twice(value: str) -> None:
    with pytest.raises(SdpError, match="line 3: .* stands twice"):
        lines(value, value)


def test_transport_and_direction_may_stand_at_the_top_too() -> None:
    scope = Scope()
    for value in ("ice-ufrag:abcd", "setup:active", "recvonly", "candidate:1 1 udp 1 192.0.2.1 1 typ host"):
        line = Line(1, "a", value)
        assert scope_line(scope, line, *line.attribute())
    assert (scope.ufrag, scope.setup, scope.direction, scope.candidates) == ("abcd", "active", "recvonly", 1)
    assert not scope_line(scope, Line(1, "a", "mid:0"), "mid", "0")


def test_a_layer_cannot_have_two_lines() -> None:
    with pytest.raises(SdpError, match="line 3: rid h stands twice"):
        lines("rid:h send", "rid:h recv")


def test_no_section_has_more_layers_than_could_be_compared_at_once() -> None:
    rids = [f"rid:x{number} send" for number in range(17)]
    assert len(lines(*rids[:16]).rids) == 16
    with pytest.raises(SdpError, match="line 18: more than 16 rids in one section"):
        lines(*rids)
