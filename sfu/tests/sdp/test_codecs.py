import pytest

from sfu.sdp import parse_offer
from sfu.sdp.codecs import name_of, publish_choice, receive_choices
from sfu.sdp.description import Format, Section
from sfu.tests.sdp.samples import sample


def video(*formats: Format) -> Section:
    """A video section that offers these, best liked first."""
    return Section(0, 1, "video", 9, "UDP/TLS/RTP/SAVPF", (), "0", True, "sendrecv", formats)


def h264(payload_type: int, profile: str, mode: int = 1) -> Format:
    return Format(payload_type, "H264", 90000, 1, f"packetization-mode={mode};profile-level-id={profile}")


VP8 = Format(96, "VP8", 90000)
VP9 = Format(97, "VP9", 90000)
AV1 = Format(98, "AV1", 90000)
LESSON, BASELINE, HIGH = h264(100, "42e01f"), h264(101, "42001f"), h264(102, "64001f")
SINGLE = h264(103, "42E01F", mode=0)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ((VP9, HIGH, VP8, SINGLE, BASELINE, LESSON), LESSON),
        ((VP9, HIGH, VP8, SINGLE, BASELINE), BASELINE),
        ((VP9, HIGH, VP8, SINGLE), SINGLE),
        ((VP9, HIGH, VP8), VP8),
        ((VP9, HIGH), HIGH),
        ((VP9, AV1), AV1),
        ((VP9,), VP9),
        ((h264(1, "4d801f"), VP8), h264(1, "4d801f")),
        ((h264(1, "junk12"), VP8), VP8),
        ((h264(1, "42000c"),), h264(1, "42000c")),
    ],
)
def test_a_publisher_sends_the_codec_that_most_viewers_take(offered: tuple[Format, ...], chosen: Format) -> None:
    choice = publish_choice(video(*offered), "video", None)
    assert choice is not None
    assert choice.offered == chosen


def test_an_extra_copy_is_sent_in_the_codec_asked_for_or_not_at_all() -> None:
    choice = publish_choice(video(LESSON, VP8), "video", "vp8")
    assert choice is not None
    assert choice.offered == VP8
    assert publish_choice(video(LESSON), "video", "vp8") is None


def test_what_the_forwarder_does_not_carry_has_no_name() -> None:
    assert name_of(Format(0, "PCMU", 8000), "audio") is None
    assert name_of(Format(96, "VP9", 90000, 1, "profile-id=2"), "video") is None
    assert name_of(Format(96, "VP8", 48000), "video") is None
    assert publish_choice(video(h264(1, "42e01f", mode=2)), "video", None) is None


def test_a_viewer_gets_each_lesson_codec_once_in_its_own_payload_types() -> None:
    section = parse_offer(sample("chromium_viewer")).sections[0]
    codecs = [choice.codec for choice in receive_choices(section, "video")]
    assert [(codec.name, codec.payload_type, codec.rtx_payload_type) for codec in codecs] == [
        ("h264", 108, 109),
        ("vp8", 96, 97),
        ("vp9", 98, 99),
        ("av1", 45, 46),
    ]
    assert receive_choices(video(SINGLE), "video") == ()


def test_repairs_are_used_only_where_nack_is_offered() -> None:
    rtx = Format(97, "rtx", 90000, 1, "apt=96")
    with_nack = Format(96, "VP8", 90000, 1, "", ("nack", "nack pli", "goog-remb"))
    choice = publish_choice(video(with_nack, rtx), "video", None)
    assert choice is not None
    assert (choice.codec.rtx_payload_type, choice.feedback()) == (97, ("nack", "nack pli"))
    bare = publish_choice(video(VP8, rtx), "video", None)
    assert bare is not None
    assert (bare.codec.rtx_payload_type, bare.feedback()) == (None, ())
