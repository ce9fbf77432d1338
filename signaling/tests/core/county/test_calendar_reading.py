"""signaling.core.county.calendar_reading"""

from dataclasses import replace
from datetime import date

import pytest

from signaling.core.county.calendar_reading import Timetable, timetable
from signaling.core.county.county import County
from signaling.core.county.importing import check_rows
from signaling.core.county.planner import plan
from signaling.tests.core.county.week import FIRST, LAST, small_county

EMPTY = replace(small_county(), entries=())


def text(*lines: str, start: str = "DTSTART;TZID=Asia/Shanghai:20260831T092000", summary: str = "music-3") -> str:
    inside = ("BEGIN:VEVENT", start, f"SUMMARY:{summary}", *lines, "END:VEVENT")
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *inside, "END:VCALENDAR", ""))


def days(read: Timetable) -> list[date]:
    """The days on which there is a lesson when this calendar has been taken in."""
    made = check_rows(EMPTY, read.rows, read.findings)
    assert made.good, made.findings
    county: County = replace(made.county, changes=read.changes)
    return [lesson.day for lesson in plan(county, FIRST, LAST).lessons]


def test_what_recurs_each_week_is_a_line_of_the_timetable() -> None:
    read = timetable(EMPTY, text("RRULE:FREQ=WEEKLY"))
    assert [row.values for row in read.rows] == [{"course": "music-3", "weekday": 1, "period": 2, "weeks": "every"}]
    assert read.changes == {} and len(days(read)) == 19


def test_every_other_week_is_odd_or_even() -> None:
    read = timetable(EMPTY, text("RRULE:FREQ=WEEKLY;INTERVAL=2", start="DTSTART:20260907T092000"))
    held = days(read)
    assert [row.values["weeks"] for row in read.rows] == ["even"]
    # The first week is left out by itself; the Saturday of week 6 is made up for its Monday.
    assert held[:3] == [date(2026, 9, 7), date(2026, 9, 21), date(2026, 10, 10)]


def test_days_that_are_left_out_and_days_after_the_end_are_not_held() -> None:
    read = timetable(EMPTY, text("RRULE:FREQ=WEEKLY;UNTIL=20260928T235959", "EXDATE:20260907T092000,20260914T092000"))
    assert days(read) == [date(2026, 8, 31), date(2026, 9, 21), date(2026, 9, 28), date(2026, 10, 10)]
    counted = timetable(EMPTY, text("RRULE:FREQ=WEEKLY;COUNT=2"))
    assert days(counted) == [date(2026, 8, 31), date(2026, 9, 7), date(2026, 10, 10)]


@pytest.mark.parametrize(
    "start", ["DTSTART:20260831T012000Z", "DTSTART:20260831T092000", "DTSTART;TZID=/x/Asia/Shanghai:20260831T092500"]
)
def test_a_beginning_is_the_period_near_it_in_chinas_time(start: str) -> None:
    read = timetable(EMPTY, text("RRULE:FREQ=WEEKLY;BYDAY=MO,WE", start=start))
    assert [(row.values["weekday"], row.values["period"]) for row in read.rows] == [(1, 2), (3, 2)]


def test_a_course_is_known_by_subject_and_place_too() -> None:
    placed = text("RRULE:FREQ=WEEKLY", "LOCATION:实验小学 录播教室", summary="音乐")
    assert len(timetable(EMPTY, placed).rows) == 1


@pytest.mark.parametrize(
    ("given", "row", "words"),
    [
        (text(), 3, "应为每周或隔周重复"),
        (text("RRULE:FREQ=DAILY"), 6, "只支持每周或隔周重复"),
        (text("RRULE:FREQ=WEEKLY;BYDAY=1MO"), 6, "BYDAY 或 COUNT 有误"),
        (text("RRULE:FREQ=WEEKLY;COUNT=99999999"), 6, "BYDAY 或 COUNT 有误"),
        (text("RRULE:FREQ=WEEKLY", summary="体育"), 3, "没有课程“体育”"),
        (text("RRULE:FREQ=WEEKLY", start="DTSTART:20260831T150000"), 4, "实验小学 没有 15:00 前后开始的节次"),
        (text("RRULE:FREQ=WEEKLY", start="DTSTART;TZID=Europe/Berlin:20260831T092000"), 4, "不是北京时间"),
        (text("RRULE:FREQ=WEEKLY", start="DTSTART:2026-08-31"), 4, "时间“2026-08-31”有误"),
        (text("RRULE:FREQ=WEEKLY").replace("END:VCALENDAR", ""), 1, "文件不完整"),
        ("END:VEVENT\n", 1, "不成对"),
    ],
)
def test_what_is_no_timetable_is_named_by_its_line(given: str, row: int, words: str) -> None:
    (found,) = timetable(EMPTY, given).findings
    assert found.fatal and found.row == row and words in found.zh and found.en


def test_alarms_within_events_are_passed_over() -> None:
    given = text("RRULE:FREQ=WEEKLY", "BEGIN:VALARM", "SUMMARY:ring", "TRIGGER:-PT5M", "END:VALARM")
    assert len(timetable(EMPTY, given).rows) == 1
