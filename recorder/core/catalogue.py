"""A resource of the library, as its entry describes it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from recorder.core.access import PUPILS, Holding
from recorder.core.chapters import Chapter
from recorder.core.finding import folded
from signaling.messages.ids import LessonId, Source

CHINA: Final = timedelta(hours=8)
"""Dates are China's, whatever the machine's zone: a lesson of the first period is not of the day before."""

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the resource; its name ends the address where it is played."""

    name: str
    media_type: str
    size: int
    sha256: str
    """Of the plain content."""
    note: str = ""
    """In words, what a viewer should know: what is missing, and why."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Where a film shows a still picture or is silent, and why."""

    start_ms: int
    end_ms: int
    what: Source
    cause: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything that the catalogue says of one recorded lesson."""

    id: str
    lesson: LessonId
    take: str
    title: str
    school: str
    teacher: str
    region: str
    classrooms: tuple[str, ...]
    held_at_ms: int
    duration_ms: int
    sources: tuple[Source, ...]
    """What was taken."""
    enabled_by: str
    basis: str
    """Who enabled pupils' pictures and voices, and on what basis; empty where there are none."""
    film: Part | None = None
    """The combined file of the lead classroom."""
    poster: Part | None = None
    thumbnails: tuple[Part, ...] = ()
    tracks: tuple[Part, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    missing: tuple[Missing, ...] = ()
    honours: tuple[str, ...] = ()
    """Such as 示范课例; given later."""
    trouble: str = ""
    """In words, what could not be made."""
    version: int = VERSION

    @property
    def pupils(self) -> bool:
        """Pupils are seen or heard."""
        return bool(PUPILS & set(self.sources))

    @property
    def parts(self) -> tuple[Part, ...]:
        """All files."""
        first = tuple(part for part in (self.film, self.poster) if part is not None)
        return (*first, *self.thumbnails, *self.tracks)


def part_named(entry: Entry, name: str) -> Part | None:
    """The file of that name, if it is one of the resource's."""
    return next((part for part in entry.parts if part.name == name), None)


def holding(entry: Entry, objection: str, *, held: bool = False) -> Holding:
    """What permissions look at."""
    return Holding(entry.lesson, entry.region, entry.pupils, bool(objection), held)


def words(entry: Entry) -> str:
    """What a search looks into; fields are apart, so that no word reaches from one into the next."""
    days = day_as_written(entry.held_at_ms)
    fields = (entry.title, entry.school, entry.teacher, *entry.classrooms, *days, *entry.honours)
    return "\n".join(folded(field) for field in fields if field)


def day_as_written(at_ms: int) -> tuple[str, ...]:
    """China's date in each form that people type: `2026-09-05`, `2026/9/5`, `2026年9月5日`."""
    day = datetime.fromtimestamp(at_ms / 1000, UTC) + CHINA
    short = f"{day.year}/{day.month}/{day.day}"
    return (day.strftime("%Y-%m-%d"), short, f"{day.year}年{day.month}月{day.day}日")
