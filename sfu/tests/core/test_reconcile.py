import dataclasses

import pytest

from sfu.core import publishing, reconcile, subscribing
from sfu.core.commands import BindSlot, OpenTrack, RemovePeer, RemoveTrack
from sfu.core.tables import Node, Refusal
from sfu.tests.core import lesson as given
from sfu.tests.core.ledger import Ledger
from signaling.messages.ids import LessonId, Mid
from signaling.messages.node import Applied, ClosePeer, PeerChanged, PeerGone

BINDINGS = ((given.ROOM, "v0", given.TEACHER), (given.ROOM, "a0", given.TEACHER_MIC))
OPEN = (given.TEACHER, given.TEACHER_MIC)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def published(ledger: Ledger, node: Node) -> Node:
    """The lead publishes camera and microphone."""
    offer = given.offer(given.LEAD, ("0", "teacher_mic"), ("1", "teacher"))
    return ledger.take(publishing.offer_publish(node, offer, given.chance()))


def subscribed(ledger: Ledger, node: Node, seed: int = 2) -> Node:
    """The room takes two pictures and one sound."""
    node = ledger.take(subscribing.open_subscriber(node, given.open_subscriber(given.ROOM), given.chance(seed)))
    offer = node.offers[given.ROOM_OFFER]
    return ledger.take(subscribing.answer_subscribe(node, given.answer(given.ROOM, offer.number, offer.slots)))


def running(ledger: Ledger) -> Node:
    """A lesson with lead and room."""
    node = ledger.take(reconcile.desired(given.NODE, given.desired(1, open=OPEN, bindings=BINDINGS)))
    return subscribed(ledger, published(ledger, node))


def flows(ledger: Ledger, node: Node) -> dict[str, str]:
    """Which slot of the room lets which track be seen or heard."""
    names = {track.handle: track for peer in node.peers.values() for track in peer.tracks}
    return {
        slot.parameters.mid: str(names[slot.bound].track)
        for peer in node.peers.values()
        for slot in peer.slots
        if slot.bound is not None and ledger.open[slot.bound]
    }


def test_what_should_be_comes_into_force_whatever_comes_first(ledger: Ledger) -> None:
    said_before = running(ledger)
    assert flows(ledger, said_before) == {"v0": given.TEACHER, "a0": given.TEACHER_MIC}
    other = Ledger()
    node = other.take(reconcile.desired(given.NODE, given.desired(1)))
    node = published(other, subscribed(other, node))
    assert flows(other, node) == {}
    node = other.take(reconcile.desired(node, given.desired(2, open=OPEN, bindings=BINDINGS)))
    assert flows(other, node) == flows(ledger, said_before)


def test_the_same_again_changes_nothing(ledger: Ledger) -> None:
    node = running(ledger)
    decision = reconcile.desired(node, given.desired(1, open=OPEN, bindings=BINDINGS))
    assert (decision.commands, decision.messages) == ((), (Applied(1, given.LESSON),))


@pytest.mark.parametrize(
    ("generation", "code"), [(4, "old_generation"), (-1, "wrong_message"), (2**60, "wrong_message")]
)
def test_a_generation_going_back_or_out_of_range_is_refused(ledger: Ledger, generation: int, code: str) -> None:
    node = ledger.take(reconcile.desired(running(ledger), given.desired(5, open=OPEN)))
    with pytest.raises(Refusal) as refusal:
        reconcile.desired(node, given.desired(generation))
    assert refusal.value.code == code
    ledger.agree(node)
    assert reconcile.desired(node, given.desired(5, open=OPEN)).commands == ()


def test_the_floor_moves_in_one_batch_that_touches_nothing_else(ledger: Ledger) -> None:
    node = ledger.take(
        publishing.offer_publish(
            running(ledger), given.offer(given.ROOM, ("0", "room_mic"), ("1", "students")), given.chance(3)
        )
    )
    decision = reconcile.desired(
        node, given.desired(2, open=(given.TEACHER, given.ROOM_MIC), bindings=((given.ROOM, "v0", given.TEACHER),))
    )
    kinds = sorted((type(command).__name__, getattr(command, "open", None)) for command in decision.commands)
    assert kinds == [("BindSlot", None), ("OpenTrack", False), ("OpenTrack", True)]
    ledger.take(decision)


def test_a_picture_is_never_put_into_a_slot_for_sound(ledger: Ledger) -> None:
    node = running(ledger)
    node = ledger.take(
        reconcile.desired(node, given.desired(2, open=OPEN, bindings=((given.ROOM, "a0", given.TEACHER),)))
    )
    assert flows(ledger, node) == {}


def test_a_seat_that_is_not_named_loses_its_connections(ledger: Ledger) -> None:
    decision = reconcile.desired(
        running(ledger), given.desired(2, seats=given.RIGHTS[1:], open=OPEN, bindings=BINDINGS)
    )
    assert PeerGone(given.LESSON, given.LEAD, "publish", "seat_closed") in decision.messages
    assert flows(ledger, ledger.take(decision)) == {}


def test_a_right_that_is_taken_ends_the_track_or_the_connection(ledger: Ledger) -> None:
    lead = dataclasses.replace(given.RIGHTS[0], sources=("teacher",))
    room = dataclasses.replace(given.RIGHTS[1], subscribe=False)
    node = running(ledger)
    decision = reconcile.desired(node, given.desired(2, seats=(lead, given.RIGHTS[1]), open=OPEN, bindings=BINDINGS))
    assert sum(isinstance(command, RemoveTrack) for command in decision.commands) == 1
    assert [m.peer.tracks[0].source for m in decision.messages if isinstance(m, PeerChanged)] == ["teacher"]
    assert flows(ledger, ledger.take(decision)) == {"v0": given.TEACHER}
    decision = reconcile.desired(decision.node, given.desired(3, seats=(lead, room), open=OPEN, bindings=BINDINGS))
    assert PeerGone(given.LESSON, given.ROOM, "subscribe", "not_permitted") in decision.messages
    ledger.take(decision)


def test_a_lesson_without_seats_is_over_here(ledger: Ledger) -> None:
    decision = reconcile.desired(running(ledger), given.desired(2, seats=()))
    assert {type(command) for command in decision.commands} == {RemovePeer}
    node = ledger.take(decision)
    assert (dict(node.lessons), dict(node.peers)) == ({}, {})
    assert decision.messages[-1] == Applied(2, given.LESSON)


def test_lessons_that_signaling_does_not_name_after_its_hello_are_closed(ledger: Ledger) -> None:
    node = ledger.take(reconcile.hello(running(ledger)))
    other = LessonId("L2")
    node = ledger.take(reconcile.desired(node, given.desired(9, lesson=other)))
    decision = reconcile.close_unnamed(node)
    node = ledger.take(decision)
    assert set(node.lessons) == {other}
    assert {m.reason for m in decision.messages if isinstance(m, PeerGone)} == {"lesson_not_named"}


def test_media_flows_on_while_signaling_is_away_and_names_its_lessons_again(ledger: Ledger) -> None:
    node = ledger.take(reconcile.hello(running(ledger)))
    node = ledger.take(reconcile.desired(node, given.desired(1, open=OPEN, bindings=BINDINGS)))
    assert reconcile.close_unnamed(node).commands == ()


def test_a_draining_node_takes_no_new_lesson_and_keeps_its_own(ledger: Ledger) -> None:
    node = ledger.take(reconcile.drain(running(ledger)))
    with pytest.raises(Refusal, match="takes no new lessons"):
        reconcile.desired(node, given.desired(2, lesson=LessonId("L2")))
    assert set(node.lessons) == {given.LESSON}
    node = ledger.take(reconcile.desired(node, given.desired(3)))
    assert node.lessons[given.LESSON].generation == 3


def test_closing_a_connection_that_is_not_there_changes_nothing(ledger: Ledger) -> None:
    order = ClosePeer(given.LESSON, given.ROOM, "publish")
    assert reconcile.close_peer(running(ledger), order).commands == ()


def test_closing_a_publisher_empties_the_slots_and_tells_it(ledger: Ledger) -> None:
    decision = reconcile.close_peer(running(ledger), ClosePeer(given.LESSON, given.LEAD, "publish"))
    assert decision.messages == (PeerGone(given.LESSON, given.LEAD, "publish", "closed_by_signaling"),)
    # A removed track leaves its slots by itself; no command must name it any more.
    assert not any(isinstance(command, BindSlot | OpenTrack) for command in decision.commands)
    assert flows(ledger, ledger.take(decision)) == {}


def test_bindings_are_by_seat_and_slot(ledger: Ledger) -> None:
    held = running(ledger).lessons[given.LESSON]
    assert held.bindings[(given.ROOM, Mid("v0"))].track == given.TEACHER


def test_a_signaling_that_has_restarted_learns_who_is_in_which_slot(ledger: Ledger) -> None:
    node = running(ledger)
    (viewer,) = [peer for peer in node.inventory() if peer.connection == "subscribe"]
    assert [place.track for place in viewer.slots] == [given.TEACHER, None, given.TEACHER_MIC]
    decision = reconcile.desired(node, given.desired(2, open=OPEN))
    assert not any(isinstance(message, PeerChanged) for message in decision.messages)
    (viewer,) = [peer for peer in ledger.take(decision).inventory() if peer.connection == "subscribe"]
    assert [place.track for place in viewer.slots] == [None, None, None]
