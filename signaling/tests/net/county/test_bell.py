"""signaling.net.county.bell: planned lessons open untouched, and a bell that was missed says why"""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import URL

from signaling.core.county.calendar_text import COUNTY_TIME
from signaling.messages.ids import LessonId
from signaling.net.county import office
from signaling.net.county.bell import LONGEST_SLEEP_S
from signaling.net.lessons import Lessons
from signaling.tests.core.county.files import SHEETS
from signaling.tests.net.test_sheets import workbook
from signaling.tests.net.town import Town

MONDAY = "2026-09-07"


class Clock:
    """The county's time, as far as planning and ringing go."""

    def __init__(self) -> None:
        self.at = datetime(2026, 9, 5, tzinfo=COUNTY_TIME)

    def __call__(self) -> datetime:
        return self.at


class Week:
    """Signaling, its timetable, and a clock that is set by hand."""

    def __init__(self, town: Town, clock: Clock) -> None:
        self.town = town
        self.clock = clock

    async def at(self, time: str, day: str = MONDAY) -> float:
        """It is so late now: whatever is due is done."""
        self.clock.at = datetime.fromisoformat(f"{day} {time}").replace(tzinfo=COUNTY_TIME)
        return await self.town.running.bell.ring(self.clock.at)

    async def planned(self) -> list[dict[str, Any]]:
        """Monday's lessons."""
        path = f"/api/county/lessons?first={MONDAY}&last={MONDAY}"
        return list((await self.town.call("GET", path))[1]["lessons"])

    async def bells(self) -> list[tuple[str, str]]:
        """What the bell did about the first of them."""
        return [(rung["what"], rung["reason"]) for rung in (await self.planned())[0]["rung"]]

    async def lesson(self) -> dict[str, Any] | None:
        """The first of them as a lesson, if it is there yet."""
        planned = await self.planned()
        status, lesson = await self.town.call("GET", f"/api/lessons/{planned[0]['lesson']}")
        return dict(lesson) if status == 200 else None

    async def state(self) -> str | None:
        lesson = await self.lesson()
        return None if lesson is None else str(lesson["state"])


@pytest.fixture
async def week(tmp_path: Path, url: URL, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Week]:
    clock = Clock()
    monkeypatch.setattr(office, "now", clock)
    said = url.set(drivername="postgresql").render_as_string(hide_password=False)
    async with Town(tmp_path, county=said if url.get_backend_name() == "postgresql" else "") as town:
        file = workbook({name: [list(row) for row in rows] for name, rows in SHEETS.items()})
        status, report = await town.call("POST", "/api/county/import", file=file)
        assert status == 200, report
        yield Week(town, clock)


async def test_a_planned_lesson_is_made_opened_and_closed_untouched(week: Week) -> None:
    await week.at("09:19", "2026-09-06")
    assert await week.lesson() is None
    await week.at("09:20", "2026-09-06")
    lesson = await week.lesson()
    assert lesson is not None and lesson["state"] == "planned"
    assert (lesson["title"], lesson["lead_classroom"]) == ("第2节 音乐", "实验小学 录播教室")
    assert (lesson["rural_classrooms"], lesson["school"], lesson["teacher"]) == (
        ["东村教学点 教室"],
        "实验小学",
        "王芳",
    )
    await week.at("09:14")
    assert await week.state() == "planned"
    await week.at("09:15")
    assert await week.state() == "open"
    await week.at("10:01")
    assert await week.state() == "open"
    await week.at("10:02")
    assert await week.state() == "ended"
    assert [what for what, _ in await week.bells()] == ["made", "opened", "closed"]
    assert (await week.bells())[2][1] == "主讲教室没有信号。The lead's media never flowed."


async def test_the_bell_tells_how_long_there_is_time(week: Week) -> None:
    assert await week.at("12:00", "2026-09-05") == LONGEST_SLEEP_S
    assert await week.at("09:14:57") == pytest.approx(3)


async def test_a_restart_opens_nothing_twice_and_joins_what_runs(week: Week) -> None:
    await week.at("09:16")
    for time in ("09:17", "09:40"):
        await week.town.stop()
        week.clock.at = datetime.fromisoformat(f"{MONDAY} {time}").replace(tzinfo=COUNTY_TIME)
        await week.town.start()
        await week.at(time)
        assert await week.state() == "open"
    await week.at("10:03")
    assert [what for what, _ in await week.bells()] == ["made", "opened", "closed"]


async def test_what_was_down_at_its_bell_opens_the_lesson_late(week: Week) -> None:
    await week.town.stop()
    week.clock.at = datetime.fromisoformat(f"{MONDAY} 09:50").replace(tzinfo=COUNTY_TIME)
    await week.town.start()
    await week.at("09:50")
    assert await week.state() == "open"


async def test_a_bell_that_was_missed_is_an_event_with_its_reason(week: Week) -> None:
    await week.at("09:20", "2026-09-06")
    await week.town.stop()
    week.clock.at = datetime.fromisoformat(f"{MONDAY} 10:30").replace(tzinfo=COUNTY_TIME)
    await week.town.start()
    await week.at("10:30")
    (made, missed) = await week.bells()
    assert made[0] == "made" and missed[0] == "missed" and "it started at 2026-09-07 10:30" in missed[1]
    assert await week.state() == "cancelled"
    await week.at("10:31")
    assert len(await week.bells()) == 2
    metrics = (await week.town.call("GET", "/metrics"))[1]
    assert 'signaling_bells_total{what="missed"} 1.0' in metrics


async def test_a_lesson_that_somebody_cancelled_is_missed_for_that_reason(week: Week) -> None:
    await week.at("09:20", "2026-09-06")
    (planned,) = await week.planned()
    assert (await week.town.call("POST", f"/api/lessons/{planned['lesson']}/cancel"))[0] == 200
    await week.at("09:15")
    await week.at("10:00")
    assert [what for what, _ in await week.bells()] == ["made", "missed"]
    assert "over before its bell" in (await week.bells())[1][1]


async def test_what_cannot_be_opened_is_tried_again(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: Lessons, lesson: LessonId) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Lessons, "live", broken)
        await week.at("09:15")
    assert await week.state() == "planned"
    await week.at("09:16")
    assert await week.state() == "open"


async def test_what_fails_until_its_end_says_what_broke(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: Lessons, created: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Lessons, "create", broken)
        for time in ("09:15", "09:30", "09:59"):
            await week.at(time)
    await week.at("10:00")
    assert (await week.bells())[0] == ("missed", "服务器出错。Something broke here: RuntimeError.")


async def test_a_changed_lesson_takes_the_place_of_the_one_that_was_made(week: Week) -> None:
    await week.at("12:00", "2026-09-06")
    (before,) = await week.planned()
    path = f"/api/county/lessons/{before['lesson']}/change"
    assert (await week.town.call("POST", path, {"reason": "重排"}))[0] == 200
    await week.at("12:01", "2026-09-06")
    (after,) = await week.planned()
    states = [(await week.town.call("GET", f"/api/lessons/{it['lesson']}"))[1]["state"] for it in (before, after)]
    assert states == ["cancelled", "planned"]
    gone = (await week.town.call("GET", f"/api/county/lessons?first={MONDAY}&last={MONDAY}"))[1]["gone"]
    assert [(lesson, rung["what"]) for lesson, rung in gone] == [
        (before["lesson"], "made"),
        (before["lesson"], "called_off"),
    ]
    await week.at("09:15")
    refused = await week.town.call("POST", f"/api/county/lessons/{after['lesson']}/change", {"cancelled": True})
    assert (refused[0], refused[1]["code"]) == (409, "lesson_open")
