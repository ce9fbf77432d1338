"""What WHIP and WHEP have in common on the wire: bearer tokens, bodies, headers, errors."""

import re
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
    "too_large": 413,
    "wrong_type": 415,
    "no_restart": 422,
    "node_failed": 500,
    "no_keys": 503,
}
"""Codes as HTTP has them."""
HEADERS = {
    # A page of another origin may publish: the token is what counts, cookies are not looked at.
    hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
    hdrs.ACCESS_CONTROL_EXPOSE_HEADERS: "Location, Link",
    hdrs.CACHE_CONTROL: "no-store",
}
_UFRAG = re.compile(r"^a=ice-ufrag:(\S+)\s*$", re.MULTILINE)
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
        return (await request.read()).decode()
    except UnicodeDecodeError:
        raise Refusal("wrong_sdp", "the body is not UTF-8") from None


def created(sdp: str, location: str) -> web.Response:
    """201 with the answer, and where the session can be ended."""
    return web.Response(status=201, text=sdp, content_type=SDP, headers={hdrs.LOCATION: location})


def options(methods: str, **more: str) -> web.Response:
    """Answers a preflight, and names what can be posted (RFC 9725 section 4.2)."""
    return web.Response(
        status=204,
        headers={
            hdrs.ALLOW: methods,
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: methods,
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "Authorization, Content-Type, If-Match",
            hdrs.ACCESS_CONTROL_MAX_AGE: "86400",
            **more,
        },
    )


def check_no_restart(fragment: str, ufrag: str) -> None:
    """Candidates are welcome and not needed; an ICE restart is not to be had (RFC 9725 section 4.3.3)."""
    found = _UFRAG.search(fragment)
    if found is not None and found[1] != ufrag:
        raise Refusal("no_restart", "This server restarts no ICE; POST a new offer instead.")
