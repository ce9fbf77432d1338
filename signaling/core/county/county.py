"""Everything durable of a county at one time, and what is found in it by looking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

from signaling.core.county import things
from signaling.core.county.bells import Bells
from signaling.core.county.findings import Finding
from signaling.core.county.term import Term
from signaling.core.county.things import (
    ClassId,
    Classroom,
    ClassroomId,
    Course,
    CourseId,
    Entry,
    Pairing,
    PairingId,
    Person,
    PersonId,
    Region,
    RegionId,
    School,
    SchoolClass,
    SchoolId,
    TermId,
    Textbook,
)

BookKey: TypeAlias = tuple[SchoolId, int, str]
ChangeKey: TypeAlias = tuple[CourseId, date, int]


@dataclass(frozen=True, slots=True)
class Change:
    """What is different about one lesson of a course: who teaches, where, or that it is not held."""

    course: CourseId
    day: date
    period: int
    teacher: PersonId | None = None
    rooms: Mapping[ClassroomId, ClassroomId] = field(default_factory=dict)
    """Another classroom in the place of one of the pairing's."""
    cancelled: bool = False
    reason: str = ""
    again: int = 0
    """How often it has been changed before: a lesson that was called off and is back is a new one."""


@dataclass(frozen=True, slots=True)
class County:
    """All things by their ids."""

    regions: Mapping[RegionId, Region] = field(default_factory=dict)
    schools: Mapping[SchoolId, School] = field(default_factory=dict)
    classrooms: Mapping[ClassroomId, Classroom] = field(default_factory=dict)
    people: Mapping[PersonId, Person] = field(default_factory=dict)
    classes: Mapping[ClassId, SchoolClass] = field(default_factory=dict)
    textbooks: Mapping[BookKey, Textbook] = field(default_factory=dict)
    bells: Mapping[tuple[SchoolId, date], Bells] = field(default_factory=dict)
    terms: Mapping[TermId, Term] = field(default_factory=dict)
    pairings: Mapping[PairingId, Pairing] = field(default_factory=dict)
    courses: Mapping[CourseId, Course] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    changes: Mapping[ChangeKey, Change] = field(default_factory=dict)


KINDS: tuple[Literal["regions", "schools", "classrooms", "people", "classes", "pairings", "courses"], ...] = (
    "regions", "schools", "classrooms", "people", "classes", "pairings", "courses",
)  # fmt: skip
"""What is found by one id of its own."""


def bells_of(county: County) -> dict[SchoolId, tuple[Bells, ...]]:
    """The bells of each school."""
    found: dict[SchoolId, tuple[Bells, ...]] = {}
    for bells in county.bells.values():
        found[bells.school] = (*found.get(bells.school, ()), bells)
    return found


def school_of(county: County, classroom: ClassroomId) -> School:
    """Whose classroom it is."""
    return county.schools[county.classrooms[classroom].school]


def room_name(county: County, classroom: ClassroomId) -> str:
    """What screens show of a classroom: its school, and which room of it."""
    return f"{school_of(county, classroom).name} {county.classrooms[classroom].name}"


def unpaired(county: County, term: TermId) -> tuple[School, ...]:
    """Small and boarding schools that no pairing of the term has in it; there should be none."""
    of_term = [pairing for pairing in county.pairings.values() if pairing.term == term]
    rooms = [room for pairing in of_term for room in (pairing.lead, *pairing.rural)]
    paired = {county.classrooms[room].school for room in rooms}
    left = (s for s in county.schools.values() if s.kind in things.TO_BE_PAIRED and s.id not in paired)
    return tuple(sorted(left, key=lambda school: school.id))


def other_editions(county: County, courses: Iterable[Course]) -> tuple[Finding, ...]:
    """Warns of courses whose schools teach from different textbooks, as their chapters will not go together."""
    return tuple(found for course in courses if (found := _other_edition(county, course)) is not None)


def _other_edition(county: County, course: Course) -> Finding | None:
    pairing = county.pairings[course.pairing]
    schools = dict.fromkeys(county.classrooms[room].school for room in (pairing.lead, *pairing.rural))
    books = [county.textbooks.get((school, course.grade, course.subject)) for school in schools]
    known = [book for book in books if book is not None]
    if len({book.edition for book in known}) < 2:
        return None
    said = [f"{county.schools[book.school].name}: {book.edition}" for book in known]
    return Finding(
        "other_edition",
        f"课程 {course.id}({course.subject} {course.grade} 年级)各校教材版本不同:{';'.join(said)}。",
        f"The schools of the course {course.id} ({course.subject}, grade {course.grade}) teach from different "
        f"textbooks: {'; '.join(said)}.",
        "warning",
    )
