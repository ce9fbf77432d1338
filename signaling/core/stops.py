"""The emergency stop of a whole lesson: who may lift it, and how it is told. It is not the recording's pause."""

from typing import Final

from signaling.core.lesson import Lesson
from signaling.core.refusal import Refusal
from signaling.messages import client as say
from signaling.messages import events as ev
from signaling.messages.ids import SeatId

OPERATOR: Final = "operator"


def paused(lesson: Lesson, by: str) -> tuple[ev.Event, ...]:
    """Stops it; the operator's stop takes the place of anyone's, so that the operator alone lifts it."""
    if lesson.paused_by is None or (by == OPERATOR and lesson.paused_by != OPERATOR):
        return (ev.LessonPaused(by),)
    return ()


def resumed(lesson: Lesson, by: str) -> tuple[ev.Event, ...]:
    """Lets it go on; raises Refusal where the operator has stopped it, and another asks."""
    if lesson.paused_by is None:
        return ()
    if lesson.paused_by == OPERATOR and by != OPERATOR:
        raise Refusal("stopped_by_operator", "The operator has paused this lesson; only the operator lets it go on.")
    return (ev.LessonResumed(by),)


def told(lesson: Lesson, by: str) -> say.Pause:
    """How it is, in words that need no seat's name; its number comes with the session."""
    place = lesson.seats.get(SeatId(by))
    return say.Pause(0, lesson.paused_by is not None, OPERATOR if place is None else place.role)
