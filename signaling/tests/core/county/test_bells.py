"""signaling.core.county.bells"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core.county.bells import Bells, BellsError, Period, bells_on, checked, clock, period_of, shared
from signaling.tests.core.county.week import EAST, FIRST, MAIN, WEST, periods


@st.composite
def days(draw: st.DrawFn) -> tuple[Period, ...]:
    """A school day as schools have them: four to eight periods of 35 to 50 minutes with breaks between."""
    minutes, at = draw(st.integers(35, 50)), draw(st.integers(450, 540))
    made = []
    for number in range(1, draw(st.integers(4, 8)) + 1):
        made.append(Period(number, at, at + minutes))
        at += minutes + draw(st.integers(5, 30))
    return tuple(made)


@given(st.data(), st.lists(days(), min_size=1, max_size=5))
def test_a_lesson_lies_within_a_period_of_each_school(data: st.DataObject, made: list[tuple[Period, ...]]) -> None:
    lead = data.draw(st.sampled_from(made[0]))
    others = [Bells(EAST, FIRST, day) for day in made[1:]]
    when = shared(lead, others)
    if when is None:
        # Then no minute of the lead's period is in a period of each of the others that overlap it best.
        assert others
        return
    assert len(when.periods) == len(others) + 1 and when.periods[0] == lead.number
    for bells, number in zip([Bells(MAIN, FIRST, made[0]), *others], when.periods, strict=True):
        period = period_of(bells, number)
        assert period is not None and period.begins_min <= when.begins_min < when.ends_min <= period.ends_min
    assert when.minutes <= when.longest_min


@given(days(), days(), st.data())
def test_of_two_schools_no_other_period_would_give_a_longer_lesson(
    ours: tuple[Period, ...], theirs: tuple[Period, ...], data: st.DataObject
) -> None:
    lead = data.draw(st.sampled_from(ours))
    when = shared(lead, [Bells(EAST, FIRST, theirs)])
    best = max(min(lead.ends_min, p.ends_min) - max(lead.begins_min, p.begins_min) for p in theirs)
    assert (0 if when is None else when.minutes) == max(0, best)


@given(days())
def test_the_same_bells_agree_entirely(day: tuple[Period, ...]) -> None:
    for period in day:
        when = shared(period, [Bells(EAST, FIRST, day)])
        assert when is not None and (when.begins_min, when.ends_min) == (period.begins_min, period.ends_min)
        assert when.minutes == when.longest_min


def test_forty_minutes_within_forty_five_are_forty() -> None:
    lead, theirs = periods("08:30", 40)[0], Bells(EAST, FIRST, periods("08:25", 45))
    when = shared(lead, [theirs])
    assert when is not None and (clock(when.begins_min), clock(when.ends_min)) == ("08:30", "09:10")
    assert (when.minutes, when.longest_min, when.periods) == (40, 45, (1, 1))


def test_without_any_period_at_a_school_there_is_no_lesson() -> None:
    assert shared(periods("08:30", 40)[0], [Bells(EAST, FIRST, ())]) is None
    assert shared(periods("08:30", 40)[0], [Bells(EAST, FIRST, periods("14:00", 40))]) is None


@given(days())
def test_bells_that_are_in_order_are_taken_as_they_are(day: tuple[Period, ...]) -> None:
    assert checked(Bells(MAIN, FIRST, day[::-1])).periods == day


@pytest.mark.parametrize(
    "wrong",
    [
        (Period(1, 500, 500),),
        (Period(1, 500, 490),),
        (Period(1, 1400, 1441),),
        (Period(1, 480, 520), Period(2, 519, 560)),
        (Period(2, 480, 520), Period(1, 530, 570)),
        (Period(1, 480, 520), Period(1, 530, 570)),
    ],
)
def test_periods_that_are_no_day_are_refused(wrong: tuple[Period, ...]) -> None:
    with pytest.raises(BellsError):
        checked(Bells(MAIN, FIRST, wrong))


def test_summers_bells_count_until_winters_begin() -> None:
    summer, winter = Bells(WEST, date(2026, 5, 1), (), "夏季"), Bells(WEST, date(2026, 10, 1), (), "冬季")
    assert bells_on((winter, summer), date(2026, 9, 30)) == summer
    assert bells_on((winter, summer), date(2026, 10, 1)) == winter
    assert bells_on((winter, summer), date(2026, 4, 30)) is None
    assert period_of(None, 1) is None
