"""When periods begin: each school has its own bells, summer's and winter's; a lesson lies where those of all agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from signaling.core.county.things import SchoolId

SHORTEST_LESSON_MIN: Final = 30
"""What is shorter is no lesson: archived lessons are asked for with 30 to 45 minutes."""
DAY_MIN: Final = 24 * 60


class BellsError(ValueError):
    """These periods are no day of a school."""


@dataclass(frozen=True, slots=True)
class Period:
    """The n-th period of a day (第n节), in minutes since midnight."""

    number: int
    begins_min: int
    ends_min: int


@dataclass(frozen=True, slots=True)
class Bells:
    """A school's periods from a day on, until other bells of it begin to count."""

    school: SchoolId
    begins: date
    periods: tuple[Period, ...]
    season: str = ""
    """As the school calls it: 夏季, 冬季."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The minutes in which all schools of a lesson have a period."""

    begins_min: int
    ends_min: int
    periods: tuple[int, ...]
    """Which period it is at each school, the lead's first."""
    longest_min: int
    """The longest of those periods; more than `minutes` where the lesson had to be shortened."""

    @property
    def minutes(self) -> int:
        """How long the lesson is."""
        return self.ends_min - self.begins_min


def checked(bells: Bells) -> Bells:
    """Gives bells back with their periods in order; raises BellsError where they overlap or end before they begin."""
    periods = tuple(sorted(bells.periods, key=lambda period: period.begins_min))
    for period in periods:
        if not 0 <= period.begins_min < period.ends_min <= DAY_MIN:
            raise BellsError(f"period {period.number} ends before it begins")
    for before, after in zip(periods, periods[1:], strict=False):
        if after.begins_min < before.ends_min or after.number <= before.number:
            raise BellsError(f"period {after.number} does not follow period {before.number}")
    return Bells(bells.school, bells.begins, periods, bells.season)


def bells_on(all_bells: Iterable[Bells], day: date) -> Bells | None:
    """Of one school's bells those that count on a day."""
    begun = [bells for bells in all_bells if bells.begins <= day]
    return max(begun, key=lambda bells: bells.begins, default=None)


def period_of(bells: Bells | None, number: int) -> Period | None:
    """Finds a period by its number."""
    return None if bells is None else next((period for period in bells.periods if period.number == number), None)


def shared(lead: Period, others: Sequence[Bells]) -> Shared | None:
    """Intersects the lead's period with the best one of each other school; None where some school has none then."""
    chosen = [max(bells.periods, key=lambda period: _overlap(lead, period), default=None) for bells in others]
    periods = [lead, *(period for period in chosen if period is not None)]
    begins = max(period.begins_min for period in periods)
    ends = min(period.ends_min for period in periods)
    if len(periods) <= len(others) or begins >= ends:
        return None
    longest = max(period.ends_min - period.begins_min for period in periods)
    return Shared(begins, ends, tuple(period.number for period in periods), longest)


def _overlap(one: Period, other: Period) -> int:
    return min(one.ends_min, other.ends_min) - max(one.begins_min, other.begins_min)


def clock(minutes: int) -> str:
    """Writes minutes since midnight as a wall clock does."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
