"""What lasts in a county: regions, schools, classrooms, people, classes, pairings, courses and what recurs of them.

Each thing is data and names others by their id. Ids are what schools write themselves: a code, a staff number.
"""

from dataclasses import dataclass
from typing import Final, Literal, NewType

RegionId = NewType("RegionId", str)
SchoolId = NewType("SchoolId", str)
ClassroomId = NewType("ClassroomId", str)
PersonId = NewType("PersonId", str)
ClassId = NewType("ClassId", str)
PairingId = NewType("PairingId", str)
CourseId = NewType("CourseId", str)
TermId = NewType("TermId", str)

Level = Literal["province", "city", "county"]
"""The fourth level is the school itself."""
SchoolKind = Literal["school", "small_rural", "township_boarding", "teaching_point"]
RoomLink = Literal["wired", "mobile", "satellite"]
"""How a classroom reaches the node: behind a satellite the floor is given, never left open."""
Weeks = Literal["every", "odd", "even"]

TO_BE_PAIRED: Final[frozenset[SchoolKind]] = frozenset({"small_rural", "township_boarding", "teaching_point"})
"""Kinds of school of which none may be left without a pairing."""


@dataclass(frozen=True, slots=True)
class Region:
    """A province, a city or a county."""

    id: RegionId
    name: str
    level: Level
    within: RegionId | None = None


@dataclass(frozen=True, slots=True)
class School:
    """One school or teaching point."""

    id: SchoolId
    name: str
    region: RegionId
    kind: SchoolKind = "school"


@dataclass(frozen=True, slots=True)
class Classroom:
    """A room with devices; it takes part in lessons, not a person."""

    id: ClassroomId
    school: SchoolId
    name: str
    link: RoomLink = "wired"
    screens: int = 1
    devices: tuple[str, ...] = ()
    """What it works with, by asset name; what two rooms of a school name is one device on wheels."""
    interactive: bool = True
    """Two-way; else it only receives."""


@dataclass(frozen=True, slots=True)
class Person:
    """A teacher, by the name of the roster."""

    id: PersonId
    name: str
    school: SchoolId
    subjects: tuple[str, ...] = ()
    studio: str = ""
    """The teachers' studio (名师工作室) that would stand in first."""


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """Pupils as a number: a lesson needs none of their names."""

    id: ClassId
    school: SchoolId
    name: str
    grades: tuple[int, ...]
    """More than one where grades share a room (复式)."""
    headcount: int


@dataclass(frozen=True, slots=True)
class Textbook:
    """Which edition a school teaches a subject from."""

    school: SchoolId
    grade: int
    subject: str
    edition: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """A lead classroom and its rural ones, for some subjects and a term; they may be of different counties."""

    id: PairingId
    term: TermId
    lead: ClassroomId
    rural: tuple[ClassroomId, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """A series of lessons of one pairing; the lead's and the rural teachers own each of them together."""

    id: CourseId
    pairing: PairingId
    subject: str
    grade: int
    teacher: PersonId
    assistants: tuple[PersonId, ...]
    """One per rural classroom of the pairing, in its order."""
    classes: tuple[ClassId, ...] = ()
    """Whose pupils sit in the rooms; the lead's may have none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timetable: this course, that weekday (1 is Monday), that period of the lead's school."""

    course: CourseId
    weekday: int
    period: int
    weeks: Weeks = "every"
