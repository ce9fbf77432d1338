"""Puts the library together and runs it until it is told to stop."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from recorder.disk.depot import Depot
from recorder.disk.takes import Takes
from recorder.net.job_rows import JobRows
from recorder.net.library_callers import Door, TrustedKeys
from recorder.net.library_files import Playing
from recorder.net.library_http import LARGEST_BODY, Library, in_words
from recorder.net.library_settings import LibrarySettings
from recorder.net.library_views import problem
from recorder.net.library_work import Work
from recorder.net.removal import Remover
from recorder.net.shelf_rows import ShelfRows
from recorder.net.signing import Signer
from recorder.net.store import open_database
from recorder.net.trust import trusting

log = structlog.get_logger("recorder.library")

SHUTDOWN_S: Final = 2.0
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " style-src-attr 'unsafe-inline'; img-src 'self' data:; media-src 'self'; font-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), display-capture=(), geolocation=(), fullscreen=(self)",
}


class LibraryService:
    """One library process: made, started and stopped once."""

    def __init__(self, settings: LibrarySettings) -> None:
        self._settings: Final = settings
        self._closing = AsyncExitStack()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._runner.addresses[0][1])

    async def start(self) -> None:
        """Opens the database and listens; undoes what it did when it fails."""
        settings = self._settings
        store = settings.storage.open(settings.folder)
        takes, signer = Takes(settings.folder, settings.master, store), Signer.open(settings.signing_key)
        depot = Depot(settings.folder, takes, store, reserve_bytes=settings.reserve_bytes)
        async with AsyncExitStack() as closing:
            engine = await open_database(settings.store)
            closing.push_async_callback(engine.dispose)
            shelf, rows = ShelfRows(engine), JobRows(engine)
            library = Library(
                shelf=shelf,
                rows=rows,
                signer=signer,
                door=Door(signer, settings.public_url, secure=settings.secure),
                keys=TrustedKeys(settings.signaling_url, trusting(settings.signaling_url, settings.certificate)),
                remover=Remover(takes, depot, shelf, signer, settings.master.tombstone_key),
                playing=Playing(takes, shelf),
                work=Work(takes, rows, shelf),
            )
            self._runner = web.AppRunner(_application(library, settings.pages), access_log=None,
                                         shutdown_timeout=SHUTDOWN_S)  # fmt: skip
            await self._runner.setup()
            closing.push_async_callback(self._runner.cleanup)
            await web.TCPSite(self._runner, *settings.address, ssl_context=_certificate(settings)).start()
            self._closing = closing.pop_all()
        log.info("library_listens", listen=settings.listen, url=settings.public_url)

    async def stop(self) -> None:
        """Closes what was opened."""
        log.info("library_stops")
        await self._closing.aclose()


async def run(settings: LibrarySettings, stop: asyncio.Event) -> None:
    """Serves until `stop`."""
    service = LibraryService(settings)
    await service.start()
    try:
        await stop.wait()
    finally:
        await service.stop()


def _application(library: Library, pages: Path) -> web.Application:
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[in_words])
    app.add_routes(library.routes())
    page = _Pages(pages.resolve())
    app.router.add_get("/", page.shelf)
    app.router.add_get("/lesson/{id}", page.shelf)
    app.router.add_get("/work", page.shelf)
    app.router.add_get("/{name:(?!api/).+}", page.file)
    app.on_response_prepare.append(_guard)
    return app


async def _guard(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Server"] = "three-classrooms"


class _Pages:
    """The built pages, of which the shelf is one."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder

    async def shelf(self, request: web.Request) -> web.StreamResponse:
        """`/`, `/lesson/{id}` and `/work`"""
        index = self._folder / "library.html"
        if not index.is_file():
            return problem(503, "pages_missing", "The pages are not built; run `make run`, or npm in signaling/web.")
        return web.FileResponse(index, headers={"Cache-Control": "no-cache"})

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Anything else that was built; names under assets/ change with their content."""
        name = request.match_info["name"]
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            return problem(404, "unknown_address", "There is nothing at this address.")
        keep = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
        return web.FileResponse(path, headers={"Cache-Control": keep})


def _certificate(settings: LibrarySettings) -> ssl.SSLContext | None:
    if not settings.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certificate, settings.key or None)
    return context
