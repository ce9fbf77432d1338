"""signaling.core.county.subscribed"""

from dataclasses import replace

import pytest

from signaling.core.county.county import Change
from signaling.core.county.planner import plan
from signaling.core.county.subscribed import concerns, is_there, name_of, part
from signaling.messages.county import FeedKind
from signaling.tests.core.county.test_clashes import OTHER, second
from signaling.tests.core.county.week import CHEN, EAST, FIRST, LAST, LI, MUSIC, WANG, WEST_ROOM, ZHAO

COUNTY = second("main/3", WEST_ROOM, CHEN, ZHAO)


@pytest.mark.parametrize(
    ("kind", "of", "courses"),
    [
        ("all", "", {MUSIC, OTHER}),
        ("school", EAST, {MUSIC}),
        ("school", "main", {MUSIC, OTHER}),
        ("classroom", WEST_ROOM, {OTHER}),
        ("person", LI, {MUSIC}),
        ("person", "C1", {OTHER}),
    ],
)
def test_a_part_has_the_lessons_that_concern_it_and_no_others(kind: FeedKind, of: str, courses: set[str]) -> None:
    whole = plan(COUNTY, FIRST, LAST).lessons
    wanted = [lesson for lesson in whole if concerns(COUNTY, kind, of, lesson)]
    assert {lesson.course for lesson in wanted} == courses == {entry.course for entry in part(COUNTY, kind, of).entries}
    planned = plan(part(COUNTY, kind, of), FIRST, LAST).lessons
    assert [lesson for lesson in planned if concerns(COUNTY, kind, of, lesson)] == wanted


def test_who_stands_in_finds_the_lesson_and_who_is_replaced_does_not() -> None:
    changed = replace(COUNTY, changes={(MUSIC, FIRST, 2): Change(MUSIC, FIRST, 2, teacher=ZHAO)})
    for person, found in ((ZHAO, 1), (WANG, 0)):
        lessons = plan(part(changed, "person", person), FIRST, FIRST).lessons
        mine = [lesson for lesson in lessons if lesson.course == MUSIC and concerns(changed, "person", person, lesson)]
        assert len(mine) == found


def test_a_calendar_is_called_as_what_it_is_of() -> None:
    assert name_of(COUNTY, "all", "") == "名师课表" and name_of(COUNTY, "person", WANG) == "王芳 课程表"
    assert (
        name_of(COUNTY, "school", EAST) == "东村教学点 课程表"
        and name_of(COUNTY, "classroom", WEST_ROOM) == "三年级 课程表"
    )
    assert is_there(COUNTY, "all", "") and is_there(COUNTY, "person", WANG)
    assert not is_there(COUNTY, "all", "x") and not is_there(COUNTY, "school", WANG)
