"""signaling.core.county.term"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core.county.term import Term, TermError, checked, days, followed, is_in, week_of
from signaling.tests.core.county.week import AUTUMN, FIRST, LAST, TERM


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 200))
def test_a_week_is_seven_days_and_every_other_one_is_odd(first: date, later: int) -> None:
    term, day = Term(AUTUMN, "", first, first + timedelta(300)), first + timedelta(later)
    assert week_of(term, first) == 1
    assert week_of(term, day + timedelta(7)) == week_of(term, day) + 1
    assert is_in("odd", week_of(term, day)) != is_in("even", week_of(term, day))
    assert is_in("every", week_of(term, day))
    monday = day - timedelta(day.weekday())
    assert {week_of(term, monday + timedelta(n)) for n in range(7)} == {week_of(term, day)}


def test_a_holiday_follows_nothing_and_a_saturday_follows_the_day_it_is_made_up_for() -> None:
    assert followed(TERM, date(2026, 10, 5)) is None
    assert followed(TERM, date(2026, 10, 10)) == date(2026, 10, 5)
    assert followed(TERM, date(2026, 10, 12)) == date(2026, 10, 12)
    assert followed(TERM, date(2026, 8, 30)) is None and followed(TERM, date(2027, 1, 16)) is None


def test_an_exam_week_has_no_lessons() -> None:
    week = [date(2027, 1, 11) + timedelta(n) for n in range(5)]
    assert {week_of(TERM, day) for day in week} == {20}
    assert {followed(TERM, day) for day in week} == {None}
    assert followed(TERM, date(2027, 1, 8)) == date(2027, 1, 8)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(TERM, last=FIRST - timedelta(1)),
        replace(TERM, last=FIRST + timedelta(400)),
        replace(TERM, holidays=frozenset({LAST + timedelta(1)})),
        replace(TERM, made_up={date(2026, 10, 10): date(2026, 8, 1)}),
        replace(TERM, made_up={date(2026, 10, 1): date(2026, 10, 5)}),
    ],
)
def test_days_that_are_no_term_are_refused(wrong: Term) -> None:
    with pytest.raises(TermError):
        checked(wrong)


def test_a_term_as_it_should_be() -> None:
    assert checked(TERM) is TERM
    assert list(days(FIRST, FIRST)) == [FIRST] and list(days(LAST, FIRST)) == []
