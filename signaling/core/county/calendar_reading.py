"""A calendar of lessons read as a timetable: what recurs each week or every other, and the days that are left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from signaling.core.county import term as terms
from signaling.core.county.bells import Period, bells_on, clock
from signaling.core.county.calendar_text import COUNTY_TIME, CalendarError, Property, properties
from signaling.core.county.county import Change, ChangeKey, County, bells_of, room_name
from signaling.core.county.findings import Finding
from signaling.core.county.forms import form_named
from signaling.core.county.reading import Row, found_at
from signaling.core.county.term import Term
from signaling.core.county.things import Course, Weeks

SHEET: Final = "iCalendar"
MOST_TIMES: Final = 1000
NEAR_MIN: Final = 10
"""A calendar's beginning is that of the period that begins within a break of it."""
_OUR_ZONES: Final = ("Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "China Standard Time", "PRC")
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_Event = Mapping[str, tuple[Property, ...]]


@dataclass(frozen=True, slots=True)
class Timetable:
    """Lines of the timetable, and lessons of them that are not held."""

    rows: tuple[Row, ...]
    changes: Mapping[ChangeKey, Change]
    findings: tuple[Finding, ...]


def timetable(county: County, text: str) -> Timetable:
    """Reads every event; one that is no lesson of ours is found, with its line."""
    rows: list[Row] = []
    changes: dict[ChangeKey, Change] = {}
    found: list[Finding] = []
    try:
        for event in _events(text):
            try:
                read, off = _read(county, event)
            except CalendarError as error:
                found.append(_finding(error))
                continue
            rows += read
            changes |= {(change.course, change.day, change.period): change for change in off}
    except CalendarError as error:
        found.append(_finding(error))
    return Timetable(tuple(rows), changes, tuple(found))


def _finding(error: CalendarError) -> Finding:
    return found_at(SHEET, error.line, "", "wrong_event", (error.zh, error.en))


def _events(text: str) -> Iterator[_Event]:
    """The properties of each event; those of what stands within one (alarms) are passed over."""
    event: dict[str, tuple[Property, ...]] | None = None
    within: list[str] = []
    for prop in properties(text):
        if prop.name == "BEGIN":
            within.append(prop.value.upper())
            event = {"BEGIN": (prop,)} if within[-1] == "VEVENT" else event
        elif prop.name == "END":
            if not within or within.pop() != prop.value.upper():
                raise CalendarError(prop.line, "BEGIN 与 END 不成对", "BEGIN and END do not match")
            if prop.value.upper() == "VEVENT" and event is not None:
                yield event
                event = None
        elif event is not None and within[-1] == "VEVENT":
            event[prop.name] = (*event.get(prop.name, ()), prop)
    if within:
        raise CalendarError(1, "文件不完整", "this file ends too early")


def _read(county: County, event: _Event) -> tuple[list[Row], list[Change]]:
    begin = event["BEGIN"][0]
    if "DTSTART" not in event:
        raise CalendarError(begin.line, "缺少 DTSTART", "an event without DTSTART is at no time")
    if "RECURRENCE-ID" in event:
        raise CalendarError(
            begin.line, "单次改动请在系统里换课", "a single moved lesson is changed here, not in a calendar"
        )
    start = event["DTSTART"][0]
    begins = _times(start)[0]
    course = _course(county, event)
    period = _period(county, course, begins, start)
    rule = _rule(event, begins)
    form = form_named("timetable")
    assert form is not None
    term = county.terms[county.pairings[course.pairing].term]
    weeks = _weeks(term, begins.date(), rule.every)
    line = {"course": course.id, "period": period.number, "weeks": weeks}
    rows = [Row(form, SHEET, begin.line, {**line, "weekday": weekday}) for weekday in rule.weekdays]
    left_out = {at.date() for prop in event.get("EXDATE", ()) for at in _times(prop)}
    changes = [
        Change(course.id, day, period.number, cancelled=True, reason=SHEET)
        for day in terms.days(term.first, term.last)
        if terms.followed(term, day) == day and day.isoweekday() in rule.weekdays
        if terms.is_in(weeks, terms.week_of(term, day))
        if day in left_out or not begins.date() <= day <= rule.last
    ]
    return rows, changes


def _course(county: County, event: _Event) -> Course:
    """Named by its code in SUMMARY, or by its subject there and the lead's classroom in LOCATION."""
    summary = event["SUMMARY"][0].text.strip() if "SUMMARY" in event else ""
    location = event["LOCATION"][0].text.strip() if "LOCATION" in event else ""
    by_code = [course for course in county.courses.values() if course.id == summary]
    by_room = [
        course
        for course in county.courses.values()
        if summary.startswith(f"{course.subject} {course.grade}年级") or summary == course.subject
        if location in (lead := county.pairings[course.pairing].lead, room_name(county, lead))
    ]
    found = by_code or by_room
    if len(found) == 1:
        return found[0]
    line = event["BEGIN"][0].line
    if found:
        raise CalendarError(line, f"“{summary}”对应多门课程", f"{summary!r} at {location!r} is more than one course")
    zh = f"没有课程“{summary}”(地点“{location}”),SUMMARY 请写课程代码"
    raise CalendarError(line, zh, f"there is no course {summary!r} at {location!r}; write its code as SUMMARY")


def _period(county: County, course: Course, begins: datetime, start: Property) -> Period:
    school = county.classrooms[county.pairings[course.pairing].lead].school
    bells = bells_on(bells_of(county).get(school, ()), begins.date())
    at = begins.hour * 60 + begins.minute
    near = sorted(bells.periods if bells else (), key=lambda period: abs(period.begins_min - at))
    # A shared lesson may begin within the lead's period, as the rural school's bell is later.
    near = [period for period in near if abs(period.begins_min - at) <= NEAR_MIN]
    if not near:
        name = county.schools[school].name
        zh = f"{name} 没有 {clock(at)} 前后开始的节次"
        raise CalendarError(start.line, zh, f"{name} has no period that begins about {clock(at)}")
    return near[0]


@dataclass(frozen=True, slots=True)
class _Rule:
    weekdays: tuple[int, ...]
    every: int
    """Each week (1) or every other (2)."""
    last: date


def _rule(event: _Event, begins: datetime) -> _Rule:
    rules = event.get("RRULE", ())
    if len(rules) != 1 or "RDATE" in event:
        line = event["BEGIN"][0].line
        raise CalendarError(line, "应为每周或隔周重复的日程", "a timetable recurs: one RRULE, and no RDATE")
    rule = rules[0]
    parts = dict(part.partition("=")[::2] for part in rule.value.upper().split(";"))
    interval, count = parts.get("INTERVAL", "1"), parts.get("COUNT", "")
    unknown = set(parts) - {"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT", "WKST"}
    if parts.get("FREQ") != "WEEKLY" or interval not in ("1", "2") or unknown:
        raise CalendarError(
            rule.line, "只支持每周或隔周重复", "only what recurs each week or every other is a timetable"
        )
    days = parts.get("BYDAY", _DAYS[begins.weekday()]).split(",")
    if not set(days) <= set(_DAYS) or not (count == "" or (count.isdecimal() and 1 <= int(count[:5]) <= MOST_TIMES)):
        raise CalendarError(rule.line, "BYDAY 或 COUNT 有误", "BYDAY or COUNT is wrong")
    weekdays = tuple(sorted({_DAYS.index(day) + 1 for day in days}))
    until = _time(rule, parts["UNTIL"]).date() if "UNTIL" in parts else date.max
    if count:
        until = _after(begins.date(), weekdays, int(interval), int(count))
    return _Rule(weekdays, int(interval), until)


def _after(first: date, weekdays: tuple[int, ...], every: int, count: int) -> date:
    """The day of the last of so many times."""
    monday = first - timedelta(first.weekday())
    weeks = (monday + timedelta(7 * every * n) for n in range(count + 1))
    days = (week + timedelta(weekday - 1) for week in weeks for weekday in weekdays)
    return [day for day in days if day >= first][count - 1]


def _weeks(term: Term, first: date, every: int) -> Weeks:
    if every == 1:
        return "every"
    return "odd" if terms.week_of(term, first) % 2 == 1 else "even"


def _times(prop: Property) -> list[datetime]:
    """The county's own time; a zone that is not China's would move a lesson, so it is refused."""
    zone = prop.parameters.get("TZID", "")
    if zone and not zone.endswith(_OUR_ZONES):
        raise CalendarError(prop.line, f"时区“{zone}”不是北京时间", f"the zone {zone!r} is not China's")
    return [_time(prop, part.strip()) for part in prop.value.split(",")]


def _time(prop: Property, text: str) -> datetime:
    try:
        if text.endswith("Z"):
            at = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return at.astimezone(COUNTY_TIME).replace(tzinfo=None)
        form = "%Y%m%d" if "T" not in text else "%Y%m%dT%H%M%S"
        return datetime.strptime(text, form)
    except (ValueError, OverflowError):
        raise CalendarError(prop.line, f"时间“{text[:20]}”有误", f"{text[:20]!r} is no time") from None
