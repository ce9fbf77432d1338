"""What the operator does with lessons: create, open, invite, end, cancel."""

from typing import Final

from signaling.core import door, stops
from signaling.core import policy as policies
from signaling.core.outcome import Instant, Outcome
from signaling.core.permissions import INVITABLE
from signaling.core.refusal import Refusal
from signaling.core.room import Room
from signaling.messages import events as ev
from signaling.messages.ids import LessonId, Mode, Role, SeatId

LONGEST_NAME: Final = 200
MOST_RURAL: Final = 16
"""The national pilot has 4 per lead classroom; the slots of the lead's page end here."""
MOST_SEATS: Final = 256


def created(
    lesson: LessonId,
    title: str,
    mode: Mode,
    classrooms: tuple[str, ...],
    policy: ev.RecordingPolicy,
    by: str,
    school: str = "",
    teacher: str = "",
) -> ev.LessonCreated:
    """The first event of a lesson; `classrooms` begins with the lead's. Raises Refusal."""
    if not INVITABLE[mode]:
        raise Refusal("mode_not_yet", f"Lessons of the mode {mode} cannot be held yet; choose dedicated.")
    if not 1 <= len(classrooms) - 1 <= MOST_RURAL:
        raise Refusal("wrong_classrooms", f"A lesson has 1 to {MOST_RURAL} rural classrooms.")
    names = tuple(_named(name, "classroom") for name in classrooms)
    if len(set(names)) < len(names):
        raise Refusal("wrong_classrooms", "Each classroom takes part once; a name is there twice.")
    title, policy = _named(title, "title"), policies.checked(policy)
    school, teacher = _named_or_empty(school, "school"), _named_or_empty(teacher, "teacher")
    return ev.LessonCreated(lesson, title, mode, names[0], names[1:], policy, by, school, teacher)


def opened(room: Room, by: str, now: Instant) -> Outcome:
    """Opens the doors; once they are open, nothing more happens."""
    _refuse_when_over(room)
    if room.lesson.state == "planned":
        room.happen(ev.LessonOpened(by))
        door.prepare_all(room)
    return room.outcome(now)


def ended(room: Room, by: str, now: Instant) -> Outcome:
    """Ends the lesson and sends everyone away."""
    _refuse_when_over(room)
    if not room.lesson.running:
        raise Refusal("lesson_not_open", "The lesson has not begun; cancel it instead.")
    room.happen(ev.LessonEnded(by))
    room.close_doors()
    return room.outcome(now)


def paused(room: Room, by: str, now: Instant) -> Outcome:
    """Stops everything in a running lesson."""
    _refuse_unless_running(room)
    room.happen(*stops.paused(room.lesson, by))
    return room.outcome(now)


def resumed(room: Room, by: str, now: Instant) -> Outcome:
    """Lets a paused lesson go on."""
    _refuse_unless_running(room)
    room.happen(*stops.resumed(room.lesson, by))
    return room.outcome(now)


def shut_down(room: Room, by: str, now: Instant) -> Outcome:
    """Ends a lesson that is out of control."""
    _refuse_unless_running(room)
    room.happen(ev.LessonShutDown(by))
    room.close_doors()
    return room.outcome(now)


def cancelled(room: Room, by: str, now: Instant) -> Outcome:
    """The lesson will not take place."""
    _refuse_when_over(room)
    if room.lesson.state == "live":
        raise Refusal("lesson_live", "The lesson is live; end it instead.")
    room.happen(ev.LessonCancelled(by))
    room.close_doors()
    return room.outcome(now)


def invited(room: Room, role: Role, classroom: str, fresh: SeatId, by: str, now: Instant) -> tuple[SeatId, Outcome]:
    """Makes a seat for a role and classroom, or finds the one that is there."""
    _refuse_when_over(room)
    name = _named(classroom, "classroom")
    _refuse_unless_belongs(room, role, name)
    seats = room.lesson.seats
    seat = next((s for s, place in seats.items() if (place.role, place.classroom) == (role, name)), fresh)
    if seat == fresh and len(seats) >= MOST_SEATS:
        raise Refusal("too_many", f"A lesson has at most {MOST_SEATS} seats.")
    room.happen(ev.SeatInvited(seat, role, name, by))
    return seat, room.outcome(now)


def _refuse_unless_running(room: Room) -> None:
    _refuse_when_over(room)
    if not room.lesson.running:
        raise Refusal("lesson_not_open", "The lesson has not begun.")


def _refuse_when_over(room: Room) -> None:
    if room.lesson.over:
        raise Refusal("lesson_over", "The lesson is over.")


def _refuse_unless_belongs(room: Room, role: Role, classroom: str) -> None:
    lesson = room.lesson
    if role not in INVITABLE[lesson.mode]:
        raise Refusal("role_not_yet", f"A {lesson.mode} lesson has no seat for the role {role} yet.")
    if role == "lead" and classroom != lesson.lead_classroom:
        raise Refusal("unknown_classroom", f"The lead classroom of this lesson is {lesson.lead_classroom}.")
    if role == "room" and classroom not in lesson.rural_classrooms:
        rural = ", ".join(lesson.rural_classrooms)
        raise Refusal("unknown_classroom", f"The rural classrooms of this lesson are {rural}.")


def _named_or_empty(name: str, what: str) -> str:
    return _named(name, what) if name.strip() else ""


def _named(name: str, what: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Refusal(f"wrong_{what}", f"A {what} is a line of 1 to {LONGEST_NAME} characters.")
    return name
