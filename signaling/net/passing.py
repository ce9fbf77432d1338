"""What other services answer at signaling's address, so that one port is enough: the library, WHIP and WHEP."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
import structlog
from aiohttp import hdrs, web
from multidict import CIMultiDict
from yarl import URL

from signaling.net.bodies import problem

log = structlog.get_logger("signaling.passing")

BODY_PATIENCE_S: Final = 10.0
TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=60)
_OF_ONE_HOP: Final = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade".split()
)
"""RFC 9110 section 7.6.1."""
_OURS: Final = ("User-Agent", "Accept-Encoding", "Accept", "Content-Type")
"""What aiohttp would say in the caller's place."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A part of the addresses, and who answers there."""

    prefix: str
    url: str
    """Of the service, whose own paths begin with the prefix, or `stripped` without it."""
    trust: ssl.SSLContext | None
    stripped: bool = False


class Passing:
    """Asks the other service in the caller's words, and answers in that service's."""

    def __init__(self, parts: tuple[Passed, ...]) -> None:
        self._parts = parts
        self._http: aiohttp.ClientSession

    def add_to(self, app: web.Application) -> None:
        """Opens the addresses."""
        for part in self._parts:
            serve = self._serving(part)
            app.router.add_route("*", part.prefix, serve)
            app.router.add_route("*", part.prefix + "/{rest:.*}", serve)
        app.cleanup_ctx.append(self._open)

    async def _open(self, _: web.Application) -> AsyncIterator[None]:
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(timeout=TIMEOUT, auto_decompress=False, cookie_jar=jar) as self._http:
            yield

    def _serving(self, part: Passed) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(part, request)

        return serve

    async def _serve(self, part: Passed, request: web.Request) -> web.StreamResponse:
        path = request.rel_url.raw_path_qs
        path = path.removeprefix(part.prefix) if part.stripped else path
        try:
            async with asyncio.timeout(BODY_PATIENCE_S):
                body = await request.read()
        except TimeoutError:
            return problem(408, "timeout", f"The body did not come within {BODY_PATIENCE_S:.0f} s.")
        try:
            async with self._http.request(
                request.method,
                URL(part.url + (path if path.startswith("/") else f"/{path}"), encoded=True),
                headers=_asked(request),
                data=body or None,
                ssl=True if part.trust is None else part.trust,
                allow_redirects=False,
                skip_auto_headers=_OURS,
            ) as answer:
                return await _answered(request, answer)
        except (aiohttp.ClientConnectionError, TimeoutError) as error:
            log.warning("not_reached", part=part.prefix, cause=str(error) or type(error).__name__)
            return problem(502, "not_reached", "The service behind this address does not answer; try again.")


def _asked(request: web.Request) -> CIMultiDict[str]:
    headers = _end_to_end(request.headers)
    headers.pop(hdrs.CONTENT_LENGTH, None)
    headers[hdrs.X_FORWARDED_FOR] = request.remote or ""
    return headers


async def _answered(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """Passes on what comes as it comes; a caller that reads slowly is waited for."""
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=_end_to_end(answer.headers))
    await response.prepare(request)
    async for piece in answer.content.iter_any():
        await response.write(piece)
    await response.write_eof()
    return response


def _end_to_end(headers: Mapping[str, str]) -> CIMultiDict[str]:
    kept = CIMultiDict(headers)
    named = {name.strip().lower() for value in kept.getall(hdrs.CONNECTION, []) for name in value.split(",")}
    for name in _OF_ONE_HOP | named:
        kept.popall(name, None)
    return kept
