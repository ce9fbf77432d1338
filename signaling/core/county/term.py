"""A term's days: its weeks, holidays, exam weeks, and Saturdays that follow another day's timetable (调休)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from signaling.core.county.things import TermId, Weeks

LONGEST_TERM_DAYS: Final = 366


class TermError(ValueError):
    """These days are no term."""


@dataclass(frozen=True, slots=True)
class Term:
    """From the first day to the last."""

    id: TermId
    name: str
    first: date
    last: date
    exam_weeks: frozenset[int] = frozenset()
    """Weeks without lessons; the first day lies in week 1."""
    holidays: frozenset[date] = frozenset()
    made_up: Mapping[date, date] = field(default_factory=dict)
    """On the first day the timetable of the second counts, with that one's odd or even week."""


def checked(term: Term) -> Term:
    """Gives the term back; raises TermError."""
    if not timedelta(0) <= term.last - term.first <= timedelta(LONGEST_TERM_DAYS):
        raise TermError(f"the term {term.name} ends before it begins, or lasts more than a year")
    for day in (*term.holidays, *term.made_up, *term.made_up.values()):
        if not term.first <= day <= term.last:
            raise TermError(f"{day} is not in the term {term.name}")
    both = term.holidays & set(term.made_up)
    if both:
        raise TermError(f"{min(both)} is a holiday and made up for another day")
    return term


def week_of(term: Term, day: date) -> int:
    """The number of a day's week; weeks begin on Monday."""
    return (_monday(day) - _monday(term.first)).days // 7 + 1


def followed(term: Term, day: date) -> date | None:
    """Whose timetable counts on a day: its own, another day's, or none's."""
    if not term.first <= day <= term.last or week_of(term, day) in term.exam_weeks:
        return None
    if day in term.made_up:
        return term.made_up[day]
    return None if day in term.holidays else day


def is_in(weeks: Weeks, week: int) -> bool:
    """Tells whether something that recurs in these weeks (单双周) does so in this one."""
    return weeks == "every" or (weeks == "odd") == (week % 2 == 1)


def days(first: date, last: date) -> Iterator[date]:
    """Every day, the last included."""
    return (first + timedelta(n) for n in range((last - first).days + 1))


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())
