"""Who asks the library: a code of signaling's becomes a session of ours, in a cookie or as bearer token."""

import asyncio
import ssl
from typing import Any, Final, get_args
from urllib.parse import urlsplit

import aiohttp
import structlog
from aiohttp import web
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from recorder.core.access import Viewer
from recorder.net.signing import Signer, TokenError, read
from signaling.messages.ids import LessonId, Role

log = structlog.get_logger("recorder.library")

COOKIE: Final = "library"
SESSION_LIFETIME_S: Final = 4 * 3600
AUDIENCE: Final = "library-session"
KEYS_AGAIN_S: Final = 10.0
"""A code that nobody signed makes us ask for the keys anew, but no more often than this."""


class TrustedKeys:
    """Signaling's public keys, asked for when they are first needed and when one is unknown."""

    def __init__(self, url: str, trust: ssl.SSLContext | None) -> None:
        self._url: Final = url + "/api/token-keys"
        self._trust: Final = trust
        self._keys: KeySet | None = None
        self._asked_s = float("-inf")
        self._asking: Final = asyncio.Lock()

    async def read(self, code: str, now_s: float) -> dict[str, Any]:
        """What signaling signed for us; raises TokenError."""
        for again in (False, True):
            keys = await self._known(again)
            try:
                return read(code, keys, "signaling", "library", now_s)
            except TokenError:
                if again:
                    raise
        raise AssertionError

    async def _known(self, again: bool) -> KeySet:
        async with self._asking:
            now_s = asyncio.get_running_loop().time()
            if self._keys is None or (again and now_s - self._asked_s >= KEYS_AGAIN_S):
                self._asked_s = now_s
                self._keys = await self._fetched() or self._keys
        if self._keys is None:
            raise TokenError("signaling does not answer, so its codes cannot be checked; try again in a moment")
        return self._keys

    async def _fetched(self) -> KeySet | None:
        try:
            timeout = aiohttp.ClientTimeout(total=5)
            async with aiohttp.ClientSession(timeout=timeout) as session:
                async with session.get(self._url, ssl=True if self._trust is None else self._trust) as answer:
                    return KeySet.import_key_set(await answer.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, ValueError, JoseError, KeyError) as error:
            log.warning("keys_not_reached", url=self._url, cause=str(error) or type(error).__name__)
            return None


def viewer_of(claims: dict[str, Any]) -> Viewer:
    """Whom a code or a session speaks of; raises TokenError."""
    texts = {name: claims.get(name) for name in ("jti", "role", "lesson", "seat", "school", "region")}
    role: Role | None = next((role for role in get_args(Role) if role == texts["role"]), None)
    if role is None or not all(isinstance(text, str) for text in texts.values()):
        raise TokenError("this token names nobody")
    return Viewer(
        token=str(texts["jti"]),
        role=role,
        region=str(texts["region"]),
        school=str(texts["school"]),
        lesson=LessonId(str(texts["lesson"])) if texts["lesson"] else None,
        seat=str(texts["seat"]),
    )


class Door:
    """Makes sessions and recognises them."""

    def __init__(self, signer: Signer, public_url: str, *, secure: bool) -> None:
        self._signer, self._public_url, self._secure = signer, public_url, secure

    def session(self, viewer: Viewer, now_s: int) -> str:
        """The token of a new session; it keeps the name of the code that opened it."""
        return self._signer.sign(
            {
                "iss": "library",
                "aud": AUDIENCE,
                "jti": viewer.token,
                "role": viewer.role,
                "region": viewer.region,
                "school": viewer.school,
                "lesson": viewer.lesson or "",
                "seat": viewer.seat,
                "iat": now_s,
                "exp": now_s + SESSION_LIFETIME_S,
            }
        )

    def viewer(self, request: web.Request, now_s: float) -> Viewer | None:
        """Who asks, if that is known."""
        shown = request.headers.get("Authorization", "")
        token = shown.partition(" ")[2].strip() if shown.lower().startswith("bearer ") else request.cookies.get(COOKIE)
        try:
            return viewer_of(self._signer.read(token, AUDIENCE, now_s)) if token else None
        except TokenError:
            return None

    def set_cookie(self, request: web.Request, response: web.StreamResponse, token: str) -> None:
        """Gives the browser its session, where no script can read it."""
        response.set_cookie(
            COOKIE,
            token,
            max_age=SESSION_LIFETIME_S,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._secure or request.secure,
        )

    def foreign(self, request: web.Request) -> bool:
        """A page of elsewhere asks, with a cookie that came along, or to have one set."""
        if "Authorization" in request.headers:
            return False
        origin = request.headers.get("Origin")
        if origin is None:
            # Older browsers say neither when they read; when they change something, they name the origin.
            must_say = COOKIE in request.cookies and request.method not in ("GET", "HEAD")
            return request.headers.get("Sec-Fetch-Site", "" if must_say else "none") not in ("same-origin", "none")
        return origin != self._public_url and urlsplit(origin).netloc != request.host
