"""A lesson as its events make it: a table of states, and a fold that an illegal step leaves unchanged."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from signaling.core import floor as floors
from signaling.messages import events as ev
from signaling.messages.client import Floor
from signaling.messages.ids import Cue, LessonId, LessonState, Mode, Role, SeatId, SessionId, Source


class IllegalStep(ValueError):
    """This event cannot follow what has happened in the lesson."""


@dataclass(frozen=True, slots=True)
class SeatPlace:
    """One seat: who it is for, and which session sits there."""

    role: Role
    classroom: str
    session: SessionId | None = None
    hand: bool = False
    sources: tuple[Source, ...] = ()
    """What it publishes, oldest first."""
    cue: Cue | None = None
    """What it asks of the lead, who has not seen it yet."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Everything durable about one lesson."""

    id: LessonId
    title: str
    mode: Mode
    state: LessonState
    lead_classroom: str
    rural_classrooms: tuple[str, ...]
    policy: ev.RecordingPolicy
    seats: Mapping[SeatId, SeatPlace] = field(default_factory=dict)
    floor: Floor = Floor()
    recording_paused: bool = False
    """The lead wants nothing recorded now."""
    paused_by: str | None = None
    """Who has stopped the whole lesson for now: a seat or `operator`; None while it goes on."""
    position: int = 1
    """How many events it is made of."""
    school: str = ""
    teacher: str = ""

    @property
    def over(self) -> bool:
        """Nothing can happen in it any more."""
        return self.state in OVER

    @property
    def running(self) -> bool:
        """Its doors are open."""
        return self.state in RUNNING


RUNNING: Final[frozenset[LessonState]] = frozenset({"open", "live"})
OVER: Final[frozenset[LessonState]] = frozenset({"ended", "archived", "cancelled"})

STATES: Final[Mapping[tuple[LessonState, type[ev.Event]], LessonState]] = {
    ("planned", ev.LessonOpened): "open",
    ("planned", ev.LessonCancelled): "cancelled",
    ("open", ev.LessonStarted): "live",
    ("open", ev.LessonCancelled): "cancelled",
    ("open", ev.LessonEnded): "ended",
    ("live", ev.LessonEnded): "ended",
    ("open", ev.LessonShutDown): "ended",
    ("live", ev.LessonShutDown): "ended",
    ("ended", ev.LessonArchived): "archived",
}
"""Which event leads from which state to which; what is not here cannot happen."""

_STATE_EVENTS: Final = frozenset(event for _, event in STATES)
_BEFORE_THE_END: Final[frozenset[LessonState]] = frozenset({"planned", "open", "live"})


def fold(lesson: Lesson | None, event: ev.Event) -> Lesson:
    """Takes one step; raises IllegalStep."""
    if isinstance(event, ev.LessonCreated):
        return _created(lesson, event)
    if lesson is None:
        raise IllegalStep(f"{event.type} before the lesson was created")
    if type(event) in _STATE_EVENTS:
        changed = _moved(lesson, event)
    else:
        changed = _within(lesson, event)
    return replace(changed, position=lesson.position + 1)


def folded(events: Iterable[ev.Event]) -> Lesson:
    """Makes a lesson of its whole log."""
    lesson: Lesson | None = None
    for event in events:
        lesson = fold(lesson, event)
    if lesson is None:
        raise IllegalStep("an empty log is no lesson")
    return lesson


def _created(lesson: Lesson | None, event: ev.LessonCreated) -> Lesson:
    if lesson is not None:
        raise IllegalStep(f"lesson {lesson.id} was created twice")
    return Lesson(
        id=event.lesson,
        title=event.title,
        mode=event.mode,
        state="planned",
        lead_classroom=event.lead_classroom,
        rural_classrooms=event.rural_classrooms,
        policy=event.policy,
        school=event.school,
        teacher=event.teacher,
    )


def _moved(lesson: Lesson, event: ev.Event) -> Lesson:
    state = STATES.get((lesson.state, type(event)))
    if state is None:
        raise IllegalStep(f"{event.type} in a lesson that is {lesson.state}")
    if state not in OVER:
        return replace(lesson, state=state)
    seats = {
        seat: replace(place, session=None, hand=False, sources=(), cue=None) for seat, place in lesson.seats.items()
    }
    return replace(lesson, state=state, seats=seats, floor=Floor(), paused_by=None)


def _within(lesson: Lesson, event: ev.Event) -> Lesson:
    allowed = _BEFORE_THE_END if isinstance(event, ev.SeatInvited) else RUNNING
    if lesson.state not in allowed:
        raise IllegalStep(f"{event.type} in a lesson that is {lesson.state}")
    return _STEPS[type(event)](lesson, event)


def place_of(lesson: Lesson, seat: SeatId) -> SeatPlace:
    """Finds a seat; raises IllegalStep."""
    place = lesson.seats.get(seat)
    if place is None:
        raise IllegalStep(f"lesson {lesson.id} has no seat {seat}")
    return place


def _with_seat(lesson: Lesson, seat: SeatId, place: SeatPlace) -> Lesson:
    return replace(lesson, seats={**lesson.seats, seat: place})


def _invited(lesson: Lesson, event: ev.SeatInvited) -> Lesson:
    place = lesson.seats.get(event.seat, SeatPlace(event.role, event.classroom))
    if (place.role, place.classroom) != (event.role, event.classroom):
        raise IllegalStep(f"seat {event.seat} is already for {place.role} {place.classroom}")
    return _with_seat(lesson, event.seat, place)


def _seated(lesson: Lesson, event: ev.SeatTaken) -> Lesson:
    place = place_of(lesson, event.seat)
    return _with_seat(lesson, event.seat, replace(place, session=event.session))


def _left(lesson: Lesson, event: ev.SeatLeft) -> Lesson:
    place = place_of(lesson, event.seat)
    if place.session != event.session:
        raise IllegalStep(f"session {event.session} does not sit on {event.seat}")
    lesson = replace(lesson, floor=floors.released(lesson.floor, event.seat))
    return _with_seat(lesson, event.seat, replace(place, session=None, hand=False, cue=None))


def _source_started(lesson: Lesson, event: ev.SourceStarted) -> Lesson:
    place = place_of(lesson, event.seat)
    if event.source in place.sources:
        raise IllegalStep(f"{event.seat} already publishes {event.source}")
    return _with_seat(lesson, event.seat, replace(place, sources=(*place.sources, event.source)))


def _source_stopped(lesson: Lesson, event: ev.SourceStopped) -> Lesson:
    place = place_of(lesson, event.seat)
    if event.source not in place.sources:
        raise IllegalStep(f"{event.seat} does not publish {event.source}")
    left = tuple(source for source in place.sources if source != event.source)
    return _with_seat(lesson, event.seat, replace(place, sources=left))


def _hand_moved(lesson: Lesson, event: ev.HandMoved) -> Lesson:
    place = place_of(lesson, event.seat)
    return _with_seat(lesson, event.seat, replace(place, hand=event.up))


def _room_of(lesson: Lesson, seat: SeatId) -> SeatId:
    if place_of(lesson, seat).role != "room":
        raise IllegalStep(f"the floor is for rooms, not for {seat}")
    return seat


def _floor_requested(lesson: Lesson, event: ev.FloorRequested) -> Lesson:
    return replace(lesson, floor=floors.requested(lesson.floor, _room_of(lesson, event.seat)))


def _floor_given(lesson: Lesson, event: ev.FloorGiven) -> Lesson:
    return replace(lesson, floor=floors.given(lesson.floor, _room_of(lesson, event.seat)))


def _floor_taken(lesson: Lesson, event: ev.FloorTaken) -> Lesson:
    if lesson.floor.holder != event.seat:
        raise IllegalStep(f"{event.seat} does not hold the floor")
    return replace(lesson, floor=floors.taken(lesson.floor))


def _floor_released(lesson: Lesson, event: ev.FloorReleased) -> Lesson:
    if not floors.waits_or_holds(lesson.floor, event.seat):
        raise IllegalStep(f"{event.seat} neither holds the floor nor waits for it")
    return replace(lesson, floor=floors.released(lesson.floor, event.seat))


def _take_changed(lesson: Lesson, event: ev.TakeChanged) -> Lesson:
    place_of(lesson, event.seat)
    return lesson


def _pictures_fitted(lesson: Lesson, event: ev.PicturesFitted) -> Lesson:
    place_of(lesson, event.seat)
    return lesson


def _recording_paused(lesson: Lesson, event: ev.RecordingPaused) -> Lesson:
    if lesson.recording_paused:
        raise IllegalStep(f"the recording of lesson {lesson.id} is paused already")
    return replace(lesson, recording_paused=True)


def _recording_resumed(lesson: Lesson, event: ev.RecordingResumed) -> Lesson:
    if not lesson.recording_paused:
        raise IllegalStep(f"the recording of lesson {lesson.id} is not paused")
    return replace(lesson, recording_paused=False)


def _lesson_paused(lesson: Lesson, event: ev.LessonPaused) -> Lesson:
    return replace(lesson, paused_by=event.by)


def _lesson_resumed(lesson: Lesson, event: ev.LessonResumed) -> Lesson:
    if lesson.paused_by is None:
        raise IllegalStep(f"lesson {lesson.id} is not paused")
    return replace(lesson, paused_by=None)


def _text_sent(lesson: Lesson, event: ev.TextSent) -> Lesson:
    place_of(lesson, event.seat)
    return lesson


def _private_sent(lesson: Lesson, event: ev.PrivateSent) -> Lesson:
    place_of(lesson, event.seat)
    place_of(lesson, event.to)
    return lesson


def _cue_sent(lesson: Lesson, event: ev.CueSent) -> Lesson:
    return _with_seat(lesson, event.seat, replace(place_of(lesson, event.seat), cue=event.cue))


def _cue_ended(lesson: Lesson, event: ev.CueEnded) -> Lesson:
    place = place_of(lesson, event.seat)
    if place.cue is None:
        raise IllegalStep(f"{event.seat} asks nothing")
    return _with_seat(lesson, event.seat, replace(place, cue=None))


_STEPS: Final[Mapping[type[ev.Event], Callable[[Lesson, Any], Lesson]]] = {
    ev.SeatInvited: _invited,
    ev.SeatTaken: _seated,
    ev.SeatLeft: _left,
    ev.SourceStarted: _source_started,
    ev.SourceStopped: _source_stopped,
    ev.HandMoved: _hand_moved,
    ev.FloorRequested: _floor_requested,
    ev.FloorGiven: _floor_given,
    ev.FloorTaken: _floor_taken,
    ev.FloorReleased: _floor_released,
    ev.TakeChanged: _take_changed,
    ev.PicturesFitted: _pictures_fitted,
    ev.RecordingPaused: _recording_paused,
    ev.RecordingResumed: _recording_resumed,
    ev.LessonPaused: _lesson_paused,
    ev.LessonResumed: _lesson_resumed,
    ev.TextSent: _text_sent,
    ev.PrivateSent: _private_sent,
    ev.CueSent: _cue_sent,
    ev.CueEnded: _cue_ended,
}
