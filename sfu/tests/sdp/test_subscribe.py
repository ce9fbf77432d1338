import asyncio

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from sfu.sdp import (
    Extensions,
    SdpError,
    SlotParameters,
    answer_whep,
    offer_subscribe,
    parse_answer,
    parse_offer,
    read_subscribe_answer,
)
from sfu.sdp.parameters import TRANSPORT_CC
from sfu.tests.sdp.samples import LOCAL, VIEWERS, as_answer, sample, small_offer

SLOTS = (
    SlotParameters("v0", "video", 10, 11),
    SlotParameters("v1", "video", 12, 13),
    SlotParameters("a0", "audio", 14, 15),
)


async def answer_of_aiortc(offer: str) -> str:
    """What a real stack that others wrote answers."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        answer = await connection.createAnswer()
        transport = parse_offer(sample("aiortc_view")).transport
        # Gathering would open sockets; credentials and certificate come from a recorded offer.
        head = f"a=ice-ufrag:{transport.ufrag}\r\na=ice-pwd:{transport.password}\r\na=setup:active\r\n"
        digest = transport.fingerprint.digest.hex(":")
        head += f"a=fingerprint:sha-256 {digest}\r\n"
        return answer.sdp.replace("m=", head + "m=", 1) if "ice-pwd" not in answer.sdp else answer.sdp
    finally:
        await connection.close()


def test_an_offer_has_every_slot_with_fixed_ssrcs_and_both_video_codecs() -> None:
    offer = parse_offer(offer_subscribe(LOCAL, SLOTS))
    assert [section.mid for section in offer.sections] == ["v0", "v1", "a0"]
    assert all(section.direction == "sendonly" for section in offer.sections)
    assert [entry.encoding for entry in offer.sections[0].formats] == [
        *("H264", "rtx", "VP8", "rtx"),
        *("VP9", "rtx", "AV1", "rtx"),
    ]
    assert offer.sections[1].ssrcs == (12, 13)
    assert offer.sections[1].groups[0].ssrcs == (12, 13)
    assert offer.sections[2].ssrcs == (14,)
    assert offer.transport.setup == "actpass"
    assert offer.candidates == 3 * len(SLOTS)


def test_sound_may_come_with_earlier_sound_where_the_viewer_takes_it() -> None:
    section = parse_offer(offer_subscribe(LOCAL, SLOTS)).sections[2]
    assert [(entry.encoding, entry.parameters) for entry in section.formats[1:]] == [("red", "111/111")]
    taken = read_subscribe_answer(SLOTS, answered()).slots[2]
    assert [(codec.name, codec.payload_type) for codec in taken.codecs] == [("opus", 111), ("red", 63)]
    taken = read_subscribe_answer(SLOTS, answered(("SAVPF 111 63", "SAVPF 111"))).slots[2]
    assert [codec.name for codec in taken.codecs] == ["opus"]


@pytest.mark.parametrize(("name", "codecs"), [("chromium_viewer", ["opus", "red"]), ("firefox_viewer", ["opus"])])
def test_a_viewer_gets_redundant_sound_if_it_says_that_it_takes_it(name: str, codecs: list[str]) -> None:
    subscription = answer_whep(parse_offer(sample(name)), LOCAL, [(1, 2), (3, 4)])
    sound = next(entry for entry in subscription.slots if entry.slot.kind == "audio")
    assert [codec.name for codec in sound.codecs] == codecs


def test_sound_offers_nack_too() -> None:
    assert "nack" in parse_offer(offer_subscribe(LOCAL, SLOTS)).sections[2].formats[0].feedback


def test_arrivals_are_asked_for_in_every_slot() -> None:
    for section in parse_offer(offer_subscribe(LOCAL, SLOTS)).sections:
        assert TRANSPORT_CC in [extension.uri for extension in section.extensions]
        told = [entry for entry in section.formats if entry.encoding not in ("rtx", "red")]
        assert all("transport-cc" in entry.feedback for entry in told)


def test_slots_are_numbered_where_their_section_has_both_the_numbers_and_the_feedback() -> None:
    subscription = read_subscribe_answer(SLOTS, answered())
    assert subscription.extensions.transport_cc == 4
    assert [entry.numbered for entry in subscription.slots] == [True, True, True]
    # As Firefox: pictures only.
    head, _, sound = answered().rpartition("m=audio")
    line = f"a=extmap:4 {TRANSPORT_CC}\r\n"
    for without in (sound.replace(line, ""), sound.replace("a=rtcp-fb:111 transport-cc\r\n", "")):
        subscription = read_subscribe_answer(SLOTS, f"{head}m=audio{without}")
        assert subscription.extensions.transport_cc == 4
        assert [entry.numbered for entry in subscription.slots] == [True, True, False]
    nothing = answered((" transport-cc", " transport-xx"))
    subscription = read_subscribe_answer(SLOTS, nothing)
    assert (subscription.extensions.transport_cc, subscription.slots[0].numbered) == (0, False)


def test_a_player_is_answered_what_it_offers_of_feedback() -> None:
    offer = sample("chromium_viewer")
    subscription = answer_whep(parse_offer(offer), LOCAL, [(1, 2), (3, 4)])
    assert subscription.extensions.transport_cc != 0
    assert all(entry.numbered for entry in subscription.slots)
    assert subscription.sdp.count(f" {TRANSPORT_CC}\r\n") == 2
    assert subscription.sdp.count(" transport-cc\r\n") >= 2
    without = answer_whep(parse_offer(offer.replace("transport-cc\r\n", "x\r\n")), LOCAL, [(1, 2), (3, 4)])
    assert (without.extensions.transport_cc, TRANSPORT_CC in without.sdp) == (0, False)


def test_the_first_picture_and_the_first_sound_are_one_stream() -> None:
    sections = parse_offer(offer_subscribe(LOCAL, SLOTS)).sections
    assert [section.msid.split()[0] for section in sections] == ["slot-0", "slot-1", "slot-0"]


async def test_the_answer_of_a_real_stack_says_what_each_slot_takes() -> None:
    text = await asyncio.wait_for(answer_of_aiortc(offer_subscribe(LOCAL, SLOTS)), 10)
    subscription = read_subscribe_answer(SLOTS, text)
    assert [entry.slot.mid for entry in subscription.slots] == ["v0", "v1", "a0"]
    assert [codec.name for codec in subscription.slots[0].codecs] == ["h264", "vp8"]
    assert subscription.extensions == Extensions(mid=1, audio_level=2)
    assert subscription.dtls_role == "passive"


def answered(*changes: tuple[str, str]) -> str:
    """Our own offer turned into an answer, with changes."""
    text = as_answer(offer_subscribe(LOCAL, SLOTS))
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_a_viewer_without_h264_takes_vp8() -> None:
    taken = answered(("SAVPF 102 103 96 97 98 99 104 105", "SAVPF 96 97"))
    about = tuple(
        f"a={name}:{number} " for name in ("rtpmap", "fmtp", "rtcp-fb") for number in (102, 103, 98, 99, 104, 105)
    )
    text = "\r\n".join(line for line in taken.split("\r\n") if not line.startswith(about))
    subscription = read_subscribe_answer(SLOTS, text)
    assert [[codec.name for codec in entry.codecs] for entry in subscription.slots] == [
        ["vp8"],
        ["vp8"],
        ["opus", "red"],
    ]


def test_sound_is_repaired_though_chromium_does_not_repeat_the_nack_that_it_obeys() -> None:
    text = answered(("a=rtcp-fb:111 nack\r\n", ""))
    assert read_subscribe_answer(SLOTS, text).slots[2].codecs[0].nack


def test_slots_that_the_viewer_refuses_are_left_out() -> None:
    text = answered(("a=mid:v1\r\na=recvonly", "a=mid:v1\r\na=inactive"))
    assert [entry.slot.mid for entry in read_subscribe_answer(SLOTS, text).slots] == ["v0", "a0"]
    head, _, tail = answered().rpartition("m=video 7000")
    refused = f"{head}m=video 0{tail}"
    assert [entry.slot.mid for entry in read_subscribe_answer(SLOTS, refused).slots] == ["v0", "a0"]


def test_an_answer_that_wants_to_wait_makes_the_node_active() -> None:
    text = answered(("setup:active", "setup:passive"))
    assert read_subscribe_answer(SLOTS, text).dtls_role == "active"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (answered(("a=setup:active", "a=setup:actpass")), "not actpass"),
        (answered(("a=mid:v1", "a=mid:x1"), ("BUNDLE v0 v1", "BUNDLE v0 x1")), "mid x1 where the offer has v1"),
        (answered(("v0 v1 a0", "v0 v1")).partition("m=audio")[0], "the answer has 2 sections, the offer had 3"),
        (answered(("m=audio", "m=video")), "the answer has video where the offer has audio"),
        (answered(("s=-", "s=-\r\na=ice-lite")), "the answer says a=ice-lite"),
        (answered(("a=recvonly", "a=inactive")), "no section receives audio or video"),
    ],
)
def test_an_answer_that_does_not_fit_the_offer_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(SdpError) as error:
        read_subscribe_answer(SLOTS, text)
    assert sentence in str(error.value)


@pytest.mark.parametrize("name", VIEWERS)
def test_a_whep_viewer_gets_a_slot_for_every_section_that_receives(name: str) -> None:
    offer = parse_offer(sample(name))
    subscription = answer_whep(offer, LOCAL, [(1, 2), (3, 4)])
    answer = parse_answer(subscription.sdp)
    assert [section.direction for section in answer.sections] == ["sendonly", "sendonly"]
    assert [entry.slot.mid for entry in subscription.slots] == ["0", "1"]
    assert [entry.slot.kind for entry in subscription.slots] == [section.media for section in offer.sections]
    assert answer.sections[0].ssrcs[:1] == (1,)


def test_a_whep_offer_that_only_sends_is_refused() -> None:
    with pytest.raises(SdpError, match="no section receives"):
        answer_whep(parse_offer(sample("ffmpeg_active")), LOCAL, [(1, 2)])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (small_offer("a=recvonly").replace("opus/48000/2", "PCMA/8000"), "must take Opus; it takes PCMA"),
        (small_offer("a=recvonly", media="video").replace("VP8", "H265"), "VP9 or AV1; it takes H265"),
    ],
)
def test_a_player_that_could_fill_no_slot_is_told_so(text: str, sentence: str) -> None:
    with pytest.raises(SdpError) as error:
        answer_whep(parse_offer(text), LOCAL, [(1, 2)])
    assert sentence in str(error.value)
