"""A small county for tests: a main school with bells of 40 minutes, a teaching point with 45, an autumn term."""

from dataclasses import replace
from datetime import date

from signaling.core.county.bells import Bells, Period
from signaling.core.county.county import County
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

MAIN, EAST, WEST = SchoolId("main"), SchoolId("east"), SchoolId("west")
LEAD, EAST_ROOM, WEST_ROOM = ClassroomId("main/1"), ClassroomId("east/1"), ClassroomId("west/1")
WANG, LI, ZHAO, CHEN = PersonId("W1"), PersonId("L1"), PersonId("Z1"), PersonId("C1")
AUTUMN = TermId("2026-autumn")
MUSIC = CourseId("music-3")
FIRST, LAST = date(2026, 8, 31), date(2027, 1, 15)
"""A Monday and a Friday."""


def periods(begins: str, minutes: int, break_min: int = 10, count: int = 4) -> tuple[Period, ...]:
    """Periods one after another."""
    hours, _, rest = begins.partition(":")
    at = 60 * int(hours) + int(rest)
    steps = range(count)
    return tuple(Period(n + 1, at + n * (minutes + break_min), at + n * (minutes + break_min) + minutes) for n in steps)


TERM = Term(
    AUTUMN,
    "2026 秋",
    FIRST,
    LAST,
    exam_weeks=frozenset({20}),
    holidays=frozenset({date(2026, 10, n) for n in range(1, 8)}),
    made_up={date(2026, 10, 10): date(2026, 10, 5)},
)


def small_county() -> County:
    """One pairing of a lead and two rural classrooms, with music on Mondays in the second period."""
    schools = (
        School(MAIN, "实验小学", RegionId("county")),
        School(EAST, "东村教学点", RegionId("county"), "teaching_point"),
        School(WEST, "西村小学", RegionId("county"), "small_rural"),
    )
    classrooms = (
        Classroom(LEAD, MAIN, "录播教室", devices=("1号推车",)),
        Classroom(ClassroomId("main/2"), MAIN, "音乐教室", devices=("1号推车",)),
        Classroom(ClassroomId("main/3"), MAIN, "美术教室"),
        Classroom(EAST_ROOM, EAST, "教室", link="satellite"),
        Classroom(WEST_ROOM, WEST, "三年级"),
    )
    people = (
        Person(WANG, "王芳", MAIN, ("音乐",), studio="王芳工作室"),
        Person(LI, "李强", EAST, ("语文",)),
        Person(ZHAO, "赵敏", WEST, ("音乐",), studio="王芳工作室"),
        Person(CHEN, "陈静", MAIN, ("音乐",)),
    )
    return County(
        regions={RegionId("county"): Region(RegionId("county"), "东县", "county")},
        schools={school.id: school for school in schools},
        classrooms={room.id: room for room in classrooms},
        people={person.id: person for person in people},
        classes={ClassId("east/12"): SchoolClass(ClassId("east/12"), EAST, "一二年级", (1, 2), 5)},
        textbooks={
            (school, 3, "音乐"): Textbook(school, 3, "音乐", edition)
            for school, edition in ((MAIN, "人教版"), (EAST, "人教版"))
        },
        bells={
            (MAIN, FIRST): Bells(MAIN, FIRST, periods("08:30", 40)),
            (EAST, FIRST): Bells(EAST, FIRST, periods("08:25", 45)),
        },
        terms={AUTUMN: TERM},
        pairings={PairingId("P1"): Pairing(PairingId("P1"), AUTUMN, LEAD, (EAST_ROOM,), ("音乐",))},
        courses={MUSIC: Course(MUSIC, PairingId("P1"), "音乐", 3, WANG, (LI,))},
        entries=(Entry(MUSIC, 1, 2),),
    )


def with_course(county: County, course: Course, *entries: Entry) -> County:
    """The county with one course more."""
    return replace(county, courses={**county.courses, course.id: course}, entries=(*county.entries, *entries))
