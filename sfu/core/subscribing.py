"""Subscriber connections: numbered offers of slots, their answers, and WHEP viewers."""

from dataclasses import replace

from sfu.core.chance import Chance
from sfu.core.commands import AddSlot
from sfu.core.decision import Change, Decision
from sfu.core.publishing import add_peer, check_no_page
from sfu.core.reconcile import settle
from sfu.core.restarting import fresh_local, restarted
from sfu.core.tables import Node, OfferKey, Origin, Peer, PeerKey, Refusal, Slot, SlotOffer
from sfu.sdp import (
    Kind,
    NegotiatedSlot,
    SdpError,
    SlotParameters,
    Subscription,
    answer_whep,
    offer_subscribe,
    parse_answer,
    parse_offer,
    read_subscribe_answer,
)
from signaling.messages.ids import LessonId, Mid, SeatId, SessionId
from signaling.messages.node import AnswerSubscribe, OfferSubscribe, OpenSubscriber, SeatRights, SlotPlace

MOST_SLOTS = 32
"""Of a kind: a lead with 30 rural classrooms sees and hears each."""
COPY_CODEC = "vp8"
"""What signaling asks pages for when a viewer lacks their codec."""
MOST_OFFERS = 8
"""Of a seat: sessions that stand at its door with an offer."""


def open_subscriber(node: Node, message: OpenSubscriber, chance: Chance) -> Decision:
    """Offers slots under a new number; the connection that the seat has lives on until this one is answered."""
    _check_may_subscribe(node.rights_of(message.lesson, message.seat))
    if message.restart:
        return _offer_restart(node, message, chance)
    counts = (message.video_slots, message.audio_slots)
    if min(counts) < 0 or max(counts) > MOST_SLOTS or sum(counts) == 0:
        raise Refusal("wrong_message", f"a subscriber has 1 to {MOST_SLOTS} slots of a kind, not {counts}")
    change = Change(node)
    local, taken = change.local_side(chance), set[int]()
    slots = (*_slots("video", counts[0], chance, taken), *_slots("audio", counts[1], chance, taken))
    return _offered(change, message, SlotOffer(node.next_number, local, slots))


def _offer_restart(node: Node, message: OpenSubscriber, chance: Chance) -> Decision:
    """Offers the slots of the living connection once more, under other ICE credentials."""
    peer = node.peers.get(PeerKey(message.lesson, message.seat, "subscribe"))
    if peer is None or peer.origin != "control" or peer.session != message.session:
        raise Refusal("no_connection", "This page has no subscriber connection to restart; open a new one.")
    change = Change(node)
    local = fresh_local(change, peer, chance)
    return _offered(change, message, SlotOffer(node.next_number, local, peer.offered, peer.handle))


def _offered(change: Change, message: OpenSubscriber, offer: SlotOffer) -> Decision:
    _keep_offer(change, OfferKey(message.lesson, message.seat, message.session), offer)
    places = tuple(SlotPlace(Mid(slot.mid), slot.kind) for slot in offer.slots)
    sdp = offer_subscribe(offer.local, offer.slots)
    change.messages.append(OfferSubscribe(message.request, offer.number, sdp, places))
    decision = change.decided(sdp)
    return replace(decision, node=replace(decision.node, next_number=offer.number + 1))


def answer_subscribe(node: Node, message: AnswerSubscribe) -> Decision:
    """Takes the answer to the newest offer; raises Refusal. The same answer again changes nothing."""
    _check_may_subscribe(node.rights_of_session(message.lesson, message.seat, message.session))
    key = PeerKey(message.lesson, message.seat, "subscribe")
    place = OfferKey(message.lesson, message.seat, message.session)
    offer = node.offers.get(place)
    try:
        if offer is None or offer.number != message.number:
            return _answered_before(node, key, message)
        subscription = read_subscribe_answer(offer.slots, message.sdp)
    except SdpError as error:
        raise Refusal("wrong_sdp", str(error)) from None
    change = Change(node)
    del change.offers[place]
    if offer.restarts is not None:
        return _restarted(change, key, offer, subscription)
    return _connected(change, key, "control", offer, subscription, message.session)


def _restarted(change: Change, key: PeerKey, offer: SlotOffer, subscription: Subscription) -> Decision:
    peer = change.peers.get(key)
    if peer is None or peer.handle != offer.restarts:
        raise Refusal("old_number", f"the connection that offer {offer.number} was to restart has gone")
    if subscription.remote.fingerprint != peer.remote.fingerprint:
        raise Refusal("wrong_sdp", "an ICE restart keeps the certificate; this answer has another fingerprint")
    change.peers[key] = replace(restarted(change, peer, offer.local, subscription.remote), number=offer.number)
    return change.decided()


def view(node: Node, lesson: LessonId, seat: SeatId, sdp: str, chance: Chance) -> Decision:
    """Answers a WHEP viewer; raises Refusal."""
    _check_may_subscribe(node.rights_of(lesson, seat))
    change = Change(node)
    local, taken = change.local_side(chance), set[int]()
    try:
        offer = parse_offer(sdp)
        pairs = [(chance.ssrc(taken), chance.ssrc(taken)) for _ in offer.sections]
        subscription = answer_whep(offer, local, pairs)
    except SdpError as error:
        raise Refusal("wrong_sdp", str(error)) from None
    key = PeerKey(lesson, seat, "subscribe")
    check_no_page(node, key)
    _check_something_to_see(node, key, subscription)
    return _connected(change, key, "whep", SlotOffer(0, local, ()), subscription, None)


def _check_something_to_see(node: Node, viewer: PeerKey, subscription: Subscription) -> None:
    """A player has no ear for words later on: who could see none of the pictures there are is told now."""
    takes = {codec.name for entry in subscription.slots if entry.slot.kind == "video" for codec in entry.codecs}
    shown = [
        (track.codec, COPY_CODEC if peer.origin == "control" else track.codec)
        for peer in node.peers_in(viewer.lesson)
        for track in peer.tracks
        if track.parameters.kind == "video" and peer.key.seat != viewer.seat
    ]
    if takes and shown and not any(takes & set(codecs) for codecs in shown):
        has = ", ".join(sorted({codec for codec, _ in shown}))
        sentence = f"the player takes {', '.join(sorted(takes))}; the pictures of this lesson are {has}"
        raise Refusal("codec_not_supported", f"{sentence}, and no copy of them can be had")


def _keep_offer(change: Change, place: OfferKey, offer: SlotOffer) -> None:
    """Puts a session's offer in place of its last one; beyond the bound the seat's oldest goes."""
    change.offers.pop(place, None)
    change.offers[place] = offer
    seats = [key for key in change.offers if key[:2] == place[:2]]
    for key in seats[:-MOST_OFFERS]:
        del change.offers[key]


def _check_may_subscribe(rights: SeatRights) -> None:
    if not rights.subscribe:
        raise Refusal("not_permitted", f"seat {rights.seat} may not subscribe")


def _slots(kind: Kind, count: int, chance: Chance, taken: set[int]) -> list[SlotParameters]:
    return [SlotParameters(f"{kind[0]}{n}", kind, chance.ssrc(taken), chance.ssrc(taken)) for n in range(count)]


def _answered_before(node: Node, key: PeerKey, message: AnswerSubscribe) -> Decision:
    peer = node.peers.get(key)
    known = None if peer is None else (peer.number, peer.session)
    if peer is None or known != (message.number, message.session) or peer.remote != parse_answer(message.sdp).transport:
        raise Refusal("old_number", f"offer {message.number} is not the newest one of this seat")
    return Decision(node)


def _connected(
    change: Change,
    key: PeerKey,
    origin: Origin,
    offer: SlotOffer,
    subscription: Subscription,
    session: SessionId | None,
) -> Decision:
    peer = Peer(
        key=key,
        handle=change.peer_handle(),
        origin=origin,
        local=offer.local,
        remote=subscription.remote,
        role=subscription.dtls_role,
        extensions=subscription.extensions,
        slots=tuple(Slot(change.slot_handle(), entry.slot, entry.codecs) for entry in subscription.slots),
        number=offer.number,
        session=session,
        offered=offer.slots,
    )
    change.replace_peer(peer)
    change.commands.append(add_peer(peer))
    change.commands += [
        _add_slot(peer, slot, entry) for slot, entry in zip(peer.slots, subscription.slots, strict=True)
    ]
    settle(change, key.lesson)
    return change.decided(subscription.sdp)


def _add_slot(peer: Peer, slot: Slot, entry: NegotiatedSlot) -> AddSlot:
    parameters = entry.slot
    repaired = any(codec.rtx_payload_type is not None for codec in entry.codecs)
    rtx_ssrc = parameters.rtx_ssrc if repaired else None
    return AddSlot(
        slot.handle,
        peer.handle,
        parameters.kind,
        parameters.mid,
        parameters.ssrc,
        rtx_ssrc,
        entry.codecs,
        entry.numbered,
    )
