"""Makes lessons of timetables: whose bells agree when, which week it is, what the day follows, who stands in."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from signaling.core.county import bells as bell
from signaling.core.county import term as terms
from signaling.core.county.bells import Bells, Shared
from signaling.core.county.county import Change, County, bells_of
from signaling.core.county.findings import Finding
from signaling.core.county.things import ClassroomId, Course, CourseId, Entry, Pairing, PersonId, SchoolId
from signaling.messages.ids import LessonId

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_WEEKDAYS: Final = "一二三四五六日"
_DAYS: Final = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, slots=True)
class PlannedLesson:
    """One occurrence of a course, in the county's own time."""

    id: LessonId
    """Made of all the rest, so that a plan made twice plans each lesson once, and a changed one is another."""
    course: CourseId
    day: date
    period: int
    begins: datetime
    ends: datetime
    lead: ClassroomId
    rural: tuple[ClassroomId, ...]
    teacher: PersonId
    assistants: tuple[PersonId, ...]

    @property
    def rooms(self) -> tuple[ClassroomId, ...]:
        """All its classrooms, the lead's first."""
        return (self.lead, *self.rural)

    @property
    def owners(self) -> tuple[PersonId, ...]:
        """Who prepares, teaches and answers for it together."""
        return (self.teacher, *self.assistants)


@dataclass(frozen=True, slots=True)
class Plan:
    """The lessons of some days in order, and what was found while they were made."""

    lessons: tuple[PlannedLesson, ...]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Making:
    county: County
    bells: Mapping[SchoolId, tuple[Bells, ...]]
    lessons: list[PlannedLesson] = field(default_factory=list)
    findings: dict[tuple[object, ...], Finding] = field(default_factory=dict)
    """One per line of the timetable, not one per week."""


def plan(county: County, first: date, last: date) -> Plan:
    """Makes every lesson from one day to another, both included."""
    making = _Making(county, bells_of(county))
    by_weekday: dict[int, list[Entry]] = {}
    for entry in county.entries:
        by_weekday.setdefault(entry.weekday, []).append(entry)
    for term in county.terms.values():
        for day in terms.days(max(first, term.first), min(last, term.last)):
            follows = terms.followed(term, day)
            for entry in by_weekday.get(follows.isoweekday(), ()) if follows is not None else ():
                pairing = county.pairings[county.courses[entry.course].pairing]
                assert follows is not None
                if pairing.term == term.id and terms.is_in(entry.weeks, terms.week_of(term, follows)):
                    _add(making, entry, pairing, day)
    lessons = sorted(making.lessons, key=lambda lesson: (lesson.begins, lesson.id))
    return Plan(tuple(lessons), tuple(making.findings.values()))


def _add(making: _Making, entry: Entry, pairing: Pairing, day: date) -> None:
    county, course = making.county, making.county.courses[entry.course]
    change = county.changes.get((course.id, day, entry.period))
    if change is not None and change.cancelled:
        return
    rooms = tuple(change.rooms.get(room, room) if change else room for room in (pairing.lead, *pairing.rural))
    time_of_it = _time(making, entry, course, rooms, day)
    if time_of_it is None:
        return
    lesson = _lesson(entry, course, rooms, day, time_of_it, change)
    if len(set(lesson.rooms)) < len(lesson.rooms) or len(set(lesson.owners)) < len(lesson.owners):
        _found(making, entry, _twice(entry))
    else:
        making.lessons.append(lesson)


def _lesson(
    entry: Entry, course: Course, rooms: Sequence[ClassroomId], day: date, when: Shared, change: Change | None
) -> PlannedLesson:
    midnight = datetime(day.year, day.month, day.day)
    begins, ends = (midnight + timedelta(minutes=at) for at in (when.begins_min, when.ends_min))
    teacher = (change.teacher if change is not None else None) or course.teacher
    owners = (teacher, *course.assistants)
    again = () if change is None else (change.again,)
    made_of = (course.id, entry.period, begins.isoformat(), ends.isoformat(), *rooms, *owners, *again)
    return PlannedLesson(
        _id(made_of), course.id, day, entry.period, begins, ends, rooms[0], tuple(rooms[1:]), teacher, course.assistants
    )


def _id(made_of: Sequence[object]) -> LessonId:
    digest = hashlib.sha256("\0".join(map(str, made_of)).encode()).digest()
    return LessonId("L" + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:10]))


def _time(making: _Making, entry: Entry, course: Course, rooms: Sequence[ClassroomId], day: date) -> Shared | None:
    """When the lesson is; where it cannot be, or only shortened, that is found."""
    schools = list(dict.fromkeys(making.county.classrooms[room].school for room in rooms))
    counting = [bell.bells_on(making.bells.get(school, ()), day) for school in schools]
    for school, bells in zip(schools, counting, strict=True):
        if bells is None:
            _found(making, entry, _no_bells(making.county.schools[school].name, day))
            return None
    known = [bells for bells in counting if bells is not None]
    period = bell.period_of(known[0], entry.period)
    if period is None:
        _found(making, entry, _no_period(making.county.schools[schools[0]].name, entry))
        return None
    when = bell.shared(period, known[1:])
    if when is None or when.minutes < bell.SHORTEST_LESSON_MIN:
        _found(making, entry, _no_time(entry, when))
        return None
    if when.minutes < when.longest_min:
        _found(making, entry, _shortened(entry, when))
    return when


def _found(making: _Making, entry: Entry, finding: Finding) -> None:
    making.findings.setdefault((entry, finding.code), finding)


def line_of(entry: Entry) -> tuple[str, str]:
    """Names a line of the timetable in Chinese and English."""
    zh = f"课程 {entry.course} 周{_WEEKDAYS[entry.weekday - 1]}第 {entry.period} 节"
    return zh, f"The course {entry.course}, {_DAYS[entry.weekday - 1]}, period {entry.period},"


def _no_bells(school: str, day: date) -> Finding:
    return Finding(
        "no_bells",
        f"{school} 在 {day} 没有作息时间表。",
        f"{school} has no bells that count on {day}.",
    )


def _no_period(school: str, entry: Entry) -> Finding:
    zh, en = line_of(entry)
    return Finding(
        "no_period",
        f"{zh}:{school} 的作息时间表没有第 {entry.period} 节。",
        f"{en} cannot be held: {school} has no period {entry.period}.",
    )


def _twice(entry: Entry) -> Finding:
    zh, en = line_of(entry)
    return Finding(
        "twice_there",
        f"{zh}:同一教师或教室不能在一节课里出现两次。",
        f"{en} has the same teacher or classroom in two places.",
    )


def _no_time(entry: Entry, when: Shared | None) -> Finding:
    zh, en = line_of(entry)
    minutes = 0 if when is None else when.minutes
    return Finding(
        "no_shared_time",
        f"{zh}:各校作息只重合 {minutes} 分钟,至少需要 {bell.SHORTEST_LESSON_MIN} 分钟。",
        f"{en} has {minutes} min in which all schools have a period; a lesson needs {bell.SHORTEST_LESSON_MIN}.",
    )


def _shortened(entry: Entry, when: Shared) -> Finding:
    zh, en = line_of(entry)
    begins, ends = bell.clock(when.begins_min), bell.clock(when.ends_min)
    return Finding(
        "shortened",
        f"{zh}:各校作息重合 {begins}–{ends},共 {when.minutes} 分钟(最长的一节 {when.longest_min} 分钟)。",
        f"{en} is shortened to {when.minutes} min, {begins} to {ends}, as the schools' bells differ.",
        "warning",
    )
