"""What clients say in a lesson: paced, permitted, answered once per id."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from signaling.core import acts, arrivals, door
from signaling.core.lesson import Lesson
from signaling.core.limits import Verdict
from signaling.core.outcome import CLOSE_FLOOD, Ask, Instant, Outcome, Request
from signaling.core.permissions import WHILE_PAUSED, may
from signaling.core.refusal import Refusal
from signaling.core.room import Room
from signaling.core.session import Reply, Session
from signaling.messages import client as say
from signaling.messages import node
from signaling.messages.ids import Connection, SeatId, SessionId

LONGEST_ID: Final = 64


def receive(room: Room, session: SessionId, message: say.ClientMessage, now: Instant) -> Outcome:
    """One message of a client that has said hello."""
    sender = room.sessions[session]
    if isinstance(message, say.Hello):
        return refuse(room, session, None, Refusal("wrong_message", "hello comes once, at the start."), now)
    if _paced(room, sender, message.id, now) == "take":
        _take(room, sender, message, now)
    return room.outcome(now)


def refuse(room: Room, session: SessionId, reply_to: str | None, refusal: Refusal, now: Instant) -> Outcome:
    """Something that is no message of ours; it counts against the sender's pace like any other."""
    sender = room.sessions[session]
    if _paced(room, sender, reply_to, now) == "take":
        room.send(sender, say.Refused(reply_to, refusal.code, refusal.sentence))
    return room.outcome(now)


def answered(room: Room, ask: Ask, answer: node.NodeMessage | None) -> Outcome:
    """The node answers a request, or (None) nobody does; the outcome has no events, so nothing has to be stored."""
    session = room.sessions.get(ask.session)
    if session is None:
        return room.said()
    if ask.reply_to is None:
        door.answered(room, session, answer)
    elif ask.reply_to in session.replies:
        if isinstance(answer, node.OfferSubscribe):
            session.door.offer = None
        room.reply(session, _reply(ask.reply_to, answer))
    return room.said()


def _paced(room: Room, session: Session, reply_to: str | None, now: Instant) -> Verdict:
    verdict = room.paced(session.seat, now)
    if verdict == "refuse":
        room.send(session, say.Refused(reply_to, "too_many", "Too many messages; wait a moment."))
    if verdict == "hang_up":
        _hang_up_on_flood(room, session)
    return verdict


def _hang_up_on_flood(room: Room, session: Session) -> None:
    arrivals.vacate(room, session, "flood")
    bye = say.Bye("too_many", "Far too many messages: this page does not behave as it should.", retry=False)
    room.hang_up(session, bye, CLOSE_FLOOD)


Said = (
    say.Join
    | say.Publish
    | say.Subscribe
    | say.SubscribeAnswer
    | say.Hand
    | say.FloorRequest
    | say.FloorGive
    | say.FloorTake
    | say.FloorRelease
    | say.SendText
    | say.SendPrivate
    | say.SendCue
    | say.CueSeen
    | say.PauseRecording
    | say.PauseLesson
    | say.ResumeLesson
    | say.ShutDown
    | say.End
    | say.Leave
)


def _take(room: Room, session: Session, message: Said, now: Instant) -> None:
    if not 1 <= len(message.id) <= LONGEST_ID:
        wrong = f"An id has 1 to {LONGEST_ID} characters."
        room.send(session, say.Refused(None, "wrong_message", wrong))
    elif message.id in session.replies:
        _answer_again(room, session, message.id)
    else:
        try:
            _act(room, session, message, now)
        except Refusal as refusal:
            room.reply(session, say.Refused(message.id, refusal.code, refusal.sentence))


def _answer_again(room: Room, session: Session, message_id: str) -> None:
    reply = session.replies.get(message_id)
    if reply is not None:
        room.send(session, reply)


def _act(room: Room, session: Session, message: Said, now: Instant) -> None:
    _refuse_unless_timely(room, session, message)
    if isinstance(message, say.Publish | say.Subscribe | say.SubscribeAnswer):
        _ask(room, session, message)
        return
    if isinstance(message, say.Leave):
        arrivals.vacate(room, session, "left")
    else:
        events = acts.decided(room.lesson, session.seat, session.id, message)
        if isinstance(message, say.Join):
            if events:
                arrivals.replace_sitter(room, session)
        else:
            room.happen(*events)
    if isinstance(message, say.SendText):
        _spread(room, session, message, now)
    if isinstance(message, say.SendPrivate):
        _whisper(room, session, message, now)
    if isinstance(message, say.Join) and message.offer:
        door.answer_join(room, session, message.id, now)
    else:
        room.reply(session, say.Done(message.id))
    if isinstance(message, say.Join):
        room.tell_media(session)
    if room.lesson.over:
        room.close_doors()


def _refuse_unless_timely(room: Room, session: Session, message: Said) -> None:
    lesson, role = room.lesson, room.place(session).role
    if not may(lesson.mode, role, message.type):
        raise Refusal("not_permitted", f"A seat with the role {role} may not send {message.type}.")
    if lesson.over:
        raise Refusal("lesson_over", "The lesson is over.")
    if not lesson.running:
        raise Refusal("lesson_not_open", "The lesson's doors are not open yet.")
    if not isinstance(message, say.Join) and not room.sits(session):
        raise Refusal("not_joined", "Join first.")
    if lesson.paused_by is not None and message.type not in WHILE_PAUSED:
        raise Refusal("lesson_paused", "The lesson is paused; wait until it goes on.")


def _spread(room: Room, session: Session, message: say.SendText, now: Instant) -> None:
    text = say.Text(0, session.seat, now.wall_ms, message.body)
    for reader in room.sessions.values():
        if may(room.lesson.mode, room.place(reader).role, "read_text"):
            room.tell(reader, text)


def _whisper(room: Room, session: Session, message: say.SendPrivate, now: Instant) -> None:
    line = say.Private(0, session.seat, message.to, now.wall_ms, message.body)
    for reader in (room.sitter(session.seat), room.sitter(message.to)):
        if reader is not None:
            room.tell(reader, line)


_REQUESTS: Final[Mapping[type, Callable[[Lesson, SeatId, Any], Request]]] = {
    say.Publish: acts.offered,
    say.Subscribe: acts.wished_slots,
    say.SubscribeAnswer: acts.answered,
}


def _ask(room: Room, session: Session, message: say.Publish | say.Subscribe | say.SubscribeAnswer) -> None:
    request = _REQUESTS[type(message)](room.lesson, session.seat, message)
    connection: Connection = "publish" if isinstance(message, say.Publish) else "subscribe"
    session.hoped_for.add(connection)
    if room.node_lost_at_s is not None:
        raise Refusal("no_node", "The media server is away; it will be back in a moment.")
    if isinstance(message, say.SubscribeAnswer):
        session.door.offer = None
    session.replies.keep(message.id, None)
    room.order(Ask(session.id, message.id, replace(request, session=session.id)))


def _reply(reply_to: str, answer: node.NodeMessage | None) -> Reply:
    if isinstance(answer, node.AnswerPublish):
        return say.Published(reply_to, answer.sdp)
    if isinstance(answer, node.OfferSubscribe):
        slots = tuple(say.SlotOffer(slot.mid, slot.kind) for slot in answer.slots)
        return say.SubscribeOffer(reply_to, answer.number, answer.sdp, slots)
    if isinstance(answer, node.Accepted):
        return say.Done(reply_to)
    if isinstance(answer, node.RequestRefused):
        return say.Refused(reply_to, answer.code, answer.sentence)
    return say.Refused(reply_to, "no_node", "The media server went away before it answered.")
