"""The dialling side against our own accepting side, and against aiortc."""

from dataclasses import replace

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from sfu.sdp import (
    Dialled,
    Encoding,
    Fingerprint,
    Kind,
    LocalParameters,
    SdpError,
    SlotParameters,
    answer_publish,
    answer_slots,
    answer_whep,
    offer_receive,
    offer_send,
    offer_subscribe,
    parse_offer,
    read_receive_answer,
    read_send_answer,
    read_subscribe_answer,
)
from sfu.tests.sdp.samples import LOCAL, sample

DIALLING = LocalParameters("dial", "d" * 24, Fingerprint("sha-256", bytes(32)), (("192.0.2.9", 9000),), 7)
SECTIONS: tuple[tuple[Kind, str], ...] = (("video", "v"), ("audio", "a"))
SLOTS = (SlotParameters("v0", "video", 10, 11), SlotParameters("a0", "audio", 12, 13))
ALL = ("h264", "vp8", "vp9", "av1")


def known(dialled: Dialled) -> tuple[object, ...]:
    """What the dialling side has learned of the node."""
    return dialled.remote.ufrag, dialled.remote.password, dialled.remote.fingerprint, dialled.candidates


def test_an_offer_to_receive_and_the_nodes_answer_agree() -> None:
    offer = parse_offer(offer_receive(DIALLING, SECTIONS))
    assert (offer.lite, offer.addresses, offer.transport.setup) == (False, DIALLING.addresses, "actpass")
    answered = answer_whep(offer, LOCAL, [(1, 2), (3, 4)])
    dialled = read_receive_answer(SECTIONS, answered.sdp)
    assert known(dialled) == (LOCAL.ufrag, LOCAL.password, LOCAL.fingerprint, LOCAL.addresses)
    assert (dialled.dtls_role, answered.dtls_role) == ("active", "passive")
    assert dialled.extensions == answered.extensions
    video, audio = dialled.tracks
    assert (video.mid, audio.mid) == ("v", "a")
    assert (video.codecs, audio.codecs) == tuple(slot.codecs for slot in answered.slots)
    assert (video.encodings, audio.encodings) == ((Encoding(1, 2),), (Encoding(3),))


def test_an_offer_of_slots_is_answered_so_that_the_node_can_send() -> None:
    dialled = answer_slots(parse_offer(offer_subscribe(LOCAL, SLOTS)), DIALLING)
    subscription = read_subscribe_answer(SLOTS, dialled.sdp)
    assert (dialled.dtls_role, subscription.dtls_role) == ("active", "passive")
    assert known(dialled) == (LOCAL.ufrag, LOCAL.password, LOCAL.fingerprint, LOCAL.addresses)
    assert [slot.slot for slot in subscription.slots] == list(SLOTS)
    assert tuple(codec.name for codec in dialled.tracks[0].codecs) == ALL
    for track, slot in zip(dialled.tracks, subscription.slots, strict=True):
        assert (track.mid, track.codecs) == (slot.slot.mid, slot.codecs)
        assert track.encodings[0].ssrc == slot.slot.ssrc
    assert dialled.extensions == subscription.extensions


def test_who_dials_is_told_whose_each_packet_is_and_a_browser_is_not() -> None:
    offer = offer_subscribe(LOCAL, SLOTS)
    dialled = answer_slots(parse_offer(offer), DIALLING)
    assert read_subscribe_answer(SLOTS, dialled.sdp).extensions.mark == dialled.extensions.mark != 0
    passed_over = dialled.sdp.replace(f"a=extmap:{dialled.extensions.mark} urn:x-three-classrooms:mark\r\n", "")
    assert read_subscribe_answer(SLOTS, passed_over).extensions.mark == 0


def test_an_offer_to_send_is_answered_as_a_publishers() -> None:
    offer = parse_offer(offer_send(DIALLING, SLOTS))
    publication = answer_publish(offer, LOCAL, {"v0": None, "a0": None})
    dialled = read_send_answer(SLOTS, publication.sdp)
    assert (dialled.dtls_role, publication.dtls_role) == ("active", "passive")
    assert [slot.slot for slot in dialled.slots] == list(SLOTS)
    for slot, track in zip(dialled.slots, publication.tracks, strict=True):
        assert slot.codecs == track.codecs
        assert track.encodings[0].ssrc == slot.slot.ssrc
    assert dialled.candidates == LOCAL.addresses


@pytest.mark.parametrize(("setup", "role"), [("active", "passive"), ("passive", "active"), ("actpass", "active")])
def test_whoever_dials_begins_the_handshake_unless_the_offer_does(setup: str, role: str) -> None:
    offer = offer_subscribe(LOCAL, SLOTS).replace("setup:actpass", f"setup:{setup}")
    dialled = answer_slots(parse_offer(offer), DIALLING)
    assert (dialled.dtls_role, f"a=setup:{role}\r\n" in dialled.sdp) == (role, True)


def test_slots_of_unknown_codecs_are_refused_and_the_rest_taken() -> None:
    offer = offer_subscribe(LOCAL, SLOTS).replace("opus/48000/2", "PCMA/8000")
    dialled = answer_slots(parse_offer(offer), DIALLING)
    assert [track.mid for track in dialled.tracks] == ["v0"]
    assert "m=audio 0 " in dialled.sdp and "BUNDLE v0\r\n" in dialled.sdp


def test_only_addresses_that_can_be_dialled_count_the_favourite_first() -> None:
    first, second, third, *_ = (f"a=candidate:{n} 1 udp {n} 192.0.2.{n} 7 typ host" for n in (1, 9, 5))
    others = ("a=candidate:1 1 udp 9 x.local 7 typ host", "a=candidate:1 1 tcp 9 192.0.2.7 7 typ host tcptype passive")
    text = sample("ffmpeg_active").replace("a=setup", "\r\n".join((first, second, third, *others, "a=setup")))
    offer = parse_offer(text)
    assert (offer.addresses, offer.candidates) == ((("192.0.2.9", 7), ("192.0.2.5", 7), ("192.0.2.1", 7)), 10)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("typ host", "host"), "is not of the form foundation component transport"),
        ((" 7000 typ", " 70000 typ"), "candidate port 70000 is not in 0..65535"),
        ((" udp ", " tcp "), "none of the 6 candidates is an address that can be dialled over UDP"),
        (("a=sendonly", "a=inactive"), "no section sends audio or video"),
    ],
)
def test_an_answer_that_nobody_could_dial_is_refused(change: tuple[str, str], sentence: str) -> None:
    text = answer_whep(parse_offer(offer_receive(DIALLING, SECTIONS)), LOCAL, [(1, 2), (3, 4)]).sdp
    with pytest.raises(SdpError) as error:
        read_receive_answer(SECTIONS, text.replace(*change))
    assert sentence in str(error.value)


def test_an_answer_with_other_sections_is_refused() -> None:
    text = answer_whep(parse_offer(offer_receive(DIALLING, SECTIONS)), LOCAL, [(1, 2), (3, 4)]).sdp
    with pytest.raises(SdpError, match="the answer has 2 sections, the offer had 1"):
        read_receive_answer(SECTIONS[:1], text)
    with pytest.raises(SdpError, match="the answer has mid v where the offer has v0"):
        read_send_answer(SLOTS, text)


async def test_aiortc_answers_our_offer_to_receive() -> None:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        for kind in ("video", "audio"):
            peer.addTransceiver(kind, direction="sendonly")
        await peer.setRemoteDescription(RTCSessionDescription(offer_receive(DIALLING, SECTIONS), "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        # A machine without a network gathers nothing.
        text = peer.localDescription.sdp.replace("a=setup", "a=candidate:9 1 udp 1 192.0.2.9 9 typ host\r\na=setup")
        dialled = read_receive_answer(SECTIONS, text)
    finally:
        await peer.close()
    assert [[codec.name for codec in track.codecs] for track in dialled.tracks] == [["h264", "vp8"], ["opus"]]
    assert all(track.encodings for track in dialled.tracks)
    assert dialled.dtls_role == "passive"


async def test_our_answer_is_read_by_aiortc() -> None:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        for kind in ("video", "audio"):
            peer.addTransceiver(kind, direction="sendonly")
        await peer.setLocalDescription(await peer.createOffer())
        offer = parse_offer(peer.localDescription.sdp)
        dialled = answer_slots(replace(offer, addresses=offer.addresses or (("192.0.2.1", 9),)), DIALLING)
        await peer.setRemoteDescription(RTCSessionDescription(dialled.sdp, "answer"))
        assert [each.currentDirection for each in peer.getTransceivers()] == ["sendonly", "sendonly"]
    finally:
        await peer.close()
