from dataclasses import replace

import pytest

from sfu.core import decision, publishing, reconcile
from sfu.core.decision import Change
from sfu.core.tables import Node, PeerKey, Refusal
from sfu.tests.core import lesson as given
from signaling.messages.node import PeerChanged, PeerGone

KEY = PeerKey(given.LESSON, given.LEAD, "publish")


def published() -> Node:
    node = reconcile.desired(given.NODE, given.desired(1)).node
    return publishing.offer_publish(node, given.offer(given.LEAD, ("1", "teacher")), given.chance()).node


def test_only_peers_that_look_different_are_told() -> None:
    change = Change(published())
    assert change.decided().messages == ()
    change.peers[KEY] = replace(change.peers[KEY], connected=True)
    assert change.decided().messages == (PeerChanged(change.peers[KEY].state()),)


def test_a_connection_is_removed_once() -> None:
    change = Change(published())
    change.remove_peer(KEY, "why")
    change.remove_peer(KEY, "why")
    assert len(change.commands) == 1
    assert change.messages == [PeerGone(given.LESSON, given.LEAD, "publish", "why")]


def test_a_node_that_takes_tcp_says_so_to_every_connection() -> None:
    for tcp in (False, True):
        local = Change(replace(given.NODE, tcp=tcp)).local_side(given.chance())
        assert (local.tcp, local.addresses) == (tcp, given.NODE.addresses)


def test_handles_are_never_used_twice() -> None:
    first = Change(published())
    handles = [first.peer_handle(), first.track_handle(), first.slot_handle()]
    handles.append(Change(first.decided().node).peer_handle())
    assert len(set(handles)) == 4


def test_a_change_leaves_the_state_before_it_alone() -> None:
    before = published()
    change = Change(before)
    change.remove_peer(KEY, "why")
    change.decided()
    assert KEY in before.peers


def test_a_full_node_takes_no_more_but_replaces_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "MOST_PEERS", 1)
    change = Change(published())
    change.replace_peer(change.peers[KEY])
    with pytest.raises(Refusal) as refusal:
        change.replace_peer(replace(change.peers[KEY], key=PeerKey(given.LESSON, given.ROOM, "publish")))
    assert refusal.value.code == "node_full"
