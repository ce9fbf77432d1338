import pytest

from sfu.core import publishing, reconcile
from sfu.core.tables import Node, PeerKey, Refusal
from sfu.net.sessions import Sessions
from sfu.tests.core import lesson as given

KEY = PeerKey(given.LESSON, given.LEAD, "publish")


def published(node: Node, ufrag: str, seed: int) -> Node:
    offer = given.offer(given.LEAD, ("1", "teacher"), sdp=given.other_ufrag(ufrag))
    return publishing.offer_publish(node, offer, given.chance(seed), "whip").node


def test_a_name_finds_its_connection_until_that_is_replaced() -> None:
    node, sessions = published(reconcile.desired(given.NODE, given.desired(1)).node, "uno1", 1), Sessions()
    name = sessions.open(node, KEY)
    assert sessions.find(node, name, KEY) == node.peers[KEY]
    with pytest.raises(Refusal):
        sessions.find(node, name, PeerKey(given.LESSON, given.ROOM, "publish"))
    node = published(node, "due2", 2)
    with pytest.raises(Refusal) as refusal:
        sessions.find(node, name, KEY)
    assert refusal.value.code == "no_session"


def test_names_are_long_and_never_the_same() -> None:
    node, sessions = published(reconcile.desired(given.NODE, given.desired(1)).node, "uno1", 1), Sessions()
    names = {sessions.open(node, KEY) for _ in range(100)}
    assert len(names) == 100
    assert min(map(len, names)) >= 22
