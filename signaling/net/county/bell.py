"""Rings: makes, opens and closes lessons as the timetable has them, and writes down what it did and why it did not."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from signaling.core import office as rules
from signaling.core.county.calendar_text import COUNTY_TIME
from signaling.core.county.county import County, room_name, school_of
from signaling.core.county.planner import PlannedLesson, plan
from signaling.core.county.ringing import LOOKS_BACK, Order, Rang, Told, Watch, due, next_bell
from signaling.core.refusal import Refusal
from signaling.messages.events import LessonStarted, RecordingPolicy
from signaling.messages.ids import LessonId
from signaling.net.county import office as offices
from signaling.net.county.office import CountyOffice
from signaling.net.county.store import Rung, Saved
from signaling.net.lessons import Lessons
from signaling.net.live import Restarting
from signaling.net.metrics import Metrics
from signaling.net.store import Store

log = structlog.get_logger("signaling.bell")

BY: Final = "system"
LONGEST_SLEEP_S: Final = 10.0
"""A wall clock that was set and a timetable that was changed are noticed within this."""
_RANG: Final[Mapping[str, Rang]] = {
    "make": "made", "open": "opened", "close": "closed", "miss": "missed", "call_off": "called_off",
}  # fmt: skip
_NOBODY: Final = "主讲教室没有信号。The lead's media never flowed."


class Bell:
    """One per process."""

    def __init__(self, office: CountyOffice, lessons: Lessons, store: Store, metrics: Metrics) -> None:
        self._office = office
        self._lessons = lessons
        self._store = store
        self._metrics = metrics
        self._started = _local(offices.now())
        self._ringing = asyncio.Lock()
        self._planned: tuple[PlannedLesson, ...] = ()
        self._planned_for: tuple[int, date] | None = None
        self._told: dict[LessonId, Told] = {}
        self._failures: dict[LessonId, str] = {}

    async def run(self) -> None:
        """Rings until it is cancelled; what breaks is tried again."""
        while True:
            wait_s = LONGEST_SLEEP_S
            try:
                wait_s = await self.ring(offices.now())
            except Exception:
                log.exception("bell_broken")
            await asyncio.sleep(wait_s)

    async def ring(self, at: datetime) -> float:
        """Does all that is due; tells how many seconds there is time."""
        now = _local(at)
        async with self._ringing:
            saved = await self._office.saved()
            await self._look(saved, now.date())
            watch = self._watch(saved)
            for order in due(watch, now):
                await self._try(saved.county, order, at)
            then = next_bell(watch, now)
        return LONGEST_SLEEP_S if then is None else min(LONGEST_SLEEP_S, max(0.1, (then - now).total_seconds()))

    async def _look(self, saved: Saved, today: date) -> None:
        """Plans anew and reads what was rung, when the county or the day is another."""
        if self._planned_for == (saved.version, today):
            return
        first, last = today - LOOKS_BACK, today + timedelta(1)
        self._planned = (await asyncio.to_thread(plan, saved.county, first, last)).lessons
        self._told = {}
        for rung in await self._office.store.rung(first, last):
            self._remember(rung)
        planned = {lesson.id for lesson in self._planned}
        self._failures = {lesson: why for lesson, why in self._failures.items() if lesson in planned}
        self._planned_for = (saved.version, today)

    def _watch(self, saved: Saved) -> Watch:
        since = datetime.fromtimestamp(saved.at_ms / 1000, COUNTY_TIME)
        return Watch(self._planned, _local(since), self._started, self._told, self._failures)

    async def _try(self, county: County, order: Order, at: datetime) -> None:
        """A lesson that cannot be opened holds up no other; it is tried again until it should have ended."""
        try:
            await self._do(county, order, at)
        except Refusal as refusal:
            self._failures[order.lesson] = refusal.sentence
        except Restarting:
            self._failures[order.lesson] = "课堂正在恢复。The lesson was being restored."
        except Exception as error:
            self._failures[order.lesson] = f"服务器出错。Something broke here: {type(error).__name__}."
            log.exception("bell_failed", what=order.what, lesson=order.lesson)
        else:
            return
        log.warning("bell_refused", what=order.what, lesson=order.lesson, reason=self._failures[order.lesson])

    async def _do(self, county: County, order: Order, at: datetime) -> None:
        reason = order.reason
        if order.what in ("make", "open"):
            await self._make(county, order, at)
        if order.what == "open":
            await self._open(order.lesson)
        elif order.what == "close":
            reason = await self._close(order.lesson)
        elif order.what in ("miss", "call_off"):
            reason = await self._cancel(order.lesson) or reason
        if order.what != "make":
            await self._tell(order, _RANG[order.what], at, reason)

    async def _make(self, county: County, order: Order, at: datetime) -> None:
        """The lesson may be there already, made by a process that was killed before it could say so."""
        assert order.planned is not None
        told = self._told.get(order.lesson)
        if told is not None and "made" in told.rang:
            return
        if await self._lessons.lesson(order.lesson) is None:
            planned, course = order.planned, county.courses[order.planned.course]
            await self._lessons.create(
                rules.created(
                    order.lesson,
                    f"第{planned.period}节 {course.subject}",
                    "dedicated",
                    tuple(room_name(county, room) for room in planned.rooms),
                    RecordingPolicy(),
                    BY,
                    school=school_of(county, planned.lead).name,
                    teacher=county.people[planned.teacher].name,
                )
            )
        await self._tell(order, "made", at, "")

    async def _open(self, lesson: LessonId) -> None:
        live = await self._lessons.live(lesson)
        if live is None:
            raise Refusal("lesson_over", "这节课已经结束或取消。The lesson was over before its bell.")
        await live.step(lambda room, now: (None, rules.opened(room, BY, now)))

    async def _close(self, lesson: LessonId) -> str:
        """Ends it, if nobody has; tells why it is not to be called held."""
        live = await self._lessons.live(lesson)
        if live is not None:
            with suppress(Refusal):
                await live.step(lambda room, now: (None, rules.ended(room, BY, now)))
        held = any(isinstance(stored.event, LessonStarted) for stored in await self._store.log_of(lesson))
        return "" if held else _NOBODY

    async def _cancel(self, lesson: LessonId) -> str:
        """What is made and not to be; one that is live goes on, as somebody is in it."""
        live = await self._lessons.live(lesson)
        if live is None:
            return ""
        try:
            await live.step(lambda room, now: (None, rules.cancelled(room, BY, now)))
        except Refusal as refusal:
            return refusal.sentence
        return ""

    async def _tell(self, order: Order, what: Rang, at: datetime, reason: str) -> None:
        rung = Rung(order.lesson, order.day, int(at.timestamp() * 1000), what, reason[:400])
        await self._office.store.ring((rung,))
        self._remember(rung)
        self._failures.pop(order.lesson, None)
        self._metrics.bells.labels(what).inc()
        say = log.warning if what == "missed" else log.info
        say("bell", what=what, lesson=order.lesson, day=str(order.day), reason=reason)

    def _remember(self, rung: Rung) -> None:
        before = self._told.get(rung.lesson)
        rang = frozenset({rung.what}) if before is None else before.rang | {rung.what}
        self._told[rung.lesson] = Told(rung.day, rang)


def _local(at: datetime) -> datetime:
    """The county's time as its timetables have it, without a zone."""
    return at.astimezone(COUNTY_TIME).replace(tzinfo=None)
