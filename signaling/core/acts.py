"""What a client's message means: the events it makes, or why it is refused. One function per message."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from signaling.core import private, stops
from signaling.core.floor import waits_or_holds
from signaling.core.lesson import Lesson
from signaling.core.permissions import publishable, slots_of
from signaling.core.policy import recorder_slots
from signaling.core.refusal import Refusal
from signaling.messages import client as say
from signaling.messages import events as ev
from signaling.messages import node
from signaling.messages.ids import SeatId, SessionId, kind_of

Events = tuple[ev.Event, ...]

LONGEST_TEXT: Final = 1000
MOST_SLOTS: Final = 16
"""Per kind; more pictures than this fit on no screen of a classroom."""


def decided(lesson: Lesson, seat: SeatId, session: SessionId, message: say.ClientMessage) -> Events:
    """The events of a message that a role may send; raises Refusal."""
    return _ACTS[type(message)](lesson, seat, session, message)


def _join(lesson: Lesson, seat: SeatId, session: SessionId, message: say.Join) -> Events:
    if lesson.seats[seat].session == session:
        return ()
    return (ev.SeatTaken(seat, session),)


def _hand(lesson: Lesson, seat: SeatId, session: SessionId, message: say.Hand) -> Events:
    if lesson.seats[seat].hand == message.up:
        return ()
    return (ev.HandMoved(seat, message.up),)


def _floor_request(lesson: Lesson, seat: SeatId, session: SessionId, message: say.FloorRequest) -> Events:
    if waits_or_holds(lesson.floor, seat):
        raise Refusal("already_asked", "You hold the floor already, or wait for it.")
    return (ev.FloorRequested(seat),)


def _floor_give(lesson: Lesson, seat: SeatId, session: SessionId, message: say.FloorGive) -> Events:
    place = lesson.seats.get(message.seat)
    if place is None or place.role != "room":
        raise Refusal("unknown_seat", "The floor can be given to a classroom of this lesson only.")
    if place.session is None and not place.sources:
        raise Refusal("unknown_seat", f"{place.classroom} is not here now; give the floor to a classroom that is.")
    if lesson.floor.holder == message.seat:
        return ()
    given = ev.FloorGiven(message.seat, by=seat)
    return (ev.HandMoved(message.seat, up=False), given) if place.hand else (given,)


def _floor_take(lesson: Lesson, seat: SeatId, session: SessionId, message: say.FloorTake) -> Events:
    if lesson.floor.holder is None:
        raise Refusal("floor_not_held", "No classroom holds the floor.")
    return (ev.FloorTaken(lesson.floor.holder, by=seat),)


def _floor_release(lesson: Lesson, seat: SeatId, session: SessionId, message: say.FloorRelease) -> Events:
    if not waits_or_holds(lesson.floor, seat):
        raise Refusal("floor_not_held", "You neither hold the floor nor wait for it.")
    return (ev.FloorReleased(seat),)


def _send_text(lesson: Lesson, seat: SeatId, session: SessionId, message: say.SendText) -> Events:
    return (ev.TextSent(seat, _length(message.body)),)


def _send_private(lesson: Lesson, seat: SeatId, session: SessionId, message: say.SendPrivate) -> Events:
    return (ev.PrivateSent(seat, private.partner(lesson, seat, message.to), _length(message.body)),)


def _length(body: str) -> int:
    if not 1 <= len(body) <= LONGEST_TEXT or not body.strip():
        raise Refusal("wrong_message", f"A text has 1 to {LONGEST_TEXT} characters.")
    return len(body)


def _send_cue(lesson: Lesson, seat: SeatId, session: SessionId, message: say.SendCue) -> Events:
    return private.asked(lesson, seat, message.cue)


def _cue_seen(lesson: Lesson, seat: SeatId, session: SessionId, message: say.CueSeen) -> Events:
    return private.seen(lesson, seat, message.seat)


def _pause_recording(lesson: Lesson, seat: SeatId, session: SessionId, message: say.PauseRecording) -> Events:
    if not lesson.policy.sources:
        raise Refusal("nothing_to_take", "Nothing of this lesson may be recorded, so there is nothing to pause.")
    if lesson.recording_paused == message.paused:
        return ()
    return (ev.RecordingPaused(by=seat) if message.paused else ev.RecordingResumed(by=seat),)


def _pause_lesson(lesson: Lesson, seat: SeatId, session: SessionId, message: say.PauseLesson) -> Events:
    return stops.paused(lesson, seat)


def _resume_lesson(lesson: Lesson, seat: SeatId, session: SessionId, message: say.ResumeLesson) -> Events:
    return stops.resumed(lesson, seat)


def _shut_down(lesson: Lesson, seat: SeatId, session: SessionId, message: say.ShutDown) -> Events:
    return (ev.LessonShutDown(by=seat),)


def _end(lesson: Lesson, seat: SeatId, session: SessionId, message: say.End) -> Events:
    return (ev.LessonEnded(by=seat),)


_ACTS: Final[Mapping[type[say.ClientMessage], Callable[[Lesson, SeatId, SessionId, Any], Events]]] = {
    say.Join: _join,
    say.Hand: _hand,
    say.FloorRequest: _floor_request,
    say.FloorGive: _floor_give,
    say.FloorTake: _floor_take,
    say.FloorRelease: _floor_release,
    say.SendText: _send_text,
    say.SendPrivate: _send_private,
    say.SendCue: _send_cue,
    say.CueSeen: _cue_seen,
    say.PauseRecording: _pause_recording,
    say.PauseLesson: _pause_lesson,
    say.ResumeLesson: _resume_lesson,
    say.ShutDown: _shut_down,
    say.End: _end,
}


def leaving(lesson: Lesson, seat: SeatId, reason: str) -> Events:
    """A seat is given up: the floor goes back first."""
    place = lesson.seats[seat]
    if place.session is None:
        return ()
    left = ev.SeatLeft(seat, place.session, reason)
    return (ev.FloorReleased(seat), left) if waits_or_holds(lesson.floor, seat) else (left,)


def offered(lesson: Lesson, seat: SeatId, message: say.Publish) -> node.OfferPublish:
    """The request that a publish offer becomes; raises Refusal."""
    may_publish = publishable(lesson.mode, lesson.seats[seat].role)
    _refuse_unless_distinct(message.sources)
    for section in message.sources:
        if section.source not in may_publish:
            raise Refusal("not_permitted", f"This seat may not publish {section.source}.")
        if section.copy not in (None, "vp8") or (section.copy and kind_of(section.source) == "audio"):
            raise Refusal("wrong_message", "The only extra copy is vp8, of a picture.")
    sections = tuple(node.PublishedMid(s.mid, s.source, s.copy) for s in message.sources)
    return node.OfferPublish(0, lesson.id, seat, message.sdp, sections)


def _refuse_unless_distinct(sections: tuple[say.PublishedSource, ...]) -> None:
    if len({section.mid for section in sections}) < len(sections):
        raise Refusal("wrong_message", "Each mid carries one source; one is named twice.")
    if len({(section.source, section.copy) for section in sections}) < len(sections):
        raise Refusal("wrong_message", "Each source is sent once; one is named twice.")


def wished_slots(lesson: Lesson, seat: SeatId, message: say.Subscribe) -> node.OpenSubscriber:
    """The request that `subscribe` becomes, with the role's slots where none are named; raises Refusal."""
    role = lesson.seats[seat].role
    given = recorder_slots(lesson) if role == "recorder" else slots_of(role, len(lesson.rural_classrooms))
    video = given[0] if message.video_slots is None else message.video_slots
    audio = given[1] if message.audio_slots is None else message.audio_slots
    if (video, audio) != given and not (0 <= video <= MOST_SLOTS and 0 <= audio <= MOST_SLOTS and video + audio):
        raise Refusal("wrong_message", f"A subscriber has 1 to {MOST_SLOTS} slots of a kind.")
    return node.OpenSubscriber(0, lesson.id, seat, video, audio, restart=message.restart)


def answered(lesson: Lesson, seat: SeatId, message: say.SubscribeAnswer) -> node.AnswerSubscribe:
    """The request that a subscriber's answer becomes."""
    return node.AnswerSubscribe(0, lesson.id, seat, message.number, message.sdp)
