"""signaling.core.county.ringing"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from signaling.core.county.planner import PlannedLesson, plan
from signaling.core.county.ringing import Order, Rang, Told, Watch, due, next_bell
from signaling.core.county.things import Entry
from signaling.messages.ids import LessonId
from signaling.tests.core.county.week import FIRST, MUSIC, small_county

DAY = small_county()
(LESSON,) = plan(DAY, FIRST, FIRST).lessons
"""From 9:20 to 10:00."""
LONG_AGO = datetime(2026, 8, 1)
_RANG: dict[str, Rang] = {
    "make": "made", "open": "opened", "close": "closed", "miss": "missed", "call_off": "called_off",
}  # fmt: skip


def watch(*rang: Rang, lessons: tuple[PlannedLesson, ...] = (LESSON,), started: datetime = LONG_AGO) -> Watch:
    told = {LESSON.id: Told(LESSON.day, frozenset(rang))} if rang else {}
    return Watch(lessons, LONG_AGO, started, told)


def at(clock: str, day: date = FIRST) -> datetime:
    return datetime.fromisoformat(f"{day} {clock}")


def whats(seen: Watch, now: datetime) -> list[str]:
    return [order.what for order in due(seen, now)]


def test_a_lesson_is_made_the_day_before_opened_five_minutes_before_and_closed_two_after() -> None:
    before = FIRST - timedelta(1)
    assert whats(watch(), at("09:19", before)) == [] and whats(watch(), at("09:20", before)) == ["make"]
    assert whats(watch("made"), at("09:14")) == [] and whats(watch("made"), at("09:15")) == ["open"]
    assert whats(watch("made", "opened"), at("10:01")) == []
    assert whats(watch("made", "opened"), at("10:02")) == ["close"]
    assert whats(watch("made", "opened", "closed"), at("10:03")) == []


def test_whoever_is_powered_on_late_joins_the_running_lesson() -> None:
    assert whats(watch(started=at("09:50")), at("09:59")) == ["open"]


def test_a_bell_that_was_missed_says_why() -> None:
    (order,) = due(watch(started=at("11:00")), at("11:00"))
    assert order.what == "miss" and "it started at 2026-08-31 11:00" in order.reason and "没有运行" in order.reason
    failed = replace(watch(), failures={LESSON.id: "The disk is full."})
    assert due(failed, at("10:00"))[0].reason == "The disk is full."
    assert "leapt over" in due(watch(), at("10:00"))[0].reason
    assert "called off" in due(watch("made", "called_off"), at("10:00"))[0].reason
    assert whats(watch("missed"), at("10:00")) == []


def test_what_had_ended_before_the_timetable_came_is_not_missed() -> None:
    late = replace(watch(), saved=at("15:00"))
    assert whats(late, at("15:01")) == []
    assert whats(replace(watch("made"), saved=at("15:00")), at("15:01")) == ["miss"]


def test_what_stands_in_the_timetable_no_more_is_called_off_once() -> None:
    assert whats(watch("made", lessons=()), at("08:00")) == ["call_off"]
    assert whats(watch("made", "opened", lessons=()), at("09:30")) == ["call_off"]
    for over in ("closed", "missed", "called_off"):
        assert whats(watch("made", over, lessons=()), at("12:00")) == []


def test_what_opens_does_not_wait_for_what_is_made() -> None:
    county = replace(DAY, entries=(Entry(MUSIC, 1, 2), Entry(MUSIC, 1, 3), Entry(MUSIC, 1, 4)))
    lessons = plan(county, FIRST, FIRST).lessons
    assert whats(watch(lessons=lessons), at("09:16")) == ["open", "make", "make"]


def test_the_next_bell_is_the_next_moment_at_which_something_is_due() -> None:
    assert next_bell(watch(), at("09:00")) == at("09:15")
    assert next_bell(watch("made", "opened"), at("09:15")) == at("10:02")
    assert next_bell(watch(), at("10:02")) is None


lines = st.builds(Entry, st.just(MUSIC), st.integers(1, 5), st.integers(1, 4))
steps = st.lists(st.integers(1, 60 * 30), min_size=1, max_size=40)


def rung(seen: Watch, orders: tuple[Order, ...]) -> Watch:
    """What the shell makes of orders that all succeed; opening makes what was not made."""
    told = dict(seen.told)
    for order in orders:
        before = told.get(order.lesson, Told(order.day, frozenset()))
        more: set[Rang] = {"made", "opened"} if order.what == "open" else {_RANG[order.what]}
        told[order.lesson] = Told(order.day, before.rang | more)
    return replace(seen, told=told)


@given(st.lists(lines, unique_by=lambda entry: (entry.weekday, entry.period), min_size=1, max_size=8), steps)
def test_whenever_the_bell_looks_each_lesson_is_opened_and_closed_or_missed(
    entries: list[Entry], minutes: list[int]
) -> None:
    """Gaps between two looks are as if the machine had been off; nothing is told twice, and nothing is forgotten."""
    last = FIRST + timedelta(4)
    lessons = plan(replace(DAY, entries=tuple(entries)), FIRST, last).lessons
    seen, now, heard = watch(lessons=lessons), at("00:00"), set[tuple[LessonId, str]]()
    looks = []
    for step in (*minutes, 60 * 24 * 8):
        now += timedelta(minutes=step)
        looks.append(now)
        for _ in range(3):  # the shell looks again at once when something was due
            orders = due(seen, now)
            assert not {(order.lesson, order.what) for order in orders} & heard
            heard |= {(order.lesson, order.what) for order in orders}
            seen = rung(seen, orders)
    assert due(seen, now) == ()
    for lesson in lessons:
        rang = seen.told[lesson.id].rang
        looked = any(lesson.begins - timedelta(minutes=5) <= look < lesson.ends for look in looks)
        assert ({"opened", "closed"} <= rang and "missed" not in rang) if looked else "missed" in rang


@given(st.lists(lines, unique_by=lambda entry: (entry.weekday, entry.period), min_size=1, max_size=8))
def test_whoever_sleeps_until_the_next_bell_is_never_late(entries: list[Entry]) -> None:
    lessons = plan(replace(DAY, entries=tuple(entries)), FIRST, FIRST + timedelta(4)).lessons
    seen, now, opened = watch(lessons=lessons), at("00:00", FIRST - timedelta(3)), dict[LessonId, datetime]()
    while True:
        orders = due(seen, now)
        opened |= {order.lesson: now for order in orders if order.what == "open"}
        seen = rung(seen, orders)
        then = next_bell(seen, now)
        if then is None:
            break
        now = then
    assert opened == {lesson.id: lesson.begins - timedelta(minutes=5) for lesson in lessons}
    assert {frozenset(told.rang) for told in seen.told.values()} == {frozenset({"made", "opened", "closed"})}
