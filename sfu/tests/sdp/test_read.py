import pytest

from sfu.sdp import Fingerprint, SdpError, parse_answer, parse_offer
from sfu.tests.sdp.samples import NAMES, sample, small_offer


@pytest.mark.parametrize("name", NAMES)
def test_real_offers_are_read(name: str) -> None:
    offer = parse_offer(sample(name))
    assert offer.bundle[:2] == ("0", "1")
    assert {section.media for section in offer.sections[:2]} == {"audio", "video"}
    assert offer.transport.fingerprint.algorithm == "sha-256"
    assert all(section.formats for section in offer.sections if section.kind())


@pytest.mark.parametrize(("name", "setup"), [("ffmpeg_passive", "passive"), ("ffmpeg_active", "active")])
def test_offers_without_candidates_and_with_any_dtls_role_are_read(name: str, setup: str) -> None:
    offer = parse_offer(sample(name))
    assert (offer.candidates, offer.transport.setup) == (0, setup)


@pytest.mark.parametrize("name", ["chromium_simulcast", "firefox_simulcast"])
def test_simulcast_layers_are_read(name: str) -> None:
    assert parse_offer(sample(name)).sections[1].rids == ("l", "m", "h")


def test_feedback_of_a_star_counts_for_every_payload_type() -> None:
    (section,) = parse_offer(small_offer("a=rtcp-fb:* nack", "a=rtcp-fb:111 nack pli")).sections
    assert section.formats[0].feedback == ("nack", "nack pli")


def test_an_old_stack_without_mid_and_bundle_is_read() -> None:
    offer = parse_offer(small_offer("a=sendonly"))
    assert (offer.sections[0].mid, offer.sections[0].mid_stated, offer.bundle) == ("0", False, ())


def test_the_transport_may_stand_at_the_top() -> None:
    digest = bytes(range(48))
    text = (
        "v=0\na=ice-ufrag:top1\na=ice-pwd:tttttttttttttttttttttttt\n"
        f"a=fingerprint:SHA-384 {digest.hex(':')}\na=setup:active\na=recvonly\n"
        "m=audio 9 RTP/SAVPF 111\na=rtcp-mux\na=rtpmap:111 opus/48000/2\n"
    )
    offer = parse_offer(text)
    assert offer.transport.ufrag == "top1"
    assert offer.transport.fingerprint == Fingerprint("sha-384", digest)
    assert (offer.transport.setup, offer.sections[0].direction) == ("active", "recvonly")


def test_of_several_fingerprints_the_best_known_is_taken() -> None:
    text = small_offer(f"a=fingerprint:sha-1 {bytes(20).hex(':')}", "a=fingerprint:md5 00")
    assert parse_offer(text).transport.fingerprint.algorithm == "sha-256"


def test_the_first_of_the_bundle_gives_the_transport() -> None:
    text = sample("chromium_plain").replace("BUNDLE 0 1", "BUNDLE 1 0")
    second = text.rindex("a=ice-ufrag:")
    text = text[:second] + "a=ice-ufrag:second" + text[text.index("\r\n", second) :]
    assert parse_offer(text).transport.ufrag == "second"


def test_port_0_refuses_a_section_unless_it_is_bundle_only() -> None:
    both = sample("ffmpeg_active").replace("m=video 9", "m=video 0")
    assert [section.refused for section in parse_offer(both).sections] == [False, True]
    only = both.replace("a=mid:1", "a=mid:1\r\na=bundle-only")
    assert [section.refused for section in parse_offer(only).sections] == [False, False]


def test_an_answer_must_decide_the_dtls_role() -> None:
    assert parse_answer(small_offer(setup="active")).transport.setup == "active"
    with pytest.raises(SdpError, match="setup:active or setup:passive, not actpass"):
        parse_answer(small_offer(setup="actpass"))


def _without(prefix: str) -> str:
    return "\r\n".join(line for line in small_offer().split("\r\n") if not line.startswith(prefix))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("v=0\r\ns=-\r\n", "the offer has no m= line"),
        (_without("a=ice-ufrag"), "section 0 (audio, line 5) has no ice-ufrag, nor has the top"),
        (_without("a=ice-pwd"), "section 0 (audio, line 5) has no ice-pwd, nor has the top"),
        (_without("a=fingerprint"), "section 0 (audio, line 5) has no fingerprint by sha-256, sha-384, sha-512, sha-1"),
        (_without("a=setup"), "section 0 (audio, line 5) has no a=setup, nor has the top; the offer leaves the DTLS"),
        (_without("a=rtcp-mux"), "section 0 (audio, line 5) has no a=rtcp-mux"),
        (small_offer().replace("m=audio 9", "m=audio 0"), "the offer refuses every section: all ports are 0"),
        (small_offer().replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "line 5: protocol 'RTP/AVP' carries no SRTP keyed"),
        (small_offer().replace("SAVPF 111", "SAVPF"), "line 5: m= line 'audio 9 UDP/TLS/RTP/SAVPF' is not of the form"),
        (small_offer().replace("SAVPF 111", "SAVPF 111 111"), "line 5: a payload type stands twice"),
        (small_offer().replace("m=audio 9", "m=audio 65536"), "line 5: port 65536 is not in 0..65535"),
        (small_offer("m=audio 9 x y z"), "line 13: payload type 'y' is not a number"),
        (small_offer("a=rid:h send", "a=rid:h send"), "line 14: rid h stands twice"),
        (small_offer("a=simulcast:send h"), "line 13: simulcast layer h has no rid line that sends"),
        (small_offer(*(f"a=ssrc:{n} cname:x" for n in range(65))), "line 77: more than 64 ssrcs in one section"),
        (small_offer(*(["m=application 0 x y"] * 64)), "line 76: more than 64 m= lines"),
        (sample("ffmpeg_active").replace("a=mid:1", "a=mid:0"), "line 21: mid 0 stands twice"),
        (sample("ffmpeg_active").replace("a=group:BUNDLE 0 1\r\n", ""), "more than one section and no a=group:BUNDLE"),
        (sample("ffmpeg_active").replace("BUNDLE 0 1", "BUNDLE 0"), "section 1 (video, line 21) is not in the BUNDLE"),
    ],
)
def test_a_wrong_sdp_gets_a_sentence_that_names_line_and_defect(text: str, sentence: str) -> None:
    with pytest.raises(SdpError) as error:
        parse_offer(text)
    assert sentence in str(error.value)


def test_what_is_bundled_only_leaves_the_transport_to_the_first_section() -> None:
    """As RFC 9725 shows an offer: the second section has no port, no credentials and no rtcp-mux."""
    text = small_offer("a=mid:0", "a=sendonly").replace("t=0 0", "t=0 0\r\na=group:BUNDLE 0 1") + "\r\n".join(
        ("m=video 0 UDP/TLS/RTP/SAVPF 96", "a=mid:1", "a=bundle-only", "a=sendonly", "a=rtpmap:96 VP8/90000", "")
    )
    assert [section.kind() for section in parse_offer(text).sections] == ["audio", "video"]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_both_line_ends_are_taken_and_others_are_not(end: str) -> None:
    assert parse_offer(small_offer().replace("\r\n", end)).transport.ufrag == "peer"
    with pytest.raises(SdpError, match="line 1: a control character"):
        parse_offer(small_offer().replace("\r\n", "\r"))


def test_a_title_may_be_in_any_script() -> None:
    assert parse_offer(small_offer().replace("s=-", "s=语文　第三课")) == parse_offer(small_offer())


@pytest.mark.parametrize(
    "candidates",
    [
        (),
        ("a=candidate:1 1 udp 2113937151 8b6c1d9e-1111-4222-8333-944455556666.local 50000 typ host",),
        (
            "a=candidate:1 1 udp 2122260223 192.0.2.9 50000 typ host",
            "a=candidate:2 1 tcp 1 192.0.2.9 9 typ host tcptype active",
        ),
    ],
)
def test_candidates_of_any_kind_or_none_are_read(candidates: tuple[str, ...]) -> None:
    assert parse_offer(small_offer(*candidates)).candidates == len(candidates)


def test_extensions_may_stand_at_the_top() -> None:
    offer = parse_offer(small_offer().replace("t=0 0", "t=0 0\r\na=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid"))
    assert [extension.id for extension in offer.sections[0].extensions] == [3]


def test_an_offer_says_whether_it_is_lite() -> None:
    assert parse_offer(small_offer().replace("t=0 0", "t=0 0\r\na=ice-lite")).lite
    assert not parse_offer(small_offer()).lite
