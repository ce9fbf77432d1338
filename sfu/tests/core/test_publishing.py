import re
from collections.abc import Callable

import pytest

from sfu.core import publishing, reconcile
from sfu.core.commands import AddPeer, AddTrack, OpenTrack, RemovePeer, RemoveTrack, RestartIce
from sfu.core.tables import Node, PeerKey, Refusal
from sfu.sdp import parse_answer
from sfu.tests.core import lesson as given
from sfu.tests.core.ledger import Ledger
from sfu.tests.sdp.samples import sample
from signaling.messages.ids import LessonId, Mid, SeatId, Source, source_mark
from signaling.messages.node import OfferPublish, PeerChanged, PublishedMid, TrackState

LEAD = PeerKey(given.LESSON, given.LEAD, "publish")
BOTH: tuple[tuple[str, Source], ...] = (("0", "teacher_mic"), ("1", "teacher"))


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def node() -> Node:
    return reconcile.desired(given.NODE, given.desired(1, open=(given.TEACHER,))).node


def lead(ledger: Ledger, node: Node) -> Node:
    return ledger.take(publishing.offer_publish(node, given.offer(given.LEAD, *BOTH), given.chance()))


def test_tracks_are_named_after_seat_and_source(ledger: Ledger, node: Node) -> None:
    decision = publishing.offer_publish(node, given.offer(given.LEAD, *BOTH), given.chance())
    ledger.take(decision)
    (told,) = [message.peer for message in decision.messages if isinstance(message, PeerChanged)]
    assert told.tracks == (
        TrackState(given.TEACHER_MIC, "teacher_mic", "audio", "opus", flowing=False),
        TrackState(given.TEACHER, "teacher", "video", "h264", flowing=False),
    )
    assert (told.connection, told.origin, told.connected) == ("publish", "control", False)
    assert parse_answer(decision.sdp).transport.setup == "passive"


def test_a_track_is_forwarded_only_when_it_should_be(ledger: Ledger, node: Node) -> None:
    tracks = lead(ledger, node).peers[LEAD].tracks
    assert {track.track: ledger.open[track.handle] for track in tracks} == {
        given.TEACHER: True,
        given.TEACHER_MIC: False,
    }


def test_the_forwarder_gets_what_was_negotiated(ledger: Ledger, node: Node) -> None:
    lead(ledger, node)
    (peer,) = ledger.peers.values()
    answer = parse_answer(publishing.offer_publish(node, given.offer(given.LEAD, *BOTH), given.chance()).sdp)
    assert (peer.local_ufrag, peer.local_password) == (answer.transport.ufrag, answer.transport.password)
    assert (peer.remote_ufrag, peer.dtls_role, peer.extensions.mid) == ("SLEAD", "passive", 4)
    audio, video = ledger.tracks.values()
    assert [(added.kind, added.mid, added.codecs[0].name) for added in (audio, video)] == [
        ("audio", "0", "opus"),
        ("video", "1", "h264"),
    ]
    assert video.encodings[0].rtx_ssrc is not None


def test_packets_say_which_source_they_are_whatever_their_codec(ledger: Ledger, node: Node) -> None:
    decision = publishing.offer_publish(node, given.offer(given.LEAD, *BOTH), given.chance())
    marks = [command.mark for command in decision.commands if isinstance(command, AddTrack)]
    assert marks == [source_mark(given.LEAD, "teacher_mic"), source_mark(given.LEAD, "teacher")]
    assert len({0, *marks}) == 3


def test_the_same_offer_again_touches_no_media(ledger: Ledger, node: Node) -> None:
    node = lead(ledger, node)
    decision = publishing.offer_publish(node, given.offer(given.LEAD, *BOTH), given.chance(2))
    assert (decision.commands, decision.messages) == ((), ())
    first = publishing.offer_publish(
        reconcile.desired(given.NODE, given.desired(1)).node, given.offer(given.LEAD, *BOTH), given.chance()
    )
    assert parse_answer(decision.sdp).transport == parse_answer(first.sdp).transport
    assert " 2 IN IP4" in decision.sdp


def test_a_later_offer_adds_a_source_and_ends_another(ledger: Ledger, node: Node) -> None:
    node = lead(ledger, node)
    more = given.offer(given.LEAD, ("0", "teacher_mic"), ("2", "courseware"), sdp=given.three_sections("SLEAD"))
    decision = publishing.offer_publish(node, more, given.chance(2))
    assert [type(command) for command in decision.commands] == [RemoveTrack, AddTrack]
    node = ledger.take(decision)
    assert [track.source for track in node.peers[LEAD].tracks] == ["teacher_mic", "courseware"]


def other_certificate(sdp: str) -> str:
    return re.sub(r"sha-256 \S\S", "sha-256 00", sdp)


def other_offerer(sdp: str) -> str:
    return re.sub(r"o=- \d+", "o=- 7", sdp)


@pytest.mark.parametrize("other", [other_certificate, other_offerer])
def test_another_certificate_or_offerer_starts_the_connection_anew(
    ledger: Ledger, node: Node, other: Callable[[str], str]
) -> None:
    node = lead(ledger, node)
    offer = given.offer(given.LEAD, *BOTH, sdp=other(given.other_ufrag("again")))
    decision = publishing.offer_publish(node, offer, given.chance(2))
    kinds = [type(command) for command in decision.commands]
    assert kinds == [RemovePeer, AddPeer, AddTrack, AddTrack, OpenTrack]
    ledger.take(decision)


def test_another_ufrag_of_the_same_connection_restarts_ice_and_touches_no_media(ledger: Ledger, node: Node) -> None:
    node = lead(ledger, node)
    (before,) = ledger.peers.values()
    offer = given.offer(given.LEAD, *BOTH, sdp=given.other_ufrag("again"))
    decision = publishing.offer_publish(node, offer, given.chance(2))
    assert ([type(command) for command in decision.commands], decision.messages) == ([RestartIce], ())
    (after,), answer = ledger.take(decision).peers.values(), parse_answer(decision.sdp).transport
    (held,) = ledger.peers.values()
    assert (held.remote_ufrag, held.local_ufrag, held.local_password) == ("again", answer.ufrag, answer.password)
    assert before.local_ufrag != answer.ufrag and before.local_password != answer.password
    assert (answer.setup, " 2 IN IP4" in decision.sdp) == ("passive", True)
    again = publishing.offer_publish(decision.node, offer, given.chance(3))
    assert (again.commands, parse_answer(again.sdp).transport) == ((), answer)
    assert after.tracks == node.peers[LEAD].tracks


def test_a_restart_may_end_a_source_as_well(ledger: Ledger, node: Node) -> None:
    node = lead(ledger, node)
    offer = given.offer(given.LEAD, ("1", "teacher"), sdp=given.other_ufrag("again"))
    decision = publishing.offer_publish(node, offer, given.chance(2))
    assert [type(command) for command in decision.commands] == [RestartIce, RemoveTrack]
    ledger.take(decision)


def test_an_encoder_that_posts_again_is_a_new_connection(ledger: Ledger, node: Node) -> None:
    node = ledger.take(publishing.offer_publish(node, given.offer(given.LEAD, *BOTH), given.chance(), origin="whip"))
    offer = given.offer(given.LEAD, *BOTH, sdp=given.other_ufrag("again"))
    decision = publishing.offer_publish(node, offer, given.chance(2), origin="whip")
    assert RemovePeer in [type(command) for command in decision.commands]


def test_an_extra_copy_is_a_track_of_its_own(ledger: Ledger, node: Node) -> None:
    node = lead(ledger, node)
    more = given.offer(
        given.LEAD,
        ("0", "teacher_mic"),
        ("1", "teacher"),
        ("2", "teacher"),
        sdp=given.three_sections("SLEAD"),
        copy="vp8",
    )
    node = ledger.take(publishing.offer_publish(node, more, given.chance(2)))
    copy = node.peers[LEAD].tracks[2]
    assert (copy.track, copy.copy, copy.codec) == (f"{given.TEACHER}:vp8", "vp8", "vp8")


@pytest.mark.parametrize(
    ("offer", "code", "sentence"),
    [
        (given.offer(given.ROOM, ("1", "teacher")), "not_permitted", "this seat may not publish teacher"),
        (given.offer(given.LEAD, ("0", "teacher")), "wrong_sdp", "teacher is video, but section 0 is audio"),
        (given.offer(given.LEAD, ("9", "teacher")), "wrong_sdp", "mid 9, which the offer does not have"),
        (given.offer(given.LEAD, ("0", "teacher_mic"), ("0", "teacher_mic")), "wrong_message", "named twice"),
        (given.offer(given.LEAD, ("2", "teacher"), copy="av1"), "wrong_message", "no extra copies in av1"),
        (given.offer(given.LEAD, ("1", "teacher"), sdp="v=1"), "wrong_sdp", "line 1: an SDP begins with v=0"),
        (OfferPublish(1, LessonId("L?"), given.LEAD, "", ()), "lesson_not_open", "lesson L? is not held by this node"),
        (OfferPublish(1, given.LESSON, SeatId("S?"), "", ()), "unknown_seat", "has no seat S?"),
    ],
)
def test_what_may_not_be_published_is_refused(node: Node, offer: OfferPublish, code: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        publishing.offer_publish(node, offer, given.chance())
    assert refusal.value.code == code
    assert sentence in refusal.value.sentence


def test_a_whip_token_gives_its_sources_to_the_first_sections_of_their_kind() -> None:
    named = publishing.whip_sources(sample("ffmpeg_active"), ("teacher", "teacher_mic"))
    assert named == (PublishedMid(Mid("0"), "teacher_mic"), PublishedMid(Mid("1"), "teacher"))
    assert publishing.whip_sources(sample("ffmpeg_active"), ("board",)) == (PublishedMid(Mid("1"), "board"),)


def test_a_whip_offer_for_nothing_of_the_token_is_refused() -> None:
    with pytest.raises(Refusal, match="the offer sends nothing that the token is for: teacher"):
        publishing.whip_sources(sample("firefox_viewer"), ("teacher",))


def test_ffmpeg_that_waits_makes_the_node_active(ledger: Ledger, node: Node) -> None:
    sdp = sample("ffmpeg_passive")
    offer = OfferPublish(0, given.LESSON, given.LEAD, sdp, publishing.whip_sources(sdp, ("teacher", "teacher_mic")))
    decision = publishing.offer_publish(node, offer, given.chance(), origin="whip")
    node = ledger.take(decision)
    assert [peer.dtls_role for peer in ledger.peers.values()] == ["active"]
    assert node.peers[LEAD].state().origin == "whip"
    assert [track.codec for track in node.peers[LEAD].tracks] == ["opus", "h264"]
