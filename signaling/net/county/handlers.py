"""What each route about the county's week does, once caller, permission and body are good."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Final

from aiohttp import web

from signaling.core.county.calendar_text import COUNTY_TIME, MEDIA_TYPE
from signaling.core.county.county import County, room_name, unpaired
from signaling.core.county.findings import Finding, refuse
from signaling.core.county.importing import Checked
from signaling.core.county.planner import PlannedLesson
from signaling.core.county.substitutes import rooms_for, teachers_for
from signaling.core.county.things import ClassroomId, PersonId
from signaling.core.refusal import Refusal
from signaling.messages import county as messages
from signaling.messages.ids import LessonId
from signaling.net.county.office import now
from signaling.net.county.store import Rung
from signaling.net.services import Asked, Services
from signaling.net.sheets import template

MOST_DAYS: Final = 62
MOST_SUBSTITUTES: Final = 20
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def check_import(services: Services, asked: Asked) -> messages.ImportReport:
    """POST /api/county/check"""
    return _report((await services.county.look(asked.the_body(bytes))).made, saved=False)


async def take_import(services: Services, asked: Asked) -> messages.ImportReport:
    """POST /api/county/import"""
    made = await services.county.take_in(asked.the_body(bytes))
    if not made.good:
        raise _refused("import_refused", made.findings)
    return _report(made, saved=True)


async def read_template(services: Services, asked: Asked) -> web.StreamResponse:
    """GET /api/county/template"""
    headers = {"Content-Disposition": 'attachment; filename="county.xlsx"'}
    return web.Response(body=await asyncio.to_thread(template), content_type=_XLSX, headers=headers)


async def read_plan(services: Services, asked: Asked) -> messages.PlanView:
    """GET /api/county/lessons"""
    today = now().date()
    first = _day(asked, "first", today)
    last = _day(asked, "last", first + timedelta(6))
    if not timedelta(0) <= last - first < timedelta(MOST_DAYS):
        raise Refusal("wrong_days", f"Ask for 1 to {MOST_DAYS} days, as ?first=2026-09-01&last=2026-09-07.")
    county = (await services.county.saved()).county
    made = await services.county.plan(first, last)
    rung: dict[LessonId, list[messages.RungView]] = {}
    for it in await services.county.store.rung(first, last):
        rung.setdefault(it.lesson, []).append(_rung(it))
    lessons = tuple(_planned(county, it, tuple(rung.pop(it.id, ()))) for it in made.lessons)
    gone = tuple((lesson, view) for lesson, views in rung.items() for view in views)
    terms = [term for term in county.terms.values() if term.first <= last and first <= term.last]
    left = {school.id: school for term in terms for school in unpaired(county, term.id)}
    schools = tuple(messages.Named(school.id, school.name) for school in left.values())
    return messages.PlanView(lessons, _found(made.findings), schools, gone)


async def read_substitutes(services: Services, asked: Asked) -> messages.SubstitutesView:
    """GET /api/county/lessons/{planned}/substitutes"""
    lesson, made = await services.county.planned(_planned_id(asked))
    county = (await services.county.saved()).county
    teachers = teachers_for(county, lesson, made.lessons)[:MOST_SUBSTITUTES]
    rooms = {room: rooms_for(county, lesson, room, made.lessons)[:MOST_SUBSTITUTES] for room in lesson.rooms}
    return messages.SubstitutesView(
        tuple(messages.Named(person.id, person.name) for person in teachers),
        {room: tuple(_room(county, other.id) for other in others) for room, others in rooms.items()},
    )


async def change_lesson(services: Services, asked: Asked) -> messages.ImportReport:
    """POST /api/county/lessons/{planned}/change"""
    findings = await services.county.change(_planned_id(asked), asked.the_body(messages.ChangeLesson))
    if refuse(findings):
        raise _refused("change_refused", findings)
    return messages.ImportReport(True, _found(findings), {})


async def make_feed(services: Services, asked: Asked) -> messages.FeedKey:
    """POST /api/county/feeds"""
    feed, key = await services.county.make_feed(asked.the_body(messages.MakeFeed))
    return messages.FeedKey(feed.feed, key, f"{services.settings.public_url}/api/county/calendar.ics")


async def list_feeds(services: Services, asked: Asked) -> messages.FeedList:
    """GET /api/county/feeds"""
    feeds = await services.county.store.feeds()
    return messages.FeedList(tuple(messages.FeedView(it.feed, it.kind, it.of, it.made_at_ms) for it in feeds))


async def revoke_feed(services: Services, asked: Asked) -> web.StreamResponse:
    """DELETE /api/county/feeds/{feed}"""
    await services.county.revoke_feed(asked.request.match_info["feed"])
    return web.Response(status=204)


async def read_calendar(services: Services, asked: Asked) -> web.StreamResponse:
    """GET /api/county/calendar.ics"""
    feed = asked.caller.feed
    wish = messages.MakeFeed() if feed is None else messages.MakeFeed(feed.kind, feed.of)
    text = await services.county.calendar(wish.kind, wish.of)
    return web.Response(text=text, content_type=MEDIA_TYPE, charset="utf-8", headers={"Cache-Control": "private"})


def _report(made: Checked, *, saved: bool) -> messages.ImportReport:
    return messages.ImportReport(saved, _found(made.findings), dict(made.rows))


def _refused(code: str, findings: tuple[Finding, ...]) -> Refusal:
    """The first of what is wrong, in both languages; /check tells all."""
    wrong = [finding for finding in findings if finding.fatal]
    more = f" (+{len(wrong) - 1})" if len(wrong) > 1 else ""
    return Refusal(code, f"{wrong[0].zh} {wrong[0].en}{more}")


def _found(findings: tuple[Finding, ...]) -> tuple[messages.FoundView, ...]:
    return tuple(messages.FoundView(it.code, it.zh, it.en, it.weight, it.sheet, it.row, it.column) for it in findings)


def _planned(county: County, lesson: PlannedLesson, rung: tuple[messages.RungView, ...]) -> messages.PlannedView:
    course = county.courses[lesson.course]
    return messages.PlannedView(
        lesson.id,
        course.id,
        course.subject,
        course.grade,
        lesson.period,
        _local(lesson.begins),
        _local(lesson.ends),
        _room(county, lesson.lead),
        tuple(_room(county, room) for room in lesson.rural),
        _person(county, lesson.teacher),
        tuple(_person(county, person) for person in lesson.assistants),
        rung,
    )


def _rung(it: Rung) -> messages.RungView:
    return messages.RungView(it.what, it.at_ms, it.reason)


def _local(at: datetime) -> str:
    return at.replace(tzinfo=COUNTY_TIME).isoformat()


def _room(county: County, room: ClassroomId) -> messages.Named:
    return messages.Named(room, room_name(county, room))


def _person(county: County, person: PersonId) -> messages.Named:
    return messages.Named(person, county.people[person].name)


def _planned_id(asked: Asked) -> LessonId:
    return LessonId(asked.request.match_info["planned"])


def _day(asked: Asked, name: str, otherwise: date) -> date:
    said = asked.request.query.get(name)
    try:
        return otherwise if said is None else date.fromisoformat(said)
    except ValueError:
        raise Refusal("wrong_days", f"{name} is a day such as 2026-09-01.") from None
