"""What pages are told: the snapshot, and the message that each event becomes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from signaling.core import stops
from signaling.core.lesson import Lesson
from signaling.core.media import Media
from signaling.core.session import Numbered
from signaling.messages import client as say
from signaling.messages import events as ev
from signaling.messages.ids import RecordingPause, SeatId


def seat_of(lesson: Lesson, media: Media, seat: SeatId) -> say.Seat:
    """One seat as everyone sees it: present while a page or an encoder sits there."""
    place = lesson.seats[seat]
    present = place.session is not None or media.has_encoder(seat)
    return say.Seat(seat, place.role, place.classroom, present, place.hand)


def snapshot_of(lesson: Lesson, media: Media, pause: RecordingPause) -> say.Snapshot:
    """Everything that a page shows."""
    return say.Snapshot(
        lesson=lesson.id,
        title=lesson.title,
        mode=lesson.mode,
        state=lesson.state,
        taken=lesson.policy.sources,
        seats=tuple(seat_of(lesson, media, seat) for seat in lesson.seats),
        sources=tuple(media.source_state(s, source) for s, place in lesson.seats.items() for source in place.sources),
        floor=lesson.floor,
        recording_pause=pause,
    )


def announced(lesson: Lesson, media: Media, event: ev.Event) -> Numbered | None:
    """The message about this event, after it has happened; its number comes with the session."""
    tell = _MESSAGES.get(type(event))
    return None if tell is None else tell(lesson, media, event)


def _seat_changed(lesson: Lesson, media: Media, event: ev.SeatTaken) -> Numbered:
    return say.SeatChanged(0, seat_of(lesson, media, event.seat))


def _floor_changed(lesson: Lesson, media: Media, event: ev.Event) -> Numbered:
    return say.FloorChanged(0, lesson.floor)


def _lesson_changed(lesson: Lesson, media: Media, event: ev.Event) -> Numbered:
    return say.LessonChanged(0, lesson.state)


def _pause(lesson: Lesson, media: Media, event: ev.LessonPaused | ev.LessonResumed) -> Numbered:
    return stops.told(lesson, event.by)


def _source_changed(lesson: Lesson, media: Media, event: ev.SourceStarted) -> Numbered:
    return say.SourceChanged(0, media.source_state(event.seat, event.source))


def _source_ended(lesson: Lesson, media: Media, event: ev.SourceStopped) -> Numbered:
    return say.SourceEnded(0, event.seat, event.source)


_MESSAGES: Final[Mapping[type[ev.Event], Callable[[Lesson, Media, Any], Numbered]]] = {
    ev.LessonOpened: _lesson_changed,
    ev.LessonStarted: _lesson_changed,
    ev.LessonEnded: _lesson_changed,
    ev.LessonShutDown: _lesson_changed,
    ev.LessonPaused: _pause,
    ev.LessonResumed: _pause,
    ev.LessonCancelled: _lesson_changed,
    ev.SeatInvited: _seat_changed,
    ev.SeatTaken: _seat_changed,
    ev.SeatLeft: _seat_changed,
    ev.HandMoved: _seat_changed,
    ev.SourceStarted: _source_changed,
    ev.SourceStopped: _source_ended,
    ev.FloorRequested: _floor_changed,
    ev.FloorGiven: _floor_changed,
    ev.FloorTaken: _floor_changed,
    ev.FloorReleased: _floor_changed,
}
"""Events that are in no page's interest are not here: `text_sent` has its own message, with the words. A pause of the
recording is told by the room, which knows whether it is held."""
