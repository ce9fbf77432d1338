"""Makes the server of the route table: who asks, may they, what do they say, and errors as code and sentence."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from aiohttp import web

from signaling.core.permissions import Who, may
from signaling.core.refusal import Refusal
from signaling.messages.ids import LessonId
from signaling.messages.wire import WireError
from signaling.net.bodies import json_response, problem, wire_of
from signaling.net.callers import Caller
from signaling.net.clock import instant
from signaling.net.county.feeds import CHALLENGE
from signaling.net.guard import TOO_MANY
from signaling.net.live import Restarting
from signaling.net.openapi import document
from signaling.net.pages import Pages, guard_response
from signaling.net.passing import Passing
from signaling.net.routes import ROUTES, STATUS_OF_CODE, Route
from signaling.net.services import Asked, Services
from signaling.net.sheets import LARGEST_FILE
from signaling.net.ws import ClientSockets

log = structlog.get_logger("signaling.http")

LARGEST_BODY: Final = 64 * 1024
BODY_PATIENCE_S: Final = 10.0
"""64 KiB fit through the slowest line that a lesson works on."""
FILE_PATIENCE_S: Final = 120.0
READS: Final = frozenset({"GET", "HEAD"})
SERVICES: Final = web.AppKey("services", Services)


class Turned(Exception):
    """The request is answered with this problem."""

    def __init__(self, status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.response = problem(status, code, sentence)
        self.response.headers.update(headers or {})


def application(services: Services, passing: Passing | None = None) -> web.Application:
    """The whole server."""
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_in_words, _guarded])
    app[SERVICES] = services
    for route in ROUTES:
        app.router.add_route(route.method, route.path, _endpoint(services, route))
    app.router.add_get("/openapi.json", _described)
    app.router.add_get("/recording", services.recording.serve)
    app.router.add_get(
        "/ws", ClientSockets(services.settings, services.doorkeeper, services.lessons, services.metrics).serve
    )
    if passing is not None:
        passing.add_to(app)
    pages = Pages(services.settings.pages)
    app.router.add_get("/", pages.page)
    app.router.add_get("/lesson/{lesson}", pages.page)
    app.router.add_get("/{name:(?!api/).+}", pages.file)
    app.on_response_prepare.append(guard_response)
    return app


Endpoint = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def _described(request: web.Request) -> web.StreamResponse:
    return web.json_response(document())


def _endpoint(services: Services, route: Route) -> Endpoint:
    async def serve(request: web.Request) -> web.StreamResponse:
        response = await _answer(services, route, request)
        services.metrics.requests.labels(route.action, str(response.status)).inc()
        return response

    return serve


async def _answer(services: Services, route: Route, request: web.Request) -> web.StreamResponse:
    try:
        asked = await _asked(services, route, request)
        result = await route.handler(services, asked)
    except Turned as turned:
        _note(services, route, request, turned.code)
        return turned.response
    except Refusal as refusal:
        _note(services, route, request, refusal.code)
        return problem(STATUS_OF_CODE.get(refusal.code, 400), refusal.code, refusal.sentence)
    except Restarting:
        _note(services, route, request, "restarting")
        return problem(503, "restarting", "The lesson is being restored; ask again.")
    return result if isinstance(result, web.StreamResponse) else json_response(result, route.status)


def _note(services: Services, route: Route, request: web.Request, code: str) -> None:
    """One line of the log for each refusal: who, which lesson, why; what was shown as a secret is in none."""
    lesson = request.match_info.get("lesson")
    caller = services.doorkeeper.caller(request, None if lesson is None else LessonId(lesson))
    seat = None if caller.claims is None else caller.claims.seat
    own = lesson if caller.claims is None else caller.claims.lesson
    who = "operator" if caller.operator else seat or ("nobody" if caller.feed is None else caller.feed.feed)
    address = services.doorkeeper.address(request)
    log.info("refused", action=route.action, who=who, lesson=own, code=code, address=address)


async def _asked(services: Services, route: Route, request: web.Request) -> Asked:
    named = request.match_info.get("lesson")
    lesson = None if named is None else LessonId(named)
    caller = services.doorkeeper.caller(request, lesson)
    await _refuse_unless_permitted(services, route, caller, lesson)
    _refuse_foreign_pages(services, route, request, caller)
    return Asked(request, caller, await _body(route, request), lesson)


async def _refuse_unless_permitted(services: Services, route: Route, caller: Caller, named: LessonId | None) -> None:
    """Looks into the permission table; whoever may not know of a lesson does not learn whether there is one."""
    if may(None, "nobody", route.action) or (caller.operator and may(None, "operator", route.action)):
        return
    if caller.feed is not None:
        if may(None, "calendar", route.action):
            return
        raise Turned(403, "not_permitted", "A calendar may only read its feed.")
    if not caller.known and may(None, "calendar", route.action):
        raise Turned(401, "not_authenticated", "Show the name and key of a feed.", {"WWW-Authenticate": CHALLENGE})
    if not caller.known:
        raise Turned(401, "not_authenticated", "Show the operator's key, or a seat's cookie or token.")
    own = None if caller.claims is None else caller.claims.lesson
    if own is not None and named not in (None, own):
        raise Turned(403, "not_permitted", "This seat belongs to another lesson.")
    lesson_id = named or own
    lesson = None if lesson_id is None else await services.lessons.lesson(lesson_id)
    if lesson_id is not None and lesson is None:
        raise Turned(404, "unknown_lesson", "There is no such lesson.")
    who: Who = "operator"
    if caller.claims is not None and lesson is not None:
        who = lesson.seats[caller.claims.seat].role
    if not may(None if lesson is None else lesson.mode, who, route.action):
        raise Turned(403, "not_permitted", f"The role {who} may not do this.")


def _refuse_foreign_pages(services: Services, route: Route, request: web.Request, caller: Caller) -> None:
    """A cookie that came along with another site's request counts for nothing, and no such site may set one."""
    if caller.known and not caller.by_cookie:
        return
    changes = route.method not in READS
    if (caller.by_cookie or changes) and not services.doorkeeper.own_origin(
        request, must_say=caller.by_cookie and changes
    ):
        raise Turned(403, "foreign_origin", "This request came from no page of ours.")


async def _body(route: Route, request: web.Request) -> object:
    if route.body is bytes:
        return await _file(request)
    if route.body is None:
        return None
    if request.content_type != "application/json":
        raise Turned(400, "wrong_message", "The body is JSON, with Content-Type: application/json.")
    try:
        async with asyncio.timeout(BODY_PATIENCE_S):
            text = await request.read()
        return wire_of(route.body).decode(text)
    except TimeoutError:
        raise Turned(408, "timeout", f"The body did not come within {BODY_PATIENCE_S:.0f} s.") from None
    except web.RequestPayloadError:
        raise Turned(400, "wrong_message", "The body does not fit its Content-Encoding or Transfer-Encoding.") from None
    except WireError as error:
        raise Turned(400, "wrong_message", str(error)) from None


async def _file(request: web.Request) -> bytes:
    """A file as it is, however its sender calls it."""
    data = bytearray()
    try:
        async with asyncio.timeout(FILE_PATIENCE_S):
            async for part in request.content.iter_chunked(LARGEST_BODY):
                data += part
                if len(data) > LARGEST_FILE:
                    raise Turned(413, "too_large", f"A file has at most {LARGEST_FILE // 1024 // 1024} MiB.")
    except TimeoutError:
        raise Turned(408, "timeout", f"The file did not come within {FILE_PATIENCE_S:.0f} s.") from None
    except web.RequestPayloadError:
        raise Turned(400, "wrong_message", "The body does not fit its Content-Encoding or Transfer-Encoding.") from None
    return bytes(data)


@web.middleware
async def _guarded(request: web.Request, handler: Endpoint) -> web.StreamResponse:
    """Keys and tokens are looked at only so often; for codes the handler does the same."""
    shown = request.headers.get("Authorization")
    if shown is None:
        return await handler(request)
    services, now_s = request.app[SERVICES], instant().steady_s
    address = services.doorkeeper.address(request)
    if not services.guard.admits(address, shown, now_s):
        log.info("refused", action="show_secret", code="too_many", address=address)
        raise Turned(429, "too_many", TOO_MANY)
    services.guard.judge(address, shown, good=services.doorkeeper.knows(shown), now_s=now_s)
    return await handler(request)


@web.middleware
async def _in_words(request: web.Request, handler: Endpoint) -> web.StreamResponse:
    """Every error leaves as code and sentence."""
    try:
        return await handler(request)
    except Turned as turned:
        return turned.response
    except web.HTTPException as error:
        return _http_problem(error)
    except ConnectionError:
        # Whoever asked has gone; aiohttp ends the connection.
        raise
    except Exception:
        log.exception("request_failed", method=request.method, path=request.path)
        return problem(500, "our_fault", "Something broke here; the operator's log says what.")


def _http_problem(error: web.HTTPException) -> web.StreamResponse:
    sentences = {
        404: ("unknown_address", "There is nothing at this address."),
        405: ("wrong_method", "This address does not answer to this method."),
        413: ("too_large", f"A body has at most {LARGEST_BODY // 1024} KiB."),
    }
    code, sentence = sentences.get(error.status, ("wrong_request", error.reason))
    return problem(error.status, code, sentence)
