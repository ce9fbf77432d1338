"""signaling.core.county.calendar_text, read back by somebody else's parser"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core.county.calendar_text import CalendarError, calendar, properties
from signaling.core.county.county import Change
from signaling.core.county.planner import plan
from signaling.core.county.things import ClassroomId, SchoolId
from signaling.tests.core.county.week import CHEN, FIRST, LAST, LEAD, MAIN, MUSIC, small_county

NOW = datetime(2026, 8, 30, tzinfo=UTC)


def test_another_parser_reads_the_same_lessons() -> None:
    county = small_county()
    lessons = plan(county, FIRST, LAST).lessons
    read = icalendar.Calendar.from_ical(calendar(county, lessons, "王芳 · 课程表", NOW))
    events = read.events
    assert [event.start for event in events] == [
        lesson.begins.replace(tzinfo=UTC) - timedelta(hours=8) for lesson in lessons
    ]
    assert len({str(event["UID"]) for event in events}) == len(lessons)
    assert str(events[0]["SUMMARY"]) == "音乐 3年级 · 实验小学" and str(events[0]["LOCATION"]) == "实验小学 录播教室"
    assert "主讲教师 王芳\n助教 李强" in str(events[0]["DESCRIPTION"])
    assert str(read["X-WR-CALNAME"]) == "王芳 · 课程表"


def test_a_lesson_that_changes_keeps_its_name() -> None:
    county = small_county()
    change = Change(MUSIC, FIRST, 2, teacher=CHEN, rooms={LEAD: ClassroomId("main/3")})
    changed = replace(county, changes={(MUSIC, FIRST, 2): change})
    texts = [calendar(it, plan(it, FIRST, FIRST).lessons, "", NOW) for it in (county, changed)]
    uids = [[line for line in text.split("\r\n") if line.startswith("UID")] for text in texts]
    assert uids[0] == uids[1] and texts[0] != texts[1]


@given(st.text(max_size=200))
def test_whatever_a_school_is_called_comes_back(name: str) -> None:
    county = small_county()
    schools = {**county.schools, MAIN: replace(county.schools[SchoolId(MAIN)], name=name)}
    county = replace(county, schools=schools)
    text = calendar(county, plan(county, FIRST, FIRST).lessons, name, NOW)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    shown = "".join(letter for letter in name if letter.isprintable() or letter == "\n")
    (summary,) = [prop for prop in properties(text) if prop.name == "SUMMARY"]
    assert summary.text == f"音乐 3年级 · {shown}"
    assert str(icalendar.Calendar.from_ical(text).walk("VEVENT")[0]["SUMMARY"]) == summary.text


def test_folded_lines_are_one_and_quoted_colons_are_no_end() -> None:
    text = 'DTSTART;X="a:b;c"\r\n ;TZID=Asia/Shanghai:2026\r\n 0831T092000\r\n'
    (prop,) = properties(text)
    assert (prop.name, prop.value, prop.line) == ("DTSTART", "20260831T092000", 1)
    with pytest.raises(CalendarError):
        list(properties("BEGIN:VCALENDAR\nno line at all\n"))
