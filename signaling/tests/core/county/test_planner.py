"""signaling.core.county.planner"""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core.county.bells import Bells
from signaling.core.county.county import Change, County
from signaling.core.county.findings import refuse
from signaling.core.county.planner import plan
from signaling.core.county.things import ClassroomId, Entry, PairingId, SchoolId, Weeks
from signaling.tests.core.county.week import (
    CHEN,
    EAST,
    FIRST,
    LAST,
    LEAD,
    LI,
    MAIN,
    MUSIC,
    WANG,
    WEST_ROOM,
    periods,
    small_county,
)


def with_entries(*entries: Entry) -> County:
    return replace(small_county(), entries=entries)


def with_bells(school: SchoolId, *bells: Bells) -> County:
    county = small_county()
    others = {key: value for key, value in county.bells.items() if key[0] != school}
    return replace(county, bells={**others, **{(school, it.begins): it for it in bells}})


def test_a_lesson_is_where_both_schools_have_a_period() -> None:
    (lesson,) = plan(small_county(), FIRST, FIRST).lessons
    assert (lesson.begins, lesson.ends) == (datetime(2026, 8, 31, 9, 20), datetime(2026, 8, 31, 10, 0))
    assert lesson.owners == (WANG, LI) and lesson.rooms == (LEAD, ClassroomId("east/1"))
    assert len(lesson.id) == 11 and lesson.id.isalnum()


def test_it_is_said_once_that_it_is_shorter_than_one_schools_period() -> None:
    found = plan(small_county(), FIRST, LAST).findings
    assert [finding.code for finding in found] == ["shortened"] and not refuse(found)
    assert (
        "40 分钟" in found[0].zh and "45 分钟" in found[0].zh and "shortened to 40 min, 09:20 to 10:00" in found[0].en
    )


def test_a_term_has_a_lesson_each_week_but_in_holidays_and_exams() -> None:
    days = [lesson.day for lesson in plan(small_county(), FIRST, LAST).lessons]
    mondays = [FIRST + timedelta(7 * n) for n in range(20)]
    assert days == sorted({*mondays, date(2026, 10, 10)} - {date(2026, 10, 5), date(2027, 1, 11)})


@pytest.mark.parametrize(("weeks", "held"), [("even", True), ("odd", False)])
def test_a_made_up_day_is_of_the_week_that_it_is_made_up_for(weeks: Weeks, held: bool) -> None:
    """10 October lies in week 6 like the 5th, a Monday; a Saturday by itself has no lessons."""
    days = [lesson.day for lesson in plan(with_entries(Entry(MUSIC, 1, 2, weeks)), FIRST, LAST).lessons]
    assert (date(2026, 10, 10) in days) is held
    assert not plan(with_entries(Entry(MUSIC, 6, 2)), date(2026, 10, 10), date(2026, 10, 10)).lessons


weeks_of_it = st.sampled_from(("every", "odd", "even"))
lines = st.builds(Entry, st.just(MUSIC), st.integers(1, 7), st.integers(1, 4), weeks_of_it)


@given(st.lists(lines, unique_by=lambda entry: (entry.weekday, entry.period), max_size=8))
def test_odd_and_even_weeks_together_are_every_week(entries: list[Entry]) -> None:
    def starts(weeks: Weeks) -> Counter[datetime]:
        changed = [replace(entry, weeks=weeks) for entry in entries]
        return Counter(lesson.begins for lesson in plan(with_entries(*changed), FIRST, LAST).lessons)

    assert starts("odd") + starts("even") == starts("every")
    assert not starts("odd") & starts("even")


@given(st.lists(lines, unique_by=lambda entry: (entry.weekday, entry.period), max_size=8), st.data())
def test_a_plan_of_a_part_is_that_part_of_the_plan(entries: list[Entry], data: st.DataObject) -> None:
    county = with_entries(*entries)
    inside = st.dates(FIRST - timedelta(5), LAST + timedelta(5))
    first, last = sorted((data.draw(inside), data.draw(inside)))
    whole = plan(county, FIRST - timedelta(9), LAST + timedelta(9)).lessons
    assert plan(county, first, last).lessons == tuple(lesson for lesson in whole if first <= lesson.day <= last)
    assert len({lesson.id for lesson in whole}) == len(whole)
    assert [lesson.begins for lesson in whole] == sorted(lesson.begins for lesson in whole)


def test_winters_bells_move_the_lesson() -> None:
    summer, winter = periods("08:25", 45), periods("08:30", 45)
    county = with_bells(EAST, Bells(EAST, FIRST, summer), Bells(EAST, date(2026, 10, 1), winter))
    held = {
        lesson.day: (f"{lesson.begins:%H:%M}", f"{lesson.ends:%H:%M}") for lesson in plan(county, FIRST, LAST).lessons
    }
    assert held[date(2026, 9, 28)] == ("09:20", "10:00")
    assert held[date(2026, 10, 12)] == ("09:25", "10:00")


@pytest.mark.parametrize(
    ("county", "code", "words"),
    [
        (with_bells(EAST), "no_bells", "东村教学点 在 2026-08-31 没有作息时间表"),
        (with_entries(Entry(MUSIC, 1, 9)), "no_period", "实验小学 的作息时间表没有第 9 节"),
        (with_bells(EAST, Bells(EAST, FIRST, periods("14:00", 45))), "no_shared_time", "只重合 0 分钟"),
        (with_bells(MAIN, Bells(MAIN, FIRST, periods("08:05", 40))), "no_shared_time", "只重合 15 分钟"),
    ],
)
def test_a_lesson_that_cannot_be_is_refused_in_words(county: County, code: str, words: str) -> None:
    made = plan(county, FIRST, FIRST)
    assert made.lessons == () and refuse(made.findings)
    (found,) = made.findings
    assert found.code == code and words in found.zh and found.en


def test_a_change_puts_another_teacher_or_room_in_and_is_another_lesson() -> None:
    county = small_county()
    (planned,) = plan(county, FIRST, FIRST).lessons
    change = Change(MUSIC, FIRST, 2, teacher=CHEN, rooms={LEAD: ClassroomId("main/2")}, reason="病假")
    (changed, next_week) = plan(
        replace(county, changes={(MUSIC, FIRST, 2): change}), FIRST, FIRST + timedelta(7)
    ).lessons
    assert changed.owners == (CHEN, LI) and changed.lead == "main/2" and changed.id != planned.id
    assert next_week.owners == (WANG, LI)
    off = replace(change, cancelled=True)
    assert plan(replace(county, changes={(MUSIC, FIRST, 2): off}), FIRST, FIRST).lessons == ()


def test_nobody_is_at_both_ends_of_a_lesson() -> None:
    change = Change(MUSIC, FIRST, 2, teacher=LI)
    made = plan(replace(small_county(), changes={(MUSIC, FIRST, 2): change}), FIRST, FIRST)
    assert made.lessons == () and [finding.code for finding in made.findings if finding.fatal] == ["twice_there"]


def test_a_lesson_that_is_called_off_and_back_is_another_one() -> None:
    changes = [Change(MUSIC, FIRST, 2, again=again) for again in range(3)]
    county = small_county()
    counties = [county, *(replace(county, changes={(MUSIC, FIRST, 2): change}) for change in changes)]
    assert len({plan(it, FIRST, FIRST).lessons[0].id for it in counties}) == 4


def test_a_second_rural_school_needs_bells_too() -> None:
    county = small_county()
    pairing = county.pairings[PairingId("P1")]
    both = replace(pairing, rural=(*pairing.rural, WEST_ROOM))
    made = plan(replace(county, pairings={both.id: both}), FIRST, FIRST)
    assert [finding.code for finding in made.findings] == ["no_bells"] and "西村小学" in made.findings[0].zh
