"""signaling.net.county.office and handlers: a term from a file to a calendar, over HTTP"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest
from aiohttp import encode_basic_auth
from sqlalchemy.engine import URL

from signaling.net.county import office
from signaling.net.sheets import LARGEST_FILE
from signaling.tests.core.county.files import SHEETS
from signaling.tests.core.county.test_calendar_reading import text as calendar_text
from signaling.tests.net.test_sheets import packed, workbook
from signaling.tests.net.town import Town

WEEK = workbook({name: [list(row) for row in rows] for name, rows in SHEETS.items()})
DAYS = "/api/county/lessons?first=2026-09-07&last=2026-09-13"


@pytest.fixture
async def town(tmp_path: Path, url: URL, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """Signaling with a county in either database, on the eve of the second week of the term."""
    monkeypatch.setattr(office, "now", lambda: datetime(2026, 9, 6, 8, tzinfo=UTC))
    said = url.set(drivername="postgresql").render_as_string(hide_password=False)
    county = said if url.get_backend_name() == "postgresql" else ""
    async with Town(tmp_path, county=county) as made:
        yield made


async def taken_in(town: Town, file: bytes = WEEK) -> dict[str, Any]:
    status, report = await town.call("POST", "/api/county/import", file=file)
    assert status == 200 and report["saved"], report
    return dict(report)


async def lessons(town: Town, days: str = DAYS) -> list[dict[str, Any]]:
    return list((await town.call("GET", days))[1]["lessons"])


async def test_a_file_is_checked_without_a_trace_and_saved_whole(town: Town) -> None:
    status, report = await town.call("POST", "/api/county/check", file=WEEK)
    assert (status, report["saved"], report["rows"]["people"]) == (200, False, 2)
    assert [found["code"] for found in report["findings"]] == ["shortened", "other_edition"]
    assert await lessons(town) == []
    await taken_in(town)
    (lesson,) = await lessons(town)
    assert (lesson["begins"], lesson["ends"]) == ("2026-09-07T09:20:00+08:00", "2026-09-07T10:00:00+08:00")
    assert lesson["teacher"] == {"id": "W1", "name": "王芳"}
    assert lesson["rural"] == [{"id": "east-1", "name": "东村教学点 教室"}]


async def test_what_was_taken_in_is_there_after_a_restart(town: Town) -> None:
    await taken_in(town)
    before = await lessons(town)
    await town.stop()
    await town.start()
    assert await lessons(town) == before


async def test_a_file_with_a_mistake_changes_nothing_and_says_why(town: Town) -> None:
    rows = [*SHEETS["教师"], ["W9", "孙丽", "西村小学", "", ""]]
    wrong = workbook({"学校": [list(row) for row in SHEETS["学校"]], "教师": [list(row) for row in rows]})
    await taken_in(town)
    status, answer = await town.call("POST", "/api/county/import", file=wrong)
    assert (status, answer["code"]) == (400, "import_refused")
    assert "工作表“教师”第 4 行“学校”:没有“西村小学”" in answer["sentence"]
    county = (await town.running.services.county.saved()).county
    assert len(county.people) == 2


async def test_csv_in_gbk_and_a_calendar_are_taken_in_too(town: Town) -> None:
    await taken_in(town, packed("gbk"))
    moved = calendar_text("RRULE:FREQ=WEEKLY", start="DTSTART:20260901T083000")
    await taken_in(town, moved.encode())
    assert [lesson["begins"] for lesson in await lessons(town)] == ["2026-09-08T08:30:00+08:00"]


async def test_a_lesson_that_changes_is_another_and_one_that_clashes_is_refused(town: Town) -> None:
    rows = [*SHEETS["教师"], ["W2", "陈静", "实验小学", "音乐", ""]]
    await taken_in(town, workbook({n: [list(r) for r in {**SHEETS, "教师": rows}[n]] for n in SHEETS}))
    (planned,) = await lessons(town)
    path = f"/api/county/lessons/{planned['lesson']}"
    others = (await town.call("GET", path + "/substitutes"))[1]
    assert others["teachers"] == [{"id": "W2", "name": "陈静"}] and set(others["rooms"]) == {"main-1", "east-1"}
    status, answer = await town.call("POST", path + "/change", {"teacher": "L1"})
    assert (status, answer["code"]) == (400, "change_refused")
    assert (await town.call("POST", path + "/change", {"teacher": "W2", "reason": "病假"}))[0] == 200
    (changed,) = await lessons(town)
    assert changed["teacher"]["name"] == "陈静" and changed["lesson"] != planned["lesson"]
    assert (await town.call("POST", path + "/change", {"cancelled": True}))[0] == 404
    path = f"/api/county/lessons/{changed['lesson']}/change"
    for wrong, code in (
        ({"teacher": "nobody"}, "unknown_person"),
        ({"rooms": {"east-1": "east-2"}}, "unknown_classroom"),
        ({"reason": "x" * 201}, "wrong_reason"),
    ):
        assert (await town.call("POST", path, wrong))[1]["code"] == code
    assert (await town.call("POST", path, {"cancelled": True}))[0] == 200
    assert await lessons(town) == []


async def test_a_calendar_is_subscribed_to_with_name_and_key_until_it_is_revoked(town: Town) -> None:
    await taken_in(town)
    made = (await town.call("POST", "/api/county/feeds", {"kind": "person", "of": "L1"}))[1]
    assert made["url"] == "http://classroom.test/api/county/calendar.ics" and made["key"] not in made["url"]
    shown = {"Authorization": encode_basic_auth(made["feed"], made["key"])}
    status, text = await town.call("GET", "/api/county/calendar.ics", token=None, headers=shown)
    events = icalendar.Calendar.from_ical(text).events
    assert status == 200 and len(events) == 19 and "李强" in str(events[0]["DESCRIPTION"])
    listed = (await town.call("GET", "/api/county/feeds"))[1]["feeds"]
    assert [(it["feed"], it["of"]) for it in listed] == [(made["feed"], "L1")] and made["key"] not in str(listed)
    await town.stop()
    await town.start()
    assert (await town.call("GET", "/api/county/calendar.ics", token=None, headers=shown))[0] == 200
    assert (await town.call("DELETE", f"/api/county/feeds/{made['feed']}"))[0] == 204
    assert (await town.call("GET", "/api/county/calendar.ics", token=None, headers=shown))[0] == 401


async def test_whoever_shows_no_key_is_asked_for_one(town: Town) -> None:
    async with town.http.get(town.url + "/api/county/calendar.ics") as answer:
        assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("header", ["Basic !!!", "Basic ", "Basic //8=", "Basic Rng6eQ==", "Basic"])
async def test_a_key_that_is_none_opens_nothing(town: Town, header: str) -> None:
    headers = {"Authorization": header}
    assert (await town.call("GET", "/api/county/calendar.ics", token=None, headers=headers))[0] == 401


async def test_a_feed_opens_nothing_else(town: Town) -> None:
    made = (await town.call("POST", "/api/county/feeds", {}))[1]
    shown = {"Authorization": encode_basic_auth(made["feed"], made["key"])}
    for path in ("/api/lessons/LXXXXXXXXXX", "/api/county/lessons", "/api/session", "/metrics"):
        assert (await town.call("GET", path, token=None, headers=shown))[0] == 403, path
    assert (await town.call("POST", "/api/county/feeds", {"kind": "school", "of": "x"}))[1]["code"] == "unknown_of"


@pytest.mark.parametrize("query", ["first=x", "first=2026-09-07&last=2026-09-06", "first=2026-01-01&last=2026-12-31"])
async def test_days_that_are_none_or_too_many_are_refused(town: Town, query: str) -> None:
    assert (await town.call("GET", f"/api/county/lessons?{query}"))[1]["code"] == "wrong_days"


async def test_unpaired_schools_are_listed(town: Town) -> None:
    schools = [*SHEETS["学校"], ["west", "西村小学", "东县", "乡村小规模学校"]]
    await taken_in(town, workbook({n: [list(r) for r in {**SHEETS, "学校": schools}[n]] for n in SHEETS}))
    assert (await town.call("GET", DAYS))[1]["unpaired"] == [{"id": "west", "name": "西村小学"}]


async def test_the_template_comes_and_too_large_a_file_does_not_go(town: Town) -> None:
    async with town.http.get(
        town.url + "/api/county/template", headers={"Authorization": "Bearer the-operators-key-of-this-test"}
    ) as answer:
        assert answer.status == 200 and (await answer.read()).startswith(b"PK")
    status, answer_of = await town.call("POST", "/api/county/check", file=b"x" * (LARGEST_FILE + 1))
    assert (status, answer_of["code"]) == (413, "too_large")
