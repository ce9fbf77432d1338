from dataclasses import replace

from sfu.sdp import Codec, Extension, Format, parse_offer, write
from sfu.sdp.codecs import Choice
from sfu.sdp.write import MediaBody
from sfu.tests.sdp.samples import LOCAL, sample

OPUS = Choice(Codec("opus", 111, 48000, nack=True), Format(111, "opus", 48000, 2, "useinbandfec=1", ("nack",)))
BODY = MediaBody("audio", "UDP/TLS/RTP/SAVPF", "a0", "sendonly", (OPUS,), (Extension(1, "urn:x", "sendonly"),))


def test_the_head_is_lite_and_lists_the_bundle_only_where_there_is_one() -> None:
    assert write.head(LOCAL, ["0", "1"])[-2:] == ["a=ice-lite", "a=group:BUNDLE 0 1"]
    assert write.head(LOCAL, [])[-1] == "a=ice-lite"


def test_every_address_is_a_host_candidate_with_falling_priority() -> None:
    lines = write.accepted(BODY, LOCAL, "passive")
    candidates = [line for line in lines if line.startswith("a=candidate")]
    assert candidates == [
        "a=candidate:1 1 udp 2130706431 192.0.2.1 7000 typ host",
        "a=candidate:2 1 udp 2130706175 2001:db8::1 7000 typ host",
        "a=candidate:3 1 udp 2130705919 127.0.0.1 7000 typ host",
    ]
    assert lines[lines.index(candidates[-1]) + 1] == "a=end-of-candidates"


def test_every_address_takes_tcp_in_too_after_and_below_all_of_udp() -> None:
    lines = write.accepted(BODY, replace(LOCAL, tcp=True), "passive")
    candidates = [line for line in lines if line.startswith("a=candidate")]
    assert candidates[3:] == [
        "a=candidate:4 1 tcp 2124414975 192.0.2.1 7000 typ host tcptype passive",
        "a=candidate:5 1 tcp 2124414719 2001:db8::1 7000 typ host tcptype passive",
        "a=candidate:6 1 tcp 2124414463 127.0.0.1 7000 typ host tcptype passive",
    ]
    priorities = [int(candidate.split()[3]) for candidate in candidates]
    assert priorities == sorted(set(priorities), reverse=True)
    assert lines[lines.index(candidates[-1]) + 1] == "a=end-of-candidates"


def test_a_front_takes_tcp_in_last_of_all() -> None:
    for tcp in (True, False):
        lines = write.accepted(BODY, replace(LOCAL, tcp=tcp, fronts=(("192.0.2.1", 443),)), "passive")
        candidates = [line.split() for line in lines if line.startswith("a=candidate")]
        assert candidates[-1][4:] == ["192.0.2.1", "443", "typ", "host", "tcptype", "passive"]
        assert len({candidate[0] for candidate in candidates}) == len(candidates) == (7 if tcp else 4)
        priorities = [int(candidate[3]) for candidate in candidates]
        assert priorities == sorted(set(priorities), reverse=True)


def test_an_extension_is_answered_from_the_other_end() -> None:
    assert "a=extmap:1/recvonly urn:x" in write.accepted(BODY, LOCAL, "passive")


def test_a_codec_is_written_with_its_parameters_and_feedback() -> None:
    lines = write.accepted(BODY, LOCAL, "passive")
    start = lines.index("a=rtpmap:111 opus/48000/2")
    assert lines[start + 1 : start + 3] == ["a=fmtp:111 useinbandfec=1", "a=rtcp-fb:111 nack"]


def test_an_unwanted_section_keeps_its_place_with_port_0() -> None:
    data = parse_offer(sample("chromium_data")).sections[2]
    assert write.refused(data)[0] == "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"
    assert "a=mid:2" in write.refused(data)


def test_lines_end_with_carriage_return_and_line_feed() -> None:
    assert write.text_of(["v=0", "s=-"]) == "v=0\r\ns=-\r\n"
