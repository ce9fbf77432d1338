"""Two sessions of one seat: what the one has left behind never harms the other."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sfu.core import news, publishing, reconcile, subscribing
from sfu.core.decision import Decision
from sfu.core.facts import PeerClosed
from sfu.core.tables import Node, OfferKey, PeerKey, Refusal
from sfu.tests.core import lesson as given
from sfu.tests.core.ledger import Ledger
from signaling.messages.ids import SessionId
from signaling.messages.node import ClosePeer, Desired, PeerChanged, PeerGone

OLD, NEW = SessionId("Xold"), SessionId("Xnew")
PUBLISH, VIEW = PeerKey(given.LESSON, given.ROOM, "publish"), PeerKey(given.LESSON, given.ROOM, "subscribe")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def seated(generation: int, session: SessionId | None) -> Desired:
    """The room's seat belongs to this session."""
    seats = tuple(replace(rights, session=session) if rights.seat == given.ROOM else rights for rights in given.RIGHTS)
    return given.desired(generation, seats=seats)


def published(node: Node, session: SessionId | None, ufrag: str) -> Decision:
    offer = given.offer(given.ROOM, ("0", "room_mic"), sdp=given.other_ufrag(ufrag))
    return publishing.offer_publish(node, replace(offer, session=session), given.chance(len(ufrag)))


def opened(node: Node, session: SessionId | None, seed: int = 1) -> Decision:
    order = replace(given.open_subscriber(given.ROOM), session=session)
    return subscribing.open_subscriber(node, order, given.chance(seed))


def answered(node: Node, session: SessionId | None, offered_to: SessionId | None) -> Decision:
    offer = node.offers[OfferKey(given.LESSON, given.ROOM, offered_to)]
    answer = given.answer(given.ROOM, offer.number, offer.slots, ufrag=f"{session}")
    return subscribing.answer_subscribe(node, replace(answer, session=session))


def whole(ledger: Ledger, session: SessionId) -> Node:
    """A seat whose session has both connections."""
    node = ledger.take(reconcile.desired(given.NODE, seated(1, session)))
    node = ledger.take(published(node, session, "first"))
    return ledger.take(answered(ledger.take(opened(node, session)), session, session))


def test_connections_say_whose_they_are(ledger: Ledger) -> None:
    node = whole(ledger, OLD)
    assert [peer.session for peer in node.inventory()] == [OLD, OLD]
    told = news.learn(node, PeerClosed(node.peers[PUBLISH].handle, "consent_expired")).messages
    assert told == (PeerGone(given.LESSON, given.ROOM, "publish", "consent_expired", OLD),)


@pytest.mark.parametrize("next_one", [NEW, None])
def test_whoever_sits_down_ends_what_the_old_session_had_once(ledger: Ledger, next_one: SessionId | None) -> None:
    node = whole(ledger, OLD)
    decision = reconcile.desired(node, seated(2, next_one))
    gone = [message for message in decision.messages if isinstance(message, PeerGone)]
    assert {(entry.connection, entry.reason, entry.session) for entry in gone} == {
        ("publish", "replaced", OLD),
        ("subscribe", "replaced", OLD),
    }
    node = ledger.take(decision)
    assert not node.peers
    assert reconcile.desired(node, seated(3, next_one)).commands == ()


def test_a_late_close_of_the_old_session_leaves_the_new_ones_connection(ledger: Ledger) -> None:
    node = ledger.take(reconcile.desired(whole(ledger, OLD), seated(2, NEW)))
    node = ledger.take(published(node, NEW, "second"))
    node = ledger.take(opened(node, NEW))
    for connection in ("publish", "subscribe"):
        decision = reconcile.close_peer(node, ClosePeer(given.LESSON, given.ROOM, connection, OLD))
        assert (decision.commands, decision.messages) == ((), ())
        assert ledger.take(decision).offers == node.offers
    assert PUBLISH not in ledger.take(reconcile.close_peer(node, ClosePeer(*PUBLISH, NEW))).peers


def test_a_late_offer_of_the_old_session_is_refused(ledger: Ledger) -> None:
    node = ledger.take(reconcile.desired(whole(ledger, OLD), seated(2, NEW)))
    node = ledger.take(published(node, NEW, "second"))
    with pytest.raises(Refusal) as refusal:
        published(node, OLD, "late")
    assert (refusal.value.code, "another session" in refusal.value.sentence) == ("not_joined", True)
    ledger.agree(node)


def test_the_next_session_is_offered_slots_at_the_door_while_the_old_one_sits(ledger: Ledger) -> None:
    node = ledger.take(opened(whole(ledger, OLD), NEW, seed=2))
    with pytest.raises(Refusal, match="another session"):
        answered(node, NEW, NEW)
    node = ledger.take(opened(node, OLD, seed=3))
    node = ledger.take(reconcile.desired(node, seated(2, NEW)))
    with pytest.raises(Refusal, match="another session"):
        answered(node, OLD, OLD)
    with pytest.raises(Refusal, match="not the newest"):
        answered(node, NEW, OLD)
    node = ledger.take(answered(node, NEW, NEW))
    assert node.peers[VIEW].session == NEW
    assert [place.session for place in node.offers] == [OLD]


def test_of_many_at_the_door_the_oldest_offer_goes(ledger: Ledger) -> None:
    node = ledger.take(reconcile.desired(given.NODE, seated(1, None)))
    sessions = [SessionId(f"X{n}") for n in range(subscribing.MOST_OFFERS + 2)]
    for seed, session in enumerate([*sessions, sessions[2]]):
        node = ledger.take(opened(node, session, seed))
    assert [place.session for place in node.offers] == [*sessions[3:], sessions[2]]
    node = ledger.take(reconcile.close_peer(node, ClosePeer(*VIEW)))
    assert not node.offers


def test_an_encoder_belongs_to_the_seat_whoever_sits_there(ledger: Ledger) -> None:
    node = ledger.take(reconcile.desired(given.NODE, seated(1, OLD)))
    offer = given.offer(given.ROOM, ("0", "room_mic"), sdp=given.other_ufrag("whip"))
    node = ledger.take(publishing.offer_publish(node, offer, given.chance(), origin="whip"))
    node = ledger.take(reconcile.desired(node, seated(2, NEW)))
    assert node.peers[PUBLISH].session is None


@pytest.mark.parametrize(
    "asks", [lambda node: published(node, NEW, "late"), lambda node: published(node, None, "late")]
)
def test_only_who_sits_on_a_seat_publishes_from_it(asks: Callable[[Node], Decision]) -> None:
    nobody = reconcile.desired(given.NODE, seated(1, None)).node
    somebody = reconcile.desired(given.NODE, seated(1, OLD)).node
    with pytest.raises(Refusal, match="another session"):
        asks(somebody)
    assert [type(message) for message in published(nobody, None, "late").messages] == [PeerChanged]
    with pytest.raises(Refusal, match="or none"):
        published(nobody, NEW, "late")
