"""The private line between the lead and the assistants: words to one of them, and cues that one touch sends."""

from signaling.core.lesson import Lesson
from signaling.core.refusal import Refusal
from signaling.messages.client import SeatCue
from signaling.messages.events import CueEnded, CueSent
from signaling.messages.ids import Cue, SeatId


def partner(lesson: Lesson, seat: SeatId, other: SeatId) -> SeatId:
    """The one to whom a seat may speak alone; raises Refusal, also when nobody sits there to read it."""
    place = lesson.seats.get(other)
    if place is None or {place.role, lesson.seats[seat].role} != {"lead", "assistant"}:
        raise Refusal(
            "unknown_seat", "A private line goes from an assistant to the lead, or from the lead to an assistant."
        )
    if place.session is None:
        raise Refusal("unknown_seat", f"{place.classroom} is not here now, so nobody would read it.")
    return other


def asked(lesson: Lesson, seat: SeatId, cue: Cue | None) -> tuple[CueSent | CueEnded, ...]:
    """A seat asks something of the lead, or takes it back."""
    if lesson.seats[seat].cue == cue:
        return ()
    return (CueEnded(seat, by=seat) if cue is None else CueSent(seat, cue),)


def seen(lesson: Lesson, lead: SeatId, seat: SeatId) -> tuple[CueEnded, ...]:
    """The lead has seen what a seat asks; seen twice is seen."""
    place = lesson.seats.get(seat)
    if place is None:
        raise Refusal("unknown_seat", "This lesson has no such seat.")
    return () if place.cue is None else (CueEnded(seat, by=lead),)


def cues_of(lesson: Lesson) -> tuple[SeatCue, ...]:
    """All that is asked of the lead now, in the order of the seats."""
    return tuple(SeatCue(seat, place.cue) for seat, place in lesson.seats.items() if place.cue is not None)


def shown_to(lesson: Lesson, seat: SeatId) -> tuple[SeatCue, ...]:
    """What a seat may know of it: the lead all, others their own."""
    leads = lesson.seats[seat].role == "lead"
    return tuple(each for each in cues_of(lesson) if leads or each.seat == seat)
