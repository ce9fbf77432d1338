"""The subscriber's offer, made at the door: told to who wants it there, and else what a join is answered with."""

from dataclasses import replace
from typing import Final

from signaling.core import acts
from signaling.core.outcome import Ask, Instant
from signaling.core.permissions import may
from signaling.core.room import Room
from signaling.core.session import Session
from signaling.messages import client as say
from signaling.messages import node

OFFER_PATIENCE_S: Final = 0.5
"""A node that is there answers in milliseconds; whoever joins is not held up by one that does not."""


def prepare(room: Room, session: Session) -> None:
    """Has the node make an offer for a session that will want one, unless that is under way or nobody can."""
    door = session.door
    if door.asked or door.offer is not None or room.node_lost_at_s is not None or not room.lesson.running:
        return
    if not may(room.lesson.mode, room.place(session).role, "subscribe") or _subscribes(room, session):
        return
    wish = acts.wished_slots(room.lesson, session.seat, say.Subscribe(""))
    door.asked = True
    room.order(Ask(session.id, None, replace(wish, session=session.id)))


def prepare_all(room: Room) -> None:
    """Makes an offer for everyone who stands at the door and waits for one."""
    for session in room.sessions.values():
        if session.door.ahead and session.connected and not room.sits(session):
            prepare(room, session)


def answer_join(room: Room, session: Session, reply_to: str, now: Instant) -> None:
    """Answers a join with the offer: at once where it is there or will not come, else when it comes."""
    prepare(room, session)
    if session.door.asked and not _subscribes(room, session):
        session.replies.keep(reply_to, None)
        session.door.waiting, session.door.until_s = reply_to, now.steady_s + OFFER_PATIENCE_S
    else:
        _joined(room, session, reply_to)


def answered(room: Room, session: Session, answer: node.NodeMessage | None) -> None:
    """The node has made the offer, or will not."""
    session.door.asked = False
    if isinstance(answer, node.OfferSubscribe):
        slots = tuple(say.SlotOffer(slot.mid, slot.kind) for slot in answer.slots)
        session.door.offer = say.Offer(answer.number, answer.sdp, slots)
    if session.door.waiting is not None:
        _joined(room, session, session.door.waiting)
    elif session.door.ahead and session.door.offer is not None and not room.sits(session):
        room.send(session, say.DoorOffer(session.door.offer))


def give_up(room: Room, session: Session, now: Instant) -> None:
    """Answers a join that has waited for long enough."""
    if session.door.waiting is not None and now.steady_s >= session.door.until_s:
        _joined(room, session, session.door.waiting)


def forget_offers(room: Room) -> None:
    """The node has come anew, and may know none of its offers any more."""
    for session in room.sessions.values():
        session.door.offer = None


def _joined(room: Room, session: Session, reply_to: str) -> None:
    """Gives the offer away; whoever joins again gets another."""
    offer = None if _subscribes(room, session) else session.door.offer
    session.door.offer = session.door.waiting = None
    if offer is not None:
        session.hoped_for.add("subscribe")
    room.reply(session, say.Joined(reply_to, offer))


def _subscribes(room: Room, session: Session) -> bool:
    return room.sits(session) and "subscribe" in room.media.held(session.seat)
