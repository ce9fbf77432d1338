"""Which simulcast layer a slot shows."""

from dataclasses import replace

import pytest

from sfu.core import publishing, reconcile, subscribing
from sfu.core.commands import BindSlot, ChooseLayer, SetPriority
from sfu.core.tables import Node, OfferKey, PeerKey
from sfu.tests.core import lesson as given
from sfu.tests.core.ledger import Ledger
from sfu.tests.sdp.samples import sample
from signaling.messages.ids import Mid, Priority, TrackId
from signaling.messages.node import Binding, Desired, OfferPublish, PublishedMid

LEAD, ROOM = PeerKey(given.LESSON, given.LEAD, "publish"), PeerKey(given.LESSON, given.ROOM, "subscribe")


def desired(generation: int, layer: str | None, track: TrackId = given.TEACHER) -> Desired:
    order = given.desired(generation, open=(given.TEACHER, given.TEACHER_MIC))
    bindings = (Binding(given.ROOM, Mid("v0"), track, layer), Binding(given.ROOM, Mid("a0"), given.TEACHER_MIC, layer))
    return replace(order, lesson=replace(order.lesson, bindings=bindings))


def offer(name: str) -> OfferPublish:
    sources = (PublishedMid(Mid("0"), "teacher_mic"), PublishedMid(Mid("1"), "teacher"))
    return OfferPublish(1, given.LESSON, given.LEAD, sample(name), sources)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def node(ledger: Ledger) -> Node:
    """A lead with three layers, l, m and h; a room that sees it."""
    node = ledger.take(reconcile.desired(given.NODE, desired(1, None)))
    node = ledger.take(publishing.offer_publish(node, offer("chromium_simulcast"), given.chance()))
    node = ledger.take(subscribing.open_subscriber(node, given.open_subscriber(given.ROOM), given.chance(2)))
    waiting = node.offers[OfferKey(given.LESSON, given.ROOM, None)]
    return ledger.take(subscribing.answer_subscribe(node, given.answer(given.ROOM, waiting.number, waiting.slots)))


def test_a_track_names_its_layers_and_the_best_is_shown_unasked(ledger: Ledger, node: Node) -> None:
    assert [track.state().layers for track in node.peers[LEAD].tracks] == [(), ("l", "m", "h")]
    assert ledger.layers == {}


def test_a_layer_is_chosen_by_name_once_and_without_binding_anew(ledger: Ledger, node: Node) -> None:
    decision = reconcile.desired(node, desired(2, "m"))
    slot = node.peers[ROOM].slots[0].handle
    assert decision.commands == (ChooseLayer(slot, "m"),)
    node = ledger.take(decision)
    assert reconcile.desired(node, desired(3, "m")).commands == ()
    assert reconcile.desired(node, desired(4, None)).commands == (ChooseLayer(slot, None),)


def test_a_layer_that_the_track_has_not_leaves_the_best(ledger: Ledger, node: Node) -> None:
    assert reconcile.desired(node, desired(2, "nonsense")).commands == ()
    node = ledger.take(reconcile.desired(node, desired(3, "l")))
    node = ledger.take(publishing.offer_publish(node, offer("chromium_plain"), given.chance(3)))
    assert node.peers[ROOM].slots[0].layer is None


def test_a_choice_comes_into_force_with_its_track(ledger: Ledger, node: Node) -> None:
    node = ledger.take(reconcile.desired(node, desired(2, "l", TrackId("SLEAD:board"))))
    assert node.peers[ROOM].slots[0].layer is None
    decision = reconcile.desired(node, desired(3, "l"))
    assert [type(command) for command in decision.commands] == [BindSlot, ChooseLayer]
    assert ledger.take(decision).peers[ROOM].slots[0].layer == "l"


def test_a_picture_is_told_its_value_once_and_sound_never(ledger: Ledger, node: Node) -> None:
    def worth(generation: int, priority: Priority) -> Desired:
        order = desired(generation, None)
        bindings = tuple(replace(binding, priority=priority) for binding in order.lesson.bindings)
        return replace(order, lesson=replace(order.lesson, bindings=bindings))

    slot = node.peers[ROOM].slots[0].handle
    decision = reconcile.desired(node, worth(2, "teacher"))
    assert decision.commands == (SetPriority(slot, "teacher"),)
    node = ledger.take(decision)
    assert reconcile.desired(node, worth(3, "teacher")).commands == ()
    assert reconcile.desired(node, worth(4, "courseware")).commands == (SetPriority(slot, "courseware"),)
