"""signaling.core.county.clashes"""

from dataclasses import replace

from signaling.core.county.bells import Bells
from signaling.core.county.clashes import clashes, in_words
from signaling.core.county.county import County
from signaling.core.county.planner import plan
from signaling.core.county.things import ClassroomId, Course, CourseId, Entry, Pairing, PairingId, PersonId
from signaling.tests.core.county.week import (
    AUTUMN,
    CHEN,
    EAST_ROOM,
    FIRST,
    LAST,
    LI,
    WANG,
    WEST,
    WEST_ROOM,
    ZHAO,
    periods,
    small_county,
    with_course,
)

OTHER = CourseId("music-4")


def second(lead: str, rural: ClassroomId, teacher: PersonId, assistant: PersonId, period: int = 2) -> County:
    """The small county with a second pairing, whose lesson is on Mondays too."""
    county = small_county()
    pairing = Pairing(PairingId("P2"), AUTUMN, ClassroomId(lead), (rural,), ("音乐",))
    county = replace(county, pairings={**county.pairings, pairing.id: pairing})
    west = {(WEST, FIRST): Bells(WEST, FIRST, periods("08:30", 40))}
    county = replace(county, bells={**county.bells, **west})
    return with_course(county, Course(OTHER, pairing.id, "音乐", 4, teacher, (assistant,)), Entry(OTHER, 1, period))


def kinds(county: County) -> list[tuple[str, str]]:
    return [(clash.kind, clash.name) for clash in clashes(county, plan(county, FIRST, FIRST).lessons)]


def test_who_and_what_is_needed_twice_at_once_is_named() -> None:
    assert kinds(small_county()) == []
    assert kinds(second("main/3", WEST_ROOM, CHEN, ZHAO)) == []
    assert kinds(second("main/3", WEST_ROOM, WANG, ZHAO)) == [("teacher", "王芳(W1)")]
    assert kinds(second("main/3", EAST_ROOM, CHEN, LI)) == [("room", "东村教学点 教室"), ("teacher", "李强(L1)")]
    assert kinds(second("main/3", EAST_ROOM, CHEN, LI, period=3)) == []


def test_one_device_on_wheels_is_not_in_two_rooms() -> None:
    assert kinds(second("main/2", WEST_ROOM, CHEN, ZHAO)) == [("device", "实验小学 1号推车")]


def test_what_clashes_every_week_is_one_sentence() -> None:
    county = second("main/3", WEST_ROOM, WANG, ZHAO)
    (found,) = in_words(clashes(county, plan(county, FIRST, LAST).lessons))
    assert found.code == "teacher_clash" and found.fatal
    assert found.zh.startswith("教师 王芳(W1) 在 2026-08-31 09:20 同时要上课程") and "(共 19 次)" in found.zh
    assert "on 2026-08-31 09:20 (19 times)" in found.en
