import pytest

from sfu.core import news, publishing, reconcile, subscribing
from sfu.core.commands import PeerHandle, TrackHandle
from sfu.core.facts import (
    AudioLevels,
    Fact,
    PeerClosed,
    PeerConnected,
    PicturesFitted,
    Reduced,
    TrackFlowing,
    TrackStalled,
)
from sfu.core.tables import Node, OfferKey, PeerKey
from sfu.tests.core import lesson as given
from signaling.messages.node import LineState, NodeLevels, PeerChanged, PeerGone, ReducedTrack

LEAD = PeerKey(given.LESSON, given.LEAD, "publish")


@pytest.fixture
def node() -> Node:
    node = reconcile.desired(given.NODE, given.desired(1, open=(given.TEACHER_MIC,))).node
    return publishing.offer_publish(
        node, given.offer(given.LEAD, ("0", "teacher_mic"), ("1", "teacher")), given.chance()
    ).node


def test_a_connection_and_its_media_are_told_as_they_come(node: Node) -> None:
    peer = node.peers[LEAD]
    decision = news.learn(node, PeerConnected(peer.handle, "AEAD_AES_128_GCM", ("192.0.2.9", 5)))
    assert [message.peer.connected for message in decision.messages if isinstance(message, PeerChanged)] == [True]
    video = peer.tracks[1].handle
    decision = news.learn(decision.node, TrackFlowing(video, "h264"))
    (told,) = [message.peer for message in decision.messages if isinstance(message, PeerChanged)]
    assert [(track.flowing, track.codec) for track in told.tracks] == [(False, "opus"), (True, "h264")]
    decision = news.learn(decision.node, TrackStalled(video))
    assert [track.flowing for track in decision.node.peers[LEAD].tracks] == [False, False]
    assert len(decision.messages) == 1
    assert news.learn(decision.node, TrackStalled(video)).messages == ()


def test_a_lost_connection_is_told_with_its_reason(node: Node) -> None:
    decision = news.learn(node, PeerClosed(node.peers[LEAD].handle, "consent_expired"))
    assert decision.messages == (PeerGone(given.LESSON, given.LEAD, "publish", "consent_expired"),)
    assert (decision.commands, dict(decision.node.peers)) == ((), {})


@pytest.mark.parametrize(
    "fact",
    [
        PeerConnected(PeerHandle(99), "x", ("192.0.2.9", 5)),
        PeerClosed(PeerHandle(99), "consent_expired"),
        TrackFlowing(TrackHandle(99), "vp8"),
        TrackStalled(TrackHandle(99)),
    ],
)
def test_news_of_what_is_no_more_changes_nothing(node: Node, fact: Fact) -> None:
    decision = news.learn(node, fact)
    assert (decision.node, decision.commands, decision.messages) == (node, (), ())


def test_the_loudest_level_of_a_second_is_told_of_open_tracks_only(node: Node) -> None:
    mic, camera = (track.handle for track in node.peers[LEAD].tracks)
    for level in (60, 22, 90):
        node = news.learn(node, AudioLevels(((mic, level), (camera, 1), (TrackHandle(99), 0)))).node
    decision = news.tell_levels(node)
    assert decision.messages == (NodeLevels(given.LESSON, ((given.TEACHER_MIC, 22),)),)
    assert news.tell_levels(decision.node).messages == ()


def test_what_a_line_does_not_carry_is_told_by_the_names_of_tracks_until_all_is_whole() -> None:
    node = reconcile.desired(
        given.NODE, given.desired(1, open=(given.TEACHER,), bindings=[(given.ROOM, "v0", given.TEACHER)])
    ).node
    node = publishing.offer_publish(
        node, given.offer(given.LEAD, ("0", "teacher_mic"), ("1", "teacher")), given.chance()
    ).node
    node = subscribing.open_subscriber(node, given.open_subscriber(given.ROOM), given.chance(2)).node
    waiting = node.offers[OfferKey(given.LESSON, given.ROOM, None)]
    node = subscribing.answer_subscribe(node, given.answer(given.ROOM, waiting.number, waiting.slots)).node
    peer = node.peers[PeerKey(given.LESSON, given.ROOM, "subscribe")]
    first, second, *_ = (slot.handle for slot in peer.slots if slot.parameters.kind == "video")
    reduced = (Reduced(first, 360, False), Reduced(second, None, True))
    decision = news.learn(node, PicturesFitted(peer.handle, 2, 900_000, "line", reduced))
    (told,) = [message.peer for message in decision.messages if isinstance(message, PeerChanged)]
    assert told.line == LineState(2, 900_000, "line", (ReducedTrack(given.TEACHER, 360, False),))
    decision = news.learn(decision.node, PicturesFitted(peer.handle, 5, 3_000_000, "room", ()))
    assert [message.peer.line for message in decision.messages if isinstance(message, PeerChanged)] == [None]
    assert news.learn(node, PicturesFitted(PeerHandle(99), 5, 1, "room", ())).messages == ()
