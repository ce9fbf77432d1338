"""Serves the built pages and nothing from elsewhere."""

from pathlib import Path
from typing import Final

from aiohttp import web

from signaling.net.bodies import problem

_CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Vue writes some static style attributes with innerHTML; no sheet or script comes in this way.
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), geolocation=()",
}
_FOREVER: Final = "public, max-age=31536000, immutable"


async def guard_response(request: web.Request, response: web.StreamResponse) -> None:
    """Puts the headers on everything that leaves."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Server"] = "three-classrooms"


class Pages:
    """One folder of built files, and one page for every address that the page itself understands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def page(self, request: web.Request) -> web.StreamResponse:
        """`/` and `/lesson/{lesson}`"""
        index = self._folder / "index.html"
        if not index.is_file():
            return problem(503, "pages_missing", "The pages are not built; run `make run`, or npm in signaling/web.")
        return web.FileResponse(index, headers={"Cache-Control": "no-cache"})

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Anything else that was built; names under assets/ change with their content."""
        name = request.match_info["name"]
        path = self._file(name)
        if path is None:
            return problem(404, "unknown_address", "There is nothing at this address.")
        keep = _FOREVER if name.startswith("assets/") else "no-cache"
        return web.FileResponse(path, headers={"Cache-Control": keep})

    def _file(self, name: str) -> Path | None:
        try:
            path = (self._folder / name).resolve()
            return path if path.is_relative_to(self._folder) and path.is_file() else None
        except (OSError, ValueError):
            # What no file can be called: too long, or with a zero byte.
            return None
