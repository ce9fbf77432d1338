"""What WHIP and WHEP have in common on the wire: bearer tokens, bodies, headers, errors."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import hdrs, web

from sfu.core.tables import Refusal
from sfu.net.tokens import MediaToken, TokenError, TokenReader
from sfu.sdp import LARGEST_TEXT
from signaling.messages.ids import Connection, LessonId

log = structlog.get_logger("sfu.http")

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
STATUS = {
    "wrong_sdp": 400,
    "wrong_message": 400,
    "not_authenticated": 401,
    "not_permitted": 403,
    "unknown_seat": 403,
    "lesson_not_open": 404,
    "no_session": 404,
    "method_not_allowed": 405,
    "timeout": 408,
    "seat_busy": 409,
    "precondition_failed": 412,
    "too_large": 413,
    "wrong_type": 415,
    "codec_not_supported": 422,
    "no_source": 422,
    "precondition_required": 428,
    "node_failed": 500,
    "no_keys": 503,
    "node_full": 503,
}
"""Codes as HTTP has them."""
HEADERS = {
    # A page of another origin may publish: the token is what counts, cookies are not looked at.
    hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
    hdrs.ACCESS_CONTROL_EXPOSE_HEADERS: "Location, Link, ETag, Allow, Accept-Post, Accept-Patch, Retry-After",
    hdrs.CACHE_CONTROL: "no-store",
}
BODY_PATIENCE_S = 10.0
"""An SDP fits into a few packets."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answering(handler: Handler) -> Handler:
    """Turns a refusal into its status and sentence, and puts the common headers on every answer."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            response = await handler(request)
        except Refusal as refusal:
            log.info("refused", path=request.match_info.route.name, code=refusal.code, sentence=refusal.sentence)
            response = refused(refusal.code, refusal.sentence)
        except web.HTTPRequestEntityTooLarge:
            response = refused("too_large", f"An SDP has at most {LARGEST_TEXT} bytes.")
        except web.HTTPException:
            raise
        except Exception:
            log.exception("broke", path=request.match_info.route.name)
            response = refused("node_failed", "The media server failed at this; nothing has changed. Try again.")
        response.headers.update(HEADERS)
        return response

    return handle


def refused(code: str, sentence: str) -> web.Response:
    """An error as PROTOCOL.md has it."""
    response = web.json_response({"code": code, "sentence": sentence}, status=STATUS.get(code, 400))
    if response.status == 401:
        response.headers[hdrs.WWW_AUTHENTICATE] = 'Bearer realm="three-classrooms"'
    if response.status == 503:
        response.headers[hdrs.RETRY_AFTER] = "2"
    return response


def media_token(
    request: web.Request, tokens: TokenReader, connection: Connection, *, may_be_expired: bool = False
) -> MediaToken:
    """The bearer token of a request, for its lesson and this kind of connection; raises Refusal."""
    if not tokens.ready:
        raise Refusal("no_keys", "The media server waits for its signaling; try again in a moment.")
    scheme, _, shown = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() != "bearer" or not shown:
        raise Refusal("not_authenticated", "Show a media token: Authorization: Bearer ….")
    try:
        token = tokens.read(shown.strip(), time.time(), may_be_expired=may_be_expired)
    except TokenError as error:
        raise Refusal("not_authenticated", str(error)) from None
    if token.lesson != lesson_of(request):
        raise Refusal("not_permitted", "The token is for another lesson.")
    if token.connection != connection:
        raise Refusal("not_permitted", f"The token is for {token.connection}, not for {connection}.")
    return token


def lesson_of(request: web.Request) -> LessonId:
    """The lesson of the path."""
    return LessonId(request.match_info["lesson"])


async def body(request: web.Request, content_type: str) -> str:
    """The request's text; raises Refusal for another type or bytes that are no text."""
    if request.content_type != content_type:
        raise Refusal("wrong_type", f"The body must be {content_type}, not {request.content_type}.")
    try:
        async with asyncio.timeout(BODY_PATIENCE_S):
            return (await request.read()).decode()
    except TimeoutError:
        raise Refusal("timeout", f"The body did not come within {BODY_PATIENCE_S:.0f} s.") from None
    except UnicodeDecodeError:
        raise Refusal("wrong_sdp", "the body is not UTF-8") from None


def created(sdp: str, location: str, tag: str) -> web.Response:
    """201 with the answer, where the session can be ended, and the ICE session's entity tag."""
    return web.Response(status=201, text=sdp, content_type=SDP, headers={hdrs.LOCATION: location, "ETag": tag})


def restarted(fragment: str, tag: str) -> web.Response:
    """200 with our side of the new ICE session, and its entity tag (RFC 9725 section 4.3.3)."""
    return web.Response(text=fragment, content_type=FRAGMENT, headers={"ETag": tag})


def check_match(request: web.Request, tag: str) -> None:
    """Trickling names the ICE session that it means, by a strong tag or by `*` (RFC 9725 section 4.3.1)."""
    shown = request.headers.get(hdrs.IF_MATCH)
    if shown is None:
        raise Refusal("precondition_required", "Show the ETag of the answer to your POST as If-Match.")
    if tag not in {each.strip() for each in shown.split(",")} | ({tag} if shown.strip() == "*" else set()):
        raise Refusal("precondition_failed", "If-Match names another ICE session than the living one.")


def not_allowed(methods: str) -> Handler:
    """Answers every method that has no other route."""

    async def handle(request: web.Request) -> web.StreamResponse:
        response = refused("method_not_allowed", f"{request.method} is not for this address; these are: {methods}.")
        response.headers[hdrs.ALLOW] = methods
        return response

    return answering(handle)


def options(methods: str, **more: str) -> web.Response:
    """Answers a preflight, and names what can be posted (RFC 9725 section 4.2)."""
    return web.Response(
        headers={
            hdrs.ALLOW: methods,
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: methods,
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "Authorization, Content-Type, If-Match",
            hdrs.ACCESS_CONTROL_MAX_AGE: "86400",
            **more,
        },
    )
