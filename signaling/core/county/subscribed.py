"""The part of a timetable that a calendar subscribes to: all, or what concerns one school, classroom or person."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from signaling.core.county.county import County
from signaling.core.county.planner import PlannedLesson
from signaling.core.county.things import CourseId
from signaling.messages.county import FeedKind


def is_there(county: County, kind: FeedKind, of: str) -> bool:
    """Tells whether there is something of this kind and id."""
    known: dict[FeedKind, Iterable[str]] = {
        "all": ("",), "school": county.schools, "classroom": county.classrooms, "person": county.people,
    }  # fmt: skip
    return of in known[kind]


def name_of(county: County, kind: FeedKind, of: str) -> str:
    """What the calendar is called."""
    names: dict[FeedKind, Callable[[], Iterable[str]]] = {
        "all": lambda: (),
        "school": lambda: (school.name for school in county.schools.values() if school.id == of),
        "classroom": lambda: (room.name for room in county.classrooms.values() if room.id == of),
        "person": lambda: (person.name for person in county.people.values() if person.id == of),
    }
    name = next(iter(names[kind]()), None)
    return "名师课表" if name is None else f"{name} 课程表"


def concerns(county: County, kind: FeedKind, of: str, lesson: PlannedLesson) -> bool:
    """Tells whether a lesson belongs to the part."""
    if kind == "school":
        return any(county.classrooms[room].school == of for room in lesson.rooms)
    if kind == "classroom":
        return of in lesson.rooms
    return kind == "all" or of in lesson.owners


def part(county: County, kind: FeedKind, of: str) -> County:
    """The county with only those lines that may concern it: planning takes as long as there are lines."""
    if kind == "all":
        return county
    changed = {change.course for change in county.changes.values()}
    entries = (it for it in county.entries if it.course in changed or _touches(county, kind, of, it.course))
    return replace(county, entries=tuple(entries))


def _touches(county: County, kind: FeedKind, of: str, named: CourseId) -> bool:
    """By the course as it is planned; one of which a lesson has changed is planned in any case."""
    course = county.courses[named]
    if kind == "person":
        return of in (course.teacher, *course.assistants)
    pairing = county.pairings[course.pairing]
    rooms = (pairing.lead, *pairing.rural)
    return of in rooms if kind == "classroom" else any(county.classrooms[room].school == of for room in rooms)
