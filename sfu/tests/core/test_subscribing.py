from dataclasses import replace

import pytest

from sfu.core import news, publishing, reconcile, subscribing
from sfu.core.commands import AddPeer, AddSlot, RemovePeer, RestartIce
from sfu.core.facts import PeerClosed, PeerConnected
from sfu.core.tables import Node, Origin, PeerKey, Refusal
from sfu.sdp import parse_answer, parse_offer
from sfu.tests.core import lesson as given
from sfu.tests.core.ledger import Ledger
from sfu.tests.sdp.samples import LOCAL, sample, small_offer
from signaling.messages.ids import Mid
from signaling.messages.node import OfferPublish, OfferSubscribe, PeerChanged, PublishedMid, SeatRights, SlotPlace

ROOM = PeerKey(given.LESSON, given.ROOM, "subscribe")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def node() -> Node:
    return reconcile.desired(given.NODE, given.desired(1)).node


def offered(ledger: Ledger, node: Node, seed: int = 1) -> tuple[Node, OfferSubscribe]:
    decision = subscribing.open_subscriber(node, given.open_subscriber(given.ROOM), given.chance(seed))
    (offer,) = [message for message in decision.messages if isinstance(message, OfferSubscribe)]
    return ledger.take(decision), offer


def answered(ledger: Ledger, node: Node, number: int, ufrag: str = "view") -> Node:
    slots = node.offers[given.ROOM_OFFER].slots
    return ledger.take(subscribing.answer_subscribe(node, given.answer(given.ROOM, number, slots, ufrag=ufrag)))


def test_an_offer_names_its_slots_and_has_ssrcs_of_its_own(ledger: Ledger, node: Node) -> None:
    _, offer = offered(ledger, node)
    assert offer.slots == (
        SlotPlace(Mid("v0"), "video"),
        SlotPlace(Mid("v1"), "video"),
        SlotPlace(Mid("a0"), "audio"),
    )
    sections = parse_offer(offer.sdp).sections
    assert [section.mid for section in sections] == ["v0", "v1", "a0"]
    ssrcs = [ssrc for section in sections for ssrc in section.ssrcs]
    assert len(set(ssrcs)) == len(ssrcs) == 5
    assert offer.request == 8


def test_nothing_is_held_of_a_viewer_before_it_has_answered(ledger: Ledger, node: Node) -> None:
    node, _ = offered(ledger, node)
    assert (ledger.batches, node.inventory()) == (0, ())


def test_the_answer_makes_the_connection_with_its_slots(ledger: Ledger, node: Node) -> None:
    node, offer = offered(ledger, node)
    slots = node.offers[given.ROOM_OFFER].slots
    decision = subscribing.answer_subscribe(node, given.answer(given.ROOM, offer.number, slots))
    assert [type(command) for command in decision.commands] == [AddPeer, AddSlot, AddSlot, AddSlot]
    (told,) = [message.peer for message in decision.messages if isinstance(message, PeerChanged)]
    assert (told.slots, told.codecs) == (offer.slots, ("h264", "vp8", "vp9", "av1", "opus", "red"))
    ledger.take(decision)
    offered_ssrcs = [section.ssrcs[0] for section in parse_offer(offer.sdp).sections]
    assert [slot.ssrc for slot in ledger.slots.values()] == offered_ssrcs
    assert [slot.rtx_ssrc is None for slot in ledger.slots.values()] == [False, False, True]


def test_numbers_rise_and_only_the_newest_may_be_answered(ledger: Ledger, node: Node) -> None:
    node, first = offered(ledger, node, 1)
    node, second = offered(ledger, node, 2)
    assert second.number > first.number
    slots = node.offers[given.ROOM_OFFER].slots
    with pytest.raises(Refusal) as refusal:
        subscribing.answer_subscribe(node, given.answer(given.ROOM, first.number, slots))
    assert refusal.value.code == "old_number"
    answered(ledger, node, second.number)


def test_the_same_answer_again_changes_nothing(ledger: Ledger, node: Node) -> None:
    node, offer = offered(ledger, node)
    slots = node.offers[given.ROOM_OFFER].slots
    node = answered(ledger, node, offer.number)
    decision = subscribing.answer_subscribe(node, given.answer(given.ROOM, offer.number, slots))
    assert (decision.commands, decision.messages) == ((), ())
    with pytest.raises(Refusal, match="not the newest"):
        subscribing.answer_subscribe(node, given.answer(given.ROOM, offer.number, slots, ufrag="other"))


def test_the_old_connection_lives_until_the_new_one_is_answered(ledger: Ledger, node: Node) -> None:
    node, first = offered(ledger, node, 1)
    node = answered(ledger, node, first.number)
    old = node.peers[ROOM].handle
    node, second = offered(ledger, node, 2)
    assert node.peers[ROOM].handle == old
    slots = node.offers[given.ROOM_OFFER].slots
    decision = subscribing.answer_subscribe(node, given.answer(given.ROOM, second.number, slots, ufrag="view2"))
    assert decision.commands[0] == RemovePeer(old)
    assert ledger.take(decision).peers[ROOM].number == second.number


def restart_offered(ledger: Ledger, node: Node, seed: int = 4) -> tuple[Node, OfferSubscribe]:
    order = replace(given.open_subscriber(given.ROOM), restart=True)
    decision = subscribing.open_subscriber(node, order, given.chance(seed))
    assert decision.commands == ()
    (offer,) = [message for message in decision.messages if isinstance(message, OfferSubscribe)]
    return ledger.take(decision), offer


def test_a_restart_keeps_the_connection_its_slots_and_their_ssrcs(ledger: Ledger, node: Node) -> None:
    node, first = offered(ledger, node)
    node = answered(ledger, node, first.number)
    before = node.peers[ROOM]
    node, offer = restart_offered(ledger, node)
    assert offer.slots == first.slots
    now, then = (parse_offer(each.sdp) for each in (offer, first))
    assert [section.ssrcs for section in now.sections] == [section.ssrcs for section in then.sections]
    assert (now.origin, now.transport.fingerprint) == (then.origin, then.transport.fingerprint)
    assert now.transport.ufrag != then.transport.ufrag and now.transport.password != then.transport.password
    slots = node.offers[given.ROOM_OFFER].slots
    answer = given.answer(given.ROOM, offer.number, slots, ufrag="again")
    decision = subscribing.answer_subscribe(node, answer)
    restart = RestartIce(before.handle, now.transport.ufrag, now.transport.password, "again", LOCAL.password)
    assert (decision.commands, decision.messages) == ((restart,), ())
    node = ledger.take(decision)
    assert (node.peers[ROOM].handle, node.peers[ROOM].slots) == (before.handle, before.slots)
    assert subscribing.answer_subscribe(node, answer).commands == ()


def test_where_nothing_lives_nothing_is_restarted(ledger: Ledger, node: Node) -> None:
    with pytest.raises(Refusal) as refusal:
        restart_offered(ledger, node)
    assert refusal.value.code == "no_connection"
    node, first = offered(ledger, node)
    node = answered(ledger, node, first.number)
    node, offer = restart_offered(ledger, node)
    slots = node.offers[given.ROOM_OFFER].slots
    answer = given.answer(given.ROOM, offer.number, slots, ufrag="again")
    other = replace(answer, sdp=answer.sdp.replace("a=fingerprint:sha-256 00", "a=fingerprint:sha-256 FF"))
    with pytest.raises(Refusal, match="another fingerprint"):
        subscribing.answer_subscribe(node, other)
    handle = node.peers[ROOM].handle
    ledger.lose_peer(handle)
    node = ledger.take(news.learn(node, PeerClosed(handle, "consent_expired")))
    with pytest.raises(Refusal, match="has gone"):
        subscribing.answer_subscribe(node, answer)


@pytest.mark.parametrize(("video", "audio"), [(0, 0), (-1, 1), (33, 0), (1, 33)])
def test_senseless_numbers_of_slots_are_refused(node: Node, video: int, audio: int) -> None:
    with pytest.raises(Refusal) as refusal:
        subscribing.open_subscriber(node, given.open_subscriber(given.ROOM, video, audio), given.chance())
    assert refusal.value.code == "wrong_message"


def test_a_lead_of_thirty_rooms_gets_a_slot_for_each(ledger: Ledger, node: Node) -> None:
    decision = subscribing.open_subscriber(node, given.open_subscriber(given.LEAD, 30, 30), given.chance())
    assert len(parse_offer(decision.sdp).sections) == 60


def test_a_seat_without_the_right_gets_no_slots(node: Node) -> None:
    node = reconcile.desired(node, given.desired(2, seats=(SeatRights(given.ROOM, (), subscribe=False),))).node
    with pytest.raises(Refusal, match="may not subscribe"):
        subscribing.open_subscriber(node, given.open_subscriber(given.ROOM), given.chance())
    with pytest.raises(Refusal, match="may not subscribe"):
        subscribing.view(node, given.LESSON, given.ROOM, sample("aiortc_view"), given.chance())


def test_a_wrong_answer_leaves_the_offer_open(ledger: Ledger, node: Node) -> None:
    node, offer = offered(ledger, node)
    wrong = given.answer(given.ROOM, offer.number, node.offers[given.ROOM_OFFER].slots[:1])
    with pytest.raises(Refusal) as refusal:
        subscribing.answer_subscribe(node, wrong)
    assert (refusal.value.code, refusal.value.sentence) == (
        "wrong_sdp",
        "the answer has 1 sections, the offer had 3",
    )
    answered(ledger, node, offer.number)


def test_a_whep_viewer_gets_slots_by_its_own_mids(ledger: Ledger, node: Node) -> None:
    decision = subscribing.view(node, given.LESSON, given.ROOM, sample("aiortc_view"), given.chance())
    node = ledger.take(decision)
    state = node.peers[ROOM].state()
    assert (state.origin, [place.mid for place in state.slots]) == ("whep", ["0", "1"])
    assert parse_answer(decision.sdp).sections[0].direction == "sendonly"


def test_what_was_desired_for_a_viewer_waits_for_it(ledger: Ledger, node: Node) -> None:
    node = reconcile.desired(node, given.desired(2, bindings=((given.ROOM, "v0", given.TEACHER),))).node
    node, offer = offered(ledger, node)
    node = answered(ledger, node, offer.number)
    assert all(slot.bound is None for slot in node.peers[ROOM].slots)


PLAYER = small_offer("a=recvonly", media="video")
"""Takes VP8 and nothing else."""


def published(ledger: Ledger, node: Node, origin: Origin, connected: bool = False) -> Node:
    """The lead shows H.264."""
    sdp = sample("ffmpeg_active").replace("a=ssrc-group", "a=x-group")
    order = OfferPublish(0, given.LESSON, given.LEAD, sdp, (PublishedMid(Mid("1"), "teacher"),))
    node = ledger.take(publishing.offer_publish(node, order, given.chance(5), origin=origin))
    handle = node.peers[PeerKey(given.LESSON, given.LEAD, "publish")].handle
    address = ("192.0.2.7", 7)
    return ledger.take(news.learn(node, PeerConnected(handle, "AEAD_AES_128_GCM", address))) if connected else node


def test_a_player_that_could_see_nothing_is_told_so_in_words(ledger: Ledger, node: Node) -> None:
    encoder = published(ledger, node, "whip")
    with pytest.raises(Refusal) as refusal:
        subscribing.view(encoder, given.LESSON, given.ROOM, PLAYER, given.chance(6))
    assert refusal.value.code == "codec_not_supported"
    assert "the player takes vp8; the pictures of this lesson are h264" in refusal.value.sentence


def test_a_page_makes_a_copy_for_a_player_so_it_may_wait(node: Node) -> None:
    page = published(Ledger(), node, "control")
    assert subscribing.view(page, given.LESSON, given.ROOM, PLAYER, given.chance(6)).sdp
    assert subscribing.view(node, given.LESSON, given.ROOM, PLAYER, given.chance(6)).sdp


def test_an_encoder_does_not_push_a_living_page_off_its_seat(node: Node) -> None:
    ledger = Ledger()
    page = published(ledger, node, "control", connected=True)
    with pytest.raises(Refusal) as refusal:
        published(ledger, page, "whip")
    assert (refusal.value.code, "leave it there first" in refusal.value.sentence) == ("seat_busy", True)
    dead = published(ledger := Ledger(), node, "control")
    encoder = published(ledger, dead, "whip", connected=True)
    assert published(ledger, encoder, "control").peers[PeerKey(given.LESSON, given.LEAD, "publish")].origin == "control"
