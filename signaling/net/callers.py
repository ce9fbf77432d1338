"""Who asks: an operator by the key, a seat by cookie or bearer token, or nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from signaling.core.claims import SESSION_LIFETIME_S, ClaimsError, SessionClaims
from signaling.core.limits import caller_address
from signaling.messages.ids import LessonId, SeatId
from signaling.net.clock import instant
from signaling.net.county.feeds import Feeds
from signaling.net.county.store import Feed
from signaling.net.settings import SignalingSettings
from signaling.net.store import Store
from signaling.net.tokens import Signer, same_secret

COOKIE: Final = "seat-"
"""Followed by the seat, so that one browser can hold several."""
MOST_COOKIES: Final = 8
"""A browser sends all of them in one header of at most 8 KiB."""

MOST_TOKENS: Final = 4096
"""Expired ones are forgotten only beyond this: a wall clock that leaps and is set back must end no lesson."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who has been recognised."""

    operator: bool = False
    claims: SessionClaims | None = None
    by_cookie: bool = False
    feed: Feed | None = None
    """A calendar program, which may read this part of the timetable and nothing else."""

    @property
    def known(self) -> bool:
        """Has shown something that is good."""
        return self.operator or self.claims is not None or self.feed is not None


NOBODY: Final = Caller()


class Doorkeeper:
    """Knows the operator's key, our signature, and which tokens have been given back."""

    def __init__(self, settings: SignalingSettings, signer: Signer, store: Store, feeds: Feeds) -> None:
        self._settings = settings
        self._feeds = feeds
        self._signer = signer
        self._store = store
        self._good: dict[str, float] = {}
        """Until when each token counts, in seconds."""

    async def load(self) -> None:
        """Reads which tokens are good."""
        self._good = await self._store.good_tokens(instant().wall_ms)

    def let_in(self, claims: SessionClaims) -> str:
        """Makes the token of a session that the store knows."""
        if len(self._good) >= MOST_TOKENS:
            now_s = instant().wall_ms / 1000
            self._good = {token: until_s for token, until_s in self._good.items() if until_s > now_s}
        self._good[claims.token] = claims.expires_at_s
        return self._signer.sign(claims)

    async def let_service_in(self, claims: SessionClaims) -> str:
        """Makes the token of a session that needs no code."""
        await self._store.add_token(claims.token, claims.lesson, claims.seat, claims.expires_at_s * 1000)
        return self.let_in(claims)

    async def send_away(self, claims: SessionClaims) -> None:
        """The token counts no more."""
        self._good.pop(claims.token, None)
        await self._store.end_token(claims.token)

    def caller(self, request: web.Request, lesson: LessonId | None = None) -> Caller:
        """Recognises who asks; a browser with several seats says which, or the newest of the lesson counts."""
        shown = request.headers.get("Authorization")
        if shown is not None:
            feed = self._feeds.shown(shown)
            return self._by_bearer(shown) if feed is None else Caller(feed=feed)
        seat = request.query.get("seat")
        of_lesson = (lesson or request.query.get("lesson")) if seat is None else None
        found = [
            claims
            for claims in self._by_cookies(request)
            if seat in (None, claims.seat) and of_lesson in (None, claims.lesson)
        ]
        newest = max(found, key=lambda claims: claims.issued_at_s, default=None)
        return NOBODY if newest is None else Caller(claims=newest, by_cookie=True)

    def set_cookie(self, request: web.Request, response: web.StreamResponse, claims: SessionClaims, token: str) -> None:
        """Gives the browser its seat, where no script can read it."""
        held = sorted(self._by_cookies(request), key=lambda claims: claims.issued_at_s)
        for old in held[: max(0, len(held) - MOST_COOKIES + 1)]:
            self.drop_cookie(response, old.seat)
        response.set_cookie(
            COOKIE + claims.seat,
            token,
            max_age=SESSION_LIFETIME_S,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._settings.secure or request.secure,
        )

    def drop_cookie(self, response: web.StreamResponse, seat: SeatId) -> None:
        """Has the browser forget a seat."""
        response.del_cookie(COOKIE + seat, path="/", httponly=True, samesite="Strict", secure=self._settings.secure)

    def address(self, request: web.Request) -> str:
        """Where a request comes from, as the log and the guard of secrets know it."""
        forwarded = request.headers.getall("X-Forwarded-For", [])
        return caller_address(request.remote or "", forwarded, self._settings.proxies)

    def knows(self, shown: str) -> bool:
        """Tells whether an Authorization header holds a secret of ours, be it one that counts no more."""
        token = _bearer(shown)
        keys = (self._settings.operator_key, self._settings.recorder_token)
        ours = any(key and same_secret(token, key) for key in keys) or self._signer.made(token)
        return ours or self._feeds.shown(shown) is not None

    def own_origin(self, request: web.Request, *, must_say: bool) -> bool:
        """Tells whether a page of ours asks (RFC 6454): our public address, or the host asked for and no less safe."""
        origin = request.headers.get("Origin")
        if origin is None:
            site = request.headers.get("Sec-Fetch-Site")
            return site in ("same-origin", "none") or (site is None and not must_say)
        shown = urlsplit(origin)
        # A page of http:// is anyone's on the way to a server that is reached over https.
        safe = shown.scheme == "https" or not (self._settings.secure or request.secure)
        return origin == self._settings.public_url or (shown.netloc == request.host and safe)

    def _by_bearer(self, shown: str) -> Caller:
        token = _bearer(shown)
        if same_secret(token, self._settings.operator_key):
            return Caller(operator=True)
        claims = self._claims(token)
        return NOBODY if claims is None else Caller(claims=claims)

    def _by_cookies(self, request: web.Request) -> Iterator[SessionClaims]:
        for name, token in request.cookies.items():
            claims = self._claims(token) if name.startswith(COOKIE) else None
            if claims is not None and name == COOKIE + claims.seat:
                yield claims

    def _claims(self, token: str) -> SessionClaims | None:
        try:
            claims = self._signer.session(token, instant().wall_ms / 1000)
        except ClaimsError:
            return None
        return claims if claims.token in self._good else None


def _bearer(shown: str) -> str:
    """The token of a header, or nothing where it has another scheme (RFC 6750 section 2.1)."""
    scheme, _, token = shown.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
