"""The county of this process: in memory as it was saved, changed one import or change after another."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from signaling.core.county import calendar_reading, oneroster
from signaling.core.county.calendar_text import COUNTY_TIME, calendar
from signaling.core.county.clashes import clashes, in_words
from signaling.core.county.county import Change, County
from signaling.core.county.findings import Finding, refuse
from signaling.core.county.importing import Checked, check, check_rows
from signaling.core.county.planner import Plan, PlannedLesson, plan
from signaling.core.county.ringing import OPENS_BEFORE
from signaling.core.county.subscribed import concerns, is_there, name_of, part
from signaling.core.refusal import Refusal
from signaling.messages.county import ChangeLesson, FeedKind, MakeFeed
from signaling.messages.ids import LessonId
from signaling.net.clock import instant
from signaling.net.county.feeds import Feeds
from signaling.net.county.store import CountyStore, Feed, Saved, Stale
from signaling.net.sheets import FileError, sheets_of
from signaling.net.tokens import hashed, new_code, new_id

log = structlog.get_logger("signaling.county")

MOST_FEEDS: Final = 10_000
LONGEST_REASON: Final = 200
KEPT_CALENDARS: Final = 256
"""Programs ask each hour, and a timetable changes seldom."""
AROUND: Final = timedelta(400)
"""How far from today a planned lesson can be named: a term, whenever it began."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file would make of the county, and which county that was."""

    before: Saved
    made: Checked


class CountyOffice:
    """All reading and changing; whoever changes waits for whoever was first."""

    def __init__(self, store: CountyStore) -> None:
        self.store = store
        self.feeds = Feeds()
        self._changing = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._saved: Saved | None = None
        self._calendars: OrderedDict[tuple[int, date, FeedKind, str], str] = OrderedDict()

    async def load(self) -> None:
        """Reads who may subscribe; the county itself is read when it is first asked for."""
        self.feeds = Feeds(await self.store.feeds())

    async def saved(self) -> Saved:
        """The county as it was last saved."""
        async with self._reading:
            if self._saved is None:
                self._saved = await self.store.read()
            return self._saved

    async def look(self, data: bytes) -> Looked:
        """Checks a file of a school, and changes nothing."""
        before = await self.saved()
        return Looked(before, await asyncio.to_thread(_checked, before.county, data))

    async def take_in(self, data: bytes) -> Checked:
        """Checks a file and saves what it says, if nothing in it is wrong."""
        async with self._changing:
            looked = await self.look(data)
            if looked.made.good:
                await self._save(looked.before, looked.made.county)
                log.info("county_imported", **looked.made.rows)
            return looked.made

    async def plan(self, first: date, last: date) -> Plan:
        """The lessons of some days."""
        county = (await self.saved()).county
        return await asyncio.to_thread(plan, county, first, last)

    async def planned(self, lesson: LessonId) -> tuple[PlannedLesson, Plan]:
        """One lesson by its id, with all of its day. Raises Refusal."""
        county, today = (await self.saved()).county, now().date()
        found = await asyncio.to_thread(_found, county, lesson, today)
        if found is None:
            raise Refusal("unknown_planned", "The timetable has no such lesson; what has changed has another id.")
        return found, await self.plan(found.day, found.day)

    async def change(self, lesson: LessonId, wish: ChangeLesson) -> tuple[Finding, ...]:
        """Changes one lesson, unless that clashes. Raises Refusal."""
        async with self._changing:
            before = await self.saved()
            found, _ = await self.planned(lesson)
            if _begins(found) - OPENS_BEFORE <= now():
                raise Refusal("lesson_open", "Its bell has rung; what happens in it now is not of the timetable.")
            change = _change(before.county, found, wish)
            key = (change.course, change.day, change.period)
            after = replace(before.county, changes={**before.county.changes, key: change})
            made = await asyncio.to_thread(plan, after, found.day, found.day)
            findings = (*made.findings, *in_words(clashes(after, made.lessons)))
            if not refuse(findings):
                await self._save(before, after)
                log.info("lesson_changed", course=change.course, day=str(change.day), cancelled=change.cancelled)
            return findings

    async def calendar(self, kind: FeedKind, of: str) -> str:
        """The timetable of a feed, from a term ago to a term ahead."""
        saved, at = await self.saved(), now()
        key = (saved.version, at.date(), kind, of)
        if key not in self._calendars:
            self._calendars[key] = await asyncio.to_thread(_calendar, saved.county, kind, of, at)
        self._calendars.move_to_end(key)
        while len(self._calendars) > KEPT_CALENDARS:
            self._calendars.popitem(last=False)
        return self._calendars[key]

    async def make_feed(self, wish: MakeFeed) -> tuple[Feed, str]:
        """A subscription and its key, which nobody can read again. Raises Refusal."""
        county = (await self.saved()).county
        if not is_there(county, wish.kind, wish.of):
            raise Refusal("unknown_of", f"There is no {wish.kind} {wish.of!r} to subscribe to.")
        if len(await self.store.feeds()) >= MOST_FEEDS:
            raise Refusal("too_many", f"There are {MOST_FEEDS} feeds; revoke some.")
        key = new_code()
        feed = Feed(new_id("F"), hashed(key), wish.kind, wish.of, instant().wall_ms)
        await self.store.add_feed(feed)
        self.feeds.add(feed)
        log.info("feed_made", feed=feed.feed, kind=feed.kind, of=feed.of)
        return feed, key

    async def revoke_feed(self, feed: str) -> None:
        """Its key opens nothing any more. Raises Refusal."""
        self.feeds.drop(feed)
        if not await self.store.revoke_feed(feed, instant().wall_ms):
            raise Refusal("unknown_feed", "There is no such feed, or it has been revoked.")
        log.info("feed_revoked", feed=feed)

    async def _save(self, before: Saved, after: County) -> None:
        try:
            self._saved = await self.store.save(before, after, int(now().timestamp() * 1000))
        except Stale:
            self._saved = None
            raise Refusal("county_changed", "The county has been changed elsewhere meanwhile; try again.") from None


def now() -> datetime:
    """The county's time."""
    return datetime.fromtimestamp(instant().wall_ms / 1000, COUNTY_TIME)


def _found(county: County, lesson: LessonId, today: date) -> PlannedLesson | None:
    """Looks week by week, the nearest first: a term of a large county takes seconds to plan."""
    weeks = sorted((timedelta(7 * n) for n in range(-AROUND.days // 7, AROUND.days // 7)), key=abs)
    planned = (it for week in weeks for it in plan(county, today + week, today + week + timedelta(6)).lessons)
    return next((it for it in planned if it.id == lesson), None)


def _calendar(county: County, kind: FeedKind, of: str, at: datetime) -> str:
    made = plan(part(county, kind, of), at.date() - timedelta(60), at.date() + AROUND)
    wanted = (lesson for lesson in made.lessons if concerns(county, kind, of, lesson))
    return calendar(county, wanted, name_of(county, kind, of), at)


def _begins(lesson: PlannedLesson) -> datetime:
    return lesson.begins.replace(tzinfo=COUNTY_TIME)


def _checked(county: County, data: bytes) -> Checked:
    """A calendar, a OneRoster export or sheets of ours, whichever the file is."""
    if data.lstrip(b"\xef\xbb\xbf").lstrip().upper().startswith(b"BEGIN:VCALENDAR"):
        return _from_calendar(county, data)
    try:
        sheets = sheets_of(data)
    except FileError as error:
        return Checked(county, (error.finding,), {})
    if oneroster.is_oneroster(sheets):
        return check_rows(county, *oneroster.rows_of(sheets))
    return check(county, sheets)


def _from_calendar(county: County, data: bytes) -> Checked:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        found = Finding("unreadable_file", "日历文件应为 UTF-8 编码。", "A calendar is in UTF-8.")
        return Checked(county, (found,), {})
    read = calendar_reading.timetable(county, text)
    changes = {**county.changes, **read.changes}
    return check_rows(replace(county, changes=changes), read.rows, read.findings)


def _change(county: County, lesson: PlannedLesson, wish: ChangeLesson) -> Change:
    before = county.changes.get((lesson.course, lesson.day, lesson.period))
    pairing = county.pairings[county.courses[lesson.course].pairing]
    teacher = next((person for person in county.people if person == wish.teacher), None)
    if wish.teacher is not None and teacher is None:
        raise Refusal("unknown_person", f"There is no teacher {wish.teacher}.")
    reason = wish.reason.strip()
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise Refusal("wrong_reason", f"A reason is a line of at most {LONGEST_REASON} characters.")
    rooms = {}
    for old, new in (wish.rooms or {}).items():
        own = next((room for room in (pairing.lead, *pairing.rural) if room == old), None)
        other = next((room for room in county.classrooms if room == new), None)
        if own is None or other is None or not county.classrooms[other].interactive:
            raise Refusal("unknown_classroom", f"{new} cannot stand in for {old} in this lesson.")
        rooms[own] = other
    again = 0 if before is None else before.again + 1
    return Change(lesson.course, lesson.day, lesson.period, teacher, rooms, wish.cancelled, reason, again)
