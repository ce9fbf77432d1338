"""Lessons by the bell: of the timetable, what the bell has done and the time follows what it has to do now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal

from signaling.core.county.planner import PlannedLesson
from signaling.messages.ids import LessonId

MADE_BEFORE: Final = timedelta(hours=24)
"""The evening before, teachers prepare together: the lesson is there to be invited to."""
OPENS_BEFORE: Final = timedelta(minutes=5)
CLOSES_AFTER: Final = timedelta(minutes=2)
LOOKS_BACK: Final = timedelta(days=7)
"""Whoever was away longer is told of no bell before."""

Rang = Literal["made", "opened", "closed", "missed", "called_off"]
What = Literal["make", "open", "close", "miss", "call_off"]
_OVER: Final[frozenset[Rang]] = frozenset({"closed", "missed", "called_off"})


@dataclass(frozen=True, slots=True)
class Told:
    """What the bell has done about one lesson."""

    day: date
    rang: frozenset[Rang]


@dataclass(frozen=True, slots=True)
class Order:
    """Something that the bell has to do now."""

    what: What
    lesson: LessonId
    day: date
    planned: PlannedLesson | None = None
    """None for a lesson that stands in the timetable no more."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """All that the bell knows; times are the county's own."""

    lessons: tuple[PlannedLesson, ...]
    saved: datetime
    """Since when the timetable is as it is: what had ended before was never to be rung for."""
    started: datetime
    """Since when this process runs."""
    told: Mapping[LessonId, Told] = field(default_factory=dict)
    failures: Mapping[LessonId, str] = field(default_factory=dict)
    """Why a lesson could not be opened when it was tried last."""


def due(watch: Watch, now: datetime) -> tuple[Order, ...]:
    """Orders in the order in which they are to be done: what has to open does not wait for what is only made."""
    orders = [*_due(watch, now), *_called_off(watch)]
    return tuple(sorted(orders, key=lambda order: _FIRST.index(order.what)))


_FIRST: Final[tuple[What, ...]] = ("open", "close", "call_off", "make", "miss")


def _due(watch: Watch, now: datetime) -> Iterator[Order]:
    for lesson in watch.lessons:
        told = watch.told.get(lesson.id)
        what = _what(lesson, frozenset() if told is None else told.rang, watch, now)
        if what is not None:
            reason = _why(watch, lesson) if what == "miss" else ""
            yield Order(what, lesson.id, lesson.day, lesson, reason)


def _what(lesson: PlannedLesson, rang: frozenset[Rang], watch: Watch, now: datetime) -> What | None:
    if "closed" in rang or "missed" in rang:
        return None
    if "opened" in rang:
        return "close" if now >= lesson.ends + CLOSES_AFTER and "called_off" not in rang else None
    if now >= lesson.ends:
        return "miss" if lesson.ends > watch.saved or "made" in rang else None
    if "called_off" in rang:
        return None
    if now >= lesson.begins - OPENS_BEFORE:
        return "open"
    return "make" if now >= lesson.begins - MADE_BEFORE and "made" not in rang else None


def _called_off(watch: Watch) -> Iterator[Order]:
    """What was made and stands in the timetable no more, as its teacher, room or time is another or it is not held."""
    planned = {lesson.id for lesson in watch.lessons}
    for lesson, told in watch.told.items():
        if lesson not in planned and not told.rang & _OVER:
            yield Order("call_off", lesson, told.day)


def _why(watch: Watch, lesson: PlannedLesson) -> str:
    told = watch.told.get(lesson.id)
    if lesson.id in watch.failures:
        return watch.failures[lesson.id]
    if told is not None and "called_off" in told.rang:
        return "这节课取消后又恢复,原课堂不能再开。It had been called off before it came back."
    if watch.started >= lesson.ends:
        at = f"{watch.started:%Y-%m-%d %H:%M}"
        return f"当时服务没有运行,{at} 才启动。Signaling was not running; it started at {at}."
    return "服务器时钟跳过了这节课。This machine's clock leapt over it."


def next_bell(watch: Watch, now: datetime) -> datetime | None:
    """When there is something to do next, if nothing is due now."""
    moments = (
        moment
        for lesson in watch.lessons
        for moment in (lesson.begins - MADE_BEFORE, lesson.begins - OPENS_BEFORE, lesson.ends + CLOSES_AFTER)
        if moment > now
    )
    return min(moments, default=None)
