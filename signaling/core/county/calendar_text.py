"""iCalendar (RFC 5545) as lines: folded and unfolded, escaped and plain; and a timetable as a calendar."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from signaling.core.county.county import County, room_name, school_of
from signaling.core.county.planner import PlannedLesson

MEDIA_TYPE: Final = "text/calendar"
COUNTY_TIME: Final = timezone(timedelta(hours=8))
"""All of China has one time, without summer's; a day that begins later somewhere has later bells."""
_FOLD_AT: Final = 75
"""Octets of a line without its end (section 3.1)."""
_PRODUCT: Final = "-//three-classrooms//timetable//ZH"


class CalendarError(ValueError):
    """This is no calendar, or not one that says when lessons are."""

    def __init__(self, line: int, zh: str, en: str) -> None:
        super().__init__(en)
        self.line = line
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Property:
    """One content line."""

    name: str
    parameters: dict[str, str]
    value: str
    line: int
    """Where it begins in the file."""

    @property
    def text(self) -> str:
        """The value as people read it."""
        return _plain(self.value)


def calendar(county: County, lessons: Iterable[PlannedLesson], name: str, now: datetime) -> str:
    """A calendar of these lessons; one that changes its time or room keeps its name, so that nobody sees it twice."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"NAME:{_escaped(name)}", f"X-WR-CALNAME:{_escaped(name)}"]
    lines += ["REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"]
    for lesson in lessons:
        lines += _event(county, lesson, now)
    return "".join(f"{part}\r\n" for line in (*lines, "END:VCALENDAR") for part in _folded(line))


def _event(county: County, lesson: PlannedLesson, now: datetime) -> tuple[str, ...]:
    course = county.courses[lesson.course]
    rooms = [room_name(county, room) for room in lesson.rooms]
    people = [county.people[owner].name for owner in lesson.owners]
    summary = f"{course.subject} {course.grade}年级 · {school_of(county, lesson.lead).name}"
    about = f"主讲教师 {people[0]}\n助教 {'、'.join(people[1:])}\n听讲教室 {'、'.join(rooms[1:])}"
    return (
        "BEGIN:VEVENT",
        f"UID:{_escaped(f'{lesson.course}/{lesson.day:%Y%m%d}/{lesson.period}')}@three-classrooms",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(lesson.begins.replace(tzinfo=COUNTY_TIME))}",
        f"DTEND:{_utc(lesson.ends.replace(tzinfo=COUNTY_TIME))}",
        f"SUMMARY:{_escaped(summary)}",
        f"LOCATION:{_escaped(rooms[0])}",
        f"DESCRIPTION:{_escaped(about)}",
        f"CATEGORIES:{_escaped(course.subject)}",
        "END:VEVENT",
    )


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """Section 3.3.11; characters that no line may have are left out."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return "".join(letter for letter in text if letter.isprintable())


def _plain(text: str) -> str:
    parts = text.split("\\\\")
    for escaped, plain in (("\\n", "\n"), ("\\N", "\n"), ("\\,", ","), ("\\;", ";")):
        parts = [part.replace(escaped, plain) for part in parts]
    return "\\".join(parts)


def _folded(line: str) -> Iterator[str]:
    """Breaks a long line between letters, never within one."""
    part = ""
    for letter in line:
        if len((part + letter).encode()) > _FOLD_AT:
            yield part
            part = " "
        part += letter
    yield part


def properties(text: str) -> Iterator[Property]:
    """Unfolds and takes every line apart; raises CalendarError."""
    whole, began = "", 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if line[:1] in (" ", "\t"):
            whole += line[1:]
            continue
        if whole.strip():
            yield _property(whole, began)
        whole, began = line, number
    if whole.strip():
        yield _property(whole, began)


def _property(line: str, number: int) -> Property:
    head, quoted = "", False
    for i, letter in enumerate(line):
        quoted ^= letter == '"'
        if letter == ":" and not quoted:
            head, value = line[:i], line[i + 1 :]
            break
    else:
        raise CalendarError(number, "不是 iCalendar 的一行", "is no line of an iCalendar file")
    name, *given = head.split(";")
    parameters = {key.upper(): said.strip('"') for key, _, said in (part.partition("=") for part in given)}
    return Property(name.upper(), parameters, value, number)
