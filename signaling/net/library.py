"""What signaling does for the library: codes that open it, and the keys that check them."""

from aiohttp import web

from signaling.core.claims import LIBRARY_LIFETIME_S, LibraryClaims
from signaling.core.refusal import Refusal
from signaling.messages.http import LibraryCode
from signaling.messages.ids import LessonId, Role, SeatId
from signaling.net.clock import instant
from signaling.net.services import Asked, Services
from signaling.net.tokens import new_id


async def seat_library_code(services: Services, asked: Asked) -> LibraryCode:
    """POST /api/session/library-code"""
    claims = asked.caller.claims
    lesson = None if claims is None else await services.lessons.lesson(claims.lesson)
    if claims is None or lesson is None:
        raise Refusal("unknown_seat", "This seat is not known here.")
    place = lesson.seats[claims.seat]
    return _code(services, place.role, claims.lesson, claims.seat, place.classroom)


async def library_code(services: Services, asked: Asked) -> LibraryCode:
    """POST /api/library-code"""
    return _code(services, "operator", None, None, "")


async def read_keys(services: Services, asked: Asked) -> web.StreamResponse:
    """GET /api/token-keys"""
    return web.Response(text=services.signer.public_keys(), content_type="application/jwk-set+json")


def _code(services: Services, role: Role, lesson: LessonId | None, seat: SeatId | None, school: str) -> LibraryCode:
    url = services.settings.library_public_url
    if not url:
        raise Refusal("no_library", "No library is configured; set public_url in [library].")
    now_s = instant().wall_ms // 1000
    until_s = now_s + LIBRARY_LIFETIME_S
    claims = LibraryClaims(new_id("T", 22), role, lesson, seat, school, services.settings.region, now_s, until_s)
    code = services.signer.sign(claims)
    return LibraryCode(code, f"{url}/#code={code}", until_s * 1000)
