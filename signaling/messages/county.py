"""What goes over HTTP about a county's week: imports, planned lessons, changes of one, calendars."""

from dataclasses import dataclass
from typing import Literal

from signaling.messages.ids import LessonId

FeedKind = Literal["all", "school", "classroom", "person"]


@dataclass(frozen=True, slots=True)
class FoundView:
    """Something that is wrong (`error`: nothing is saved) or doubtful (`warning`), in both languages."""

    code: str
    zh: str
    en: str
    weight: Literal["error", "warning"]
    sheet: str = ""
    row: int | None = None
    """As the spreadsheet numbers it."""
    column: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import came to."""

    saved: bool
    findings: tuple[FoundView, ...]
    rows: dict[str, int]
    """How many rows of each sheet there were."""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something, by id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class RungView:
    """What the bell did about a lesson, and why."""

    what: Literal["made", "opened", "closed", "missed", "called_off"]
    at_ms: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlannedView:
    """One lesson of the timetable."""

    lesson: LessonId
    course: str
    subject: str
    grade: int
    period: int
    """Of the lead's school."""
    begins: str
    """In the county's time, as 2026-09-01T09:20:00+08:00."""
    ends: str
    lead: Named
    rural: tuple[Named, ...]
    teacher: Named
    assistants: tuple[Named, ...]
    rung: tuple[RungView, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanView:
    """The lessons of some days, what was found, and which schools should be paired and are not."""

    lessons: tuple[PlannedView, ...]
    findings: tuple[FoundView, ...]
    unpaired: tuple[Named, ...]
    gone: tuple[tuple[LessonId, RungView], ...] = ()
    """What the bell did about lessons that stand in the timetable no more."""


@dataclass(frozen=True, slots=True)
class SubstitutesView:
    """Who and where else: free then, the nearest first."""

    teachers: tuple[Named, ...]
    rooms: dict[str, tuple[Named, ...]]
    """By the classroom that they could stand in for."""


@dataclass(frozen=True, slots=True)
class ChangeLesson:
    """What is to be different about one lesson; it becomes another one, with an id of its own."""

    teacher: str | None = None
    rooms: dict[str, str] | None = None
    """Another classroom in the place of one of the pairing's."""
    cancelled: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MakeFeed:
    """Lets a calendar subscribe: to all, or to one school's, classroom's or person's lessons."""

    kind: FeedKind = "all"
    of: str = ""


@dataclass(frozen=True, slots=True)
class FeedKey:
    """What the calendar program is told: address, user name and password; the password is shown only now."""

    feed: str
    key: str
    url: str


@dataclass(frozen=True, slots=True)
class FeedView:
    """A subscription that counts."""

    feed: str
    kind: FeedKind
    of: str
    made_at_ms: int


@dataclass(frozen=True, slots=True)
class FeedList:
    """All of them, the oldest first."""

    feeds: tuple[FeedView, ...]
