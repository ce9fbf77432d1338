"""What each route does, once caller, permission and body are good."""

from dataclasses import replace
from typing import Final

import structlog
from aiohttp import web

from signaling.core import office
from signaling.core.announce import seat_of
from signaling.core.claims import (
    MEDIA_LIFETIME_S,
    SESSION_LIFETIME_S,
    ClaimsError,
    MediaClaims,
    SessionClaims,
    media_sources,
)
from signaling.core.lesson import Lesson
from signaling.core.media import Media
from signaling.core.permissions import may, publishable
from signaling.core.refusal import Refusal
from signaling.messages.events import RecordingPolicy
from signaling.messages.http import (
    CreateLesson,
    Health,
    Invitation,
    Invite,
    LessonList,
    LessonView,
    MediaToken,
    RecorderView,
    SessionView,
    StartSession,
    WantMediaToken,
)
from signaling.messages.ids import LessonId, SeatId
from signaling.net import store as stored
from signaling.net.bodies import json_response
from signaling.net.clock import instant
from signaling.net.guard import TOO_MANY
from signaling.net.live import LiveLesson
from signaling.net.services import Asked, Services
from signaling.net.tokens import hashed, new_code, new_id

log = structlog.get_logger("signaling.http")

LISTED: Final = 100
SHORTEST_CODE_LIFE_S: Final = 60
LONGEST_CODE_LIFE_S: Final = 7 * 24 * 3600


async def create_lesson(services: Services, asked: Asked) -> LessonView:
    """POST /api/lessons"""
    wish = asked.the_body(CreateLesson)
    classrooms = (wish.lead_classroom, *wish.rural_classrooms)
    lesson = LessonId(new_id("L"))
    policy = wish.policy or RecordingPolicy()
    created = office.created(
        lesson, wish.title, wish.mode, classrooms, policy, asked.by, school=wish.school, teacher=wish.teacher
    )
    return _view(await services.lessons.create(created), None)


async def list_lessons(services: Services, asked: Asked) -> LessonList:
    """GET /api/lessons"""
    found = [await services.lessons.lesson(lesson) for lesson in await services.store.newest(LISTED)]
    return LessonList(tuple(_view(lesson, None) for lesson in found if lesson is not None))


async def read_lesson(services: Services, asked: Asked) -> LessonView:
    """GET /api/lessons/{lesson}"""
    return await _shown(services, _lesson(asked))


async def open_lesson(services: Services, asked: Asked) -> LessonView:
    """POST /api/lessons/{lesson}/open"""
    live = await _live(services, asked)
    await live.step(lambda room, now: (None, office.opened(room, asked.by, now)))
    return await _shown(services, _lesson(asked))


async def end_lesson(services: Services, asked: Asked) -> LessonView:
    """POST /api/lessons/{lesson}/end"""
    live = await _live(services, asked)
    await live.step(lambda room, now: (None, office.ended(room, asked.by, now)))
    return await _shown(services, _lesson(asked))


async def cancel_lesson(services: Services, asked: Asked) -> LessonView:
    """POST /api/lessons/{lesson}/cancel"""
    live = await _live(services, asked)
    await live.step(lambda room, now: (None, office.cancelled(room, asked.by, now)))
    return await _shown(services, _lesson(asked))


async def pause_lesson(services: Services, asked: Asked) -> LessonView:
    """POST /api/lessons/{lesson}/pause"""
    live = await _live(services, asked)
    await live.step(lambda room, now: (None, office.paused(room, asked.by, now)))
    return await _shown(services, _lesson(asked))


async def resume_lesson(services: Services, asked: Asked) -> LessonView:
    """POST /api/lessons/{lesson}/resume"""
    live = await _live(services, asked)
    await live.step(lambda room, now: (None, office.resumed(room, asked.by, now)))
    return await _shown(services, _lesson(asked))


async def shut_down_lesson(services: Services, asked: Asked) -> LessonView:
    """POST /api/lessons/{lesson}/shut-down"""
    live = await _live(services, asked)
    await live.step(lambda room, now: (None, office.shut_down(room, asked.by, now)))
    return await _shown(services, _lesson(asked))


async def invite(services: Services, asked: Asked) -> Invitation:
    """POST /api/lessons/{lesson}/invitations"""
    wish = asked.the_body(Invite)
    if not SHORTEST_CODE_LIFE_S <= wish.lifetime_s <= LONGEST_CODE_LIFE_S:
        raise Refusal("wrong_lifetime", "A code lives 60 s to 7 days.")
    live = await _live(services, asked)
    code, fresh = new_code(), SeatId(new_id("S"))
    expires_at_ms = instant().wall_ms + 1000 * wish.lifetime_s
    lesson = _lesson(asked)

    def kept(seat: SeatId) -> stored.Invitation:
        return stored.Invitation(hashed(code), lesson, seat, expires_at_ms)

    seat = await live.step(
        lambda room, now: office.invited(room, wish.role, wish.classroom, fresh, asked.by, now), kept
    )
    link = f"{services.settings.public_url}/lesson/{lesson}#code={code}"
    return Invitation(code, link, seat, expires_at_ms)


async def start_session(services: Services, asked: Asked) -> web.StreamResponse | SessionView:
    """POST /api/session"""
    wish = asked.the_body(StartSession)
    now, address = instant(), services.doorkeeper.address(asked.request)
    if not services.guard.admits(address, wish.code, now.steady_s):
        raise Refusal("too_many", TOO_MANY)
    now_ms = now.wall_ms
    token_name, expires_at_ms = new_id("T", 22), now_ms + 1000 * SESSION_LIFETIME_S
    used = await services.store.use_code(hashed(wish.code), token_name, expires_at_ms, now_ms)
    services.guard.judge(address, wish.code, good=used is not None, now_s=now.steady_s)
    if used is None:
        raise Refusal("code_not_valid", "This code is unknown, used or expired; ask for a new link.")
    claims = SessionClaims(token_name, used.lesson, used.seat, now_ms // 1000, expires_at_ms // 1000)
    token = services.doorkeeper.let_in(claims)
    view = await _session(services, claims)
    log.info("code_used", lesson=used.lesson, seat=used.seat, role=view.role, bearer=wish.bearer)
    if wish.bearer:
        return replace(view, token=token)
    response = json_response(view)
    services.doorkeeper.set_cookie(asked.request, response, claims, token)
    return response


async def read_session(services: Services, asked: Asked) -> SessionView:
    """GET /api/session"""
    return await _session(services, _claims(asked))


async def forget_session(services: Services, asked: Asked) -> web.StreamResponse:
    """DELETE /api/session"""
    claims = _claims(asked)
    await services.doorkeeper.send_away(claims)
    live = await services.lessons.live(claims.lesson)
    if live is not None:
        await live.turn_out(claims.token)
    log.info("session_given_back", lesson=claims.lesson, seat=claims.seat)
    response = web.Response(status=204)
    services.doorkeeper.drop_cookie(response, claims.seat)
    return response


async def media_token(services: Services, asked: Asked) -> MediaToken:
    """POST /api/session/media-token"""
    wish, claims = asked.the_body(WantMediaToken), _claims(asked)
    lesson = await services.lessons.lesson(claims.lesson)
    if lesson is None or lesson.over:
        raise Refusal("lesson_over", "The lesson is over.")
    if not lesson.running:
        raise Refusal("lesson_not_open", "The lesson's doors are not open yet.")
    role = lesson.seats[claims.seat].role
    if not may(lesson.mode, role, wish.connection):
        raise Refusal("not_permitted", f"A seat with the role {role} may not {wish.connection}.")
    try:
        video, audio = media_sources(wish.connection, wish.video, wish.audio, publishable(lesson.mode, role))
    except ClaimsError as error:
        raise Refusal("not_permitted", f"{error}.") from None
    now_s = instant().wall_ms // 1000
    token = MediaClaims(
        new_id("M", 22), claims.lesson, claims.seat, wish.connection, video, audio, now_s, now_s + MEDIA_LIFETIME_S
    )
    log.info("media_token_given", lesson=claims.lesson, seat=claims.seat, connection=wish.connection)
    url = f"{services.settings.node_public_url or services.settings.node_url}/{_ENDPOINT[wish.connection]}"
    return MediaToken(services.signer.sign(token), f"{url}/{claims.lesson}", token.expires_at_s * 1000)


_ENDPOINT: Final = {"publish": "whip", "subscribe": "whep"}


async def read_health(services: Services, asked: Asked) -> Health:
    """GET /healthz"""
    return Health(alive=True, node=services.lessons.link.up)


async def read_recorder(services: Services, asked: Asked) -> RecorderView:
    """GET /api/recorder"""
    return services.recording.state


async def read_metrics(services: Services, asked: Asked) -> web.StreamResponse:
    """GET /metrics"""
    return web.Response(body=services.metrics.text(), content_type="text/plain", charset="utf-8")


async def _live(services: Services, asked: Asked) -> LiveLesson:
    live = await services.lessons.live(_lesson(asked))
    if live is None:
        raise Refusal("lesson_over", "The lesson is over.")
    return live


async def _shown(services: Services, lesson: LessonId) -> LessonView:
    live = await services.lessons.live(lesson)
    if live is not None:
        return _view(live.lesson, live.room.media)
    found = await services.lessons.lesson(lesson)
    if found is None:
        raise Refusal("unknown_lesson", "There is no such lesson.")
    return _view(found, None)


def _view(lesson: Lesson, media: Media | None) -> LessonView:
    seen = media or Media()
    return LessonView(
        lesson=lesson.id,
        title=lesson.title,
        mode=lesson.mode,
        state=lesson.state,
        lead_classroom=lesson.lead_classroom,
        rural_classrooms=lesson.rural_classrooms,
        policy=lesson.policy,
        seats=tuple(seat_of(lesson, seen, seat) for seat in lesson.seats),
        school=lesson.school,
        teacher=lesson.teacher,
    )


async def _session(services: Services, claims: SessionClaims) -> SessionView:
    lesson = await services.lessons.lesson(claims.lesson)
    place = None if lesson is None else lesson.seats.get(claims.seat)
    if lesson is None or place is None:
        raise Refusal("unknown_seat", "This seat is not known here.")
    library = bool(services.settings.library_public_url) and may(lesson.mode, place.role, "seat_library_code")
    return SessionView(claims.lesson, claims.seat, place.role, place.classroom, library=library)


def _lesson(asked: Asked) -> LessonId:
    assert asked.lesson is not None
    return asked.lesson


def _claims(asked: Asked) -> SessionClaims:
    assert asked.caller.claims is not None
    return asked.caller.claims
