"""Lines that each are right and do not fit together."""

import pytest

from sfu.sdp import SdpError, parse_offer
from sfu.tests.sdp.samples import sample, small_offer

VP8_RTX = ("a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=111")
SSRCS = tuple(f"a=ssrc:{n} cname:x" for n in range(1, 7))


def video(*lines: str) -> str:
    """VP8 as 111 and its repairs as 97."""
    return small_offer(*lines, media="video").replace("SAVPF 111", "SAVPF 111 97")


def two(*changes: tuple[str, str]) -> str:
    """Sound and picture, with changes."""
    text = sample("chromium_plain")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_what_is_said_of_a_codec_that_a_page_has_taken_out_is_passed_over() -> None:
    """Firefox leaves such lines behind after `setCodecPreferences`."""
    left = (
        "a=rtpmap:121 VP9/90000",
        "a=fmtp:121 x=1",
        "a=rtcp-fb:121 nack",
        "a=rtpmap:122 rtx/90000",
        "a=fmtp:122 apt=121",
    )
    assert parse_offer(small_offer(*left)) == parse_offer(small_offer())


def test_a_whole_section_agrees() -> None:
    parse_offer(video(*VP8_RTX, "a=rid:h send pt=111", "a=simulcast:send h", *SSRCS, "a=ssrc-group:FID 1 2"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (small_offer("a=rid:h send pt=96"), "line 13: rid is about payload type 96, which the m= line does not list"),
        (small_offer().replace("SAVPF 111", "SAVPF 111 98"), "line 5: payload type 98 has no rtpmap"),
        (small_offer().replace("SAVPF 111", "SAVPF 111 72"), "line 5: payload type 72 would look like RTCP"),
        (video("a=rtpmap:97 rtx/90000"), "line 13: rtx 97 has no apt: it does not say what it repairs"),
        (video("a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=x"), "line 14: apt 'x' is not a number"),
        (video("a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=99"), "line 14: rtx 97 repairs payload type 99, which the m="),
        (video("a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=97"), "line 14: rtx 97 repairs 97, which is rtx itself"),
        (
            video("a=rtpmap:97 rtx/8000", "a=fmtp:97 apt=111"),
            "line 14: rtx 97 has clock 8000, what it repairs has 90000",
        ),
        (
            video(*VP8_RTX, "a=rid:h recv", "a=simulcast:send h"),
            "line 16: simulcast layer h has no rid line that sends",
        ),
        (video(*VP8_RTX, "a=rid:h send", "a=simulcast:send h;h"), "line 16: simulcast names a layer twice"),
        (
            video(*VP8_RTX, *(f"a=rid:{n} send" for n in range(5)), "a=simulcast:send 0;1;2;3;4"),
            "line 20: simulcast has 5 layers, 4 are the most",
        ),
        (video(*VP8_RTX, "a=ssrc-group:FID 1 2"), "line 15: ssrc-group FID names ssrc 1, which has no a=ssrc line"),
        (
            video(*VP8_RTX, *SSRCS, "a=ssrc-group:SIM 1 9"),
            "line 21: ssrc-group SIM names ssrc 9, which has no a=ssrc line",
        ),
        (
            video(*VP8_RTX, *SSRCS, "a=ssrc-group:SIM 1 2 3 4 5"),
            "line 21: ssrc-group SIM has 5 members, 4 are the most",
        ),
        (
            video(*VP8_RTX, *SSRCS, "a=ssrc-group:FID 1 2", "a=ssrc-group:FID 3 2"),
            "line 22: ssrc-group FID names ssrc 2, which repairs another one already",
        ),
        (
            video(*VP8_RTX, *SSRCS, "a=ssrc-group:SIM 1 2", "a=ssrc-group:FID 1 2"),
            "line 21: ssrc-group SIM names an ssrc that only repairs",
        ),
        (
            video(*VP8_RTX, "a=ssrc:1 msid:camera v", "a=ssrc:2 msid:screen v"),
            "line 5: 2 media streams in one section (plan B); each needs a section of its own",
        ),
        (two(("BUNDLE 0 1", "BUNDLE 0 1 2")), "BUNDLE names mid '2', which no section has"),
        (two(("BUNDLE 0 1", "BUNDLE 0 1 1")), "BUNDLE names mid 1 twice"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(SdpError) as error:
        parse_offer(text)
    assert sentence in str(error.value)


def test_one_payload_type_has_one_meaning_on_a_transport() -> None:
    offer = sample("ffmpeg_active")
    wrong = offer.replace("m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 UDP/TLS/RTP/SAVPF 111").replace(
        "a=mid:1", "a=mid:1\r\na=rtpmap:111 VP8/90000"
    )
    with pytest.raises(SdpError, match="payload type 111 is another codec elsewhere"):
        parse_offer(wrong)


def test_one_ssrc_belongs_to_one_section() -> None:
    offer = parse_offer(sample("ffmpeg_active"))
    sound, picture = (section.ssrcs[0] for section in offer.sections[:2])
    with pytest.raises(SdpError, match=f"ssrc {sound} stands in section 0 as well"):
        parse_offer(sample("ffmpeg_active").replace(str(picture), str(sound)))


def test_what_is_refused_by_port_0_may_be_incomplete() -> None:
    text = small_offer("m=video 0 UDP/TLS/RTP/SAVPF 96", "a=mid:x", "a=ssrc-group:FID 1 2")
    assert parse_offer(text).sections[1].refused
