"""Puts signaling together and runs it until it is told to stop."""

import asyncio
import ssl
from contextlib import AsyncExitStack, suppress
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from signaling.net.callers import Doorkeeper
from signaling.net.county.bell import Bell
from signaling.net.county.database import url_of
from signaling.net.county.office import CountyOffice
from signaling.net.county.store import CountyStore
from signaling.net.front import FrontDoor
from signaling.net.guard import Guard
from signaling.net.http import application
from signaling.net.lessons import Lessons
from signaling.net.metrics import Metrics
from signaling.net.node_link import NodeLink
from signaling.net.passing import Passed, Passing
from signaling.net.recording import RecordingDoor
from signaling.net.services import Services
from signaling.net.settings import SignalingSettings, address_of
from signaling.net.store import Store
from signaling.net.tokens import Signer

log = structlog.get_logger("signaling")

SHUTDOWN_S: Final = 2.0
IDLE_S: Final = 60.0
"""A connection on which nobody asks, or of which half a request has come, is closed after this."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


async def run(settings: SignalingSettings, stop: asyncio.Event) -> None:
    """Serves until `stop`; everything that was acknowledged is on the disk."""
    service = Service(settings)
    await service.start()
    try:
        await stop.wait()
    finally:
        await service.stop()


class Service:
    """One signaling process: made, started and stopped once."""

    def __init__(self, settings: SignalingSettings) -> None:
        self._settings = settings
        self._closing = AsyncExitStack()
        self.front: FrontDoor | None = None

    @property
    def port(self) -> int:
        """Where it listens; of interest when the configuration said 0."""
        address = self._runner.addresses[0]
        return int(address[1])

    async def start(self) -> None:
        """Reads the store, listens, and dials the node; undoes what it did when it fails."""
        async with AsyncExitStack() as closing:
            store = await Store.open(self._settings.store)
            closing.push_async_callback(store.close)
            county = await CountyStore.open(url_of(self._settings.county, self._settings.store))
            closing.push_async_callback(county.close)
            self.services, link = await _built(self._settings, store, county)
            self._runner = web.AppRunner(
                application(self.services, _passing(self._settings)),
                access_log=None,
                shutdown_timeout=SHUTDOWN_S,
                keepalive_timeout=IDLE_S,
            )
            await self._runner.setup()
            closing.push_async_callback(self._runner.cleanup)
            host, port = self._settings.address
            certificate = _certificate(self._settings)
            await web.TCPSite(self._runner, host, port, ssl_context=certificate).start()
            if certificate is not None and self._settings.front_listen:
                assert self._runner.server is not None
                self.front = FrontDoor(address_of(self._settings.front_listen), self._runner.server, certificate)
                closing.push_async_callback(_cancelled, asyncio.create_task(self.front.run()))
            closing.push_async_callback(_cancelled, asyncio.create_task(link.run()))
            self.bell = Bell(self.services.county, self.services.lessons, store, self.services.metrics)
            closing.push_async_callback(_cancelled, asyncio.create_task(self.bell.run()))
            closing.callback(self.services.lessons.shut)
            closing.callback(self.services.recording.shut)
            self._closing = closing.pop_all()
        log.info("signaling_listens", listen=self._settings.listen, url=self._settings.public_url)

    async def stop(self) -> None:
        """Sends everyone away to come back later, and closes what was opened."""
        log.info("signaling_stops")
        await self._closing.aclose()


async def _built(settings: SignalingSettings, store: Store, county_store: CountyStore) -> tuple[Services, NodeLink]:
    metrics, signer, county = Metrics(), Signer.open(settings.signing_key), CountyOffice(county_store)
    await county.load()
    doorkeeper, lessons = Doorkeeper(settings, signer, store, county.feeds), Lessons(store, metrics)
    link = NodeLink(
        settings.node_url,
        signaling_token=settings.signaling_token,
        node_token=settings.node_token,
        token_keys=signer.public_keys(),
        listener=lessons,
        metrics=metrics,
        trust=_trust(settings, settings.node_url),
    )
    lessons.link = link
    await doorkeeper.load()
    await lessons.load()
    recording = RecordingDoor(settings, doorkeeper, lessons, metrics)
    return Services(settings, store, signer, doorkeeper, Guard(), lessons, recording, metrics, county), link


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _certificate(settings: SignalingSettings) -> ssl.SSLContext | None:
    if not settings.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certificate, settings.key or None)
    return context


def _passing(settings: SignalingSettings) -> Passing | None:
    """What is passed on for those that come by the front."""
    if not settings.front_listen:
        return None
    node, library = settings.node_url, settings.library_url
    parts = [Passed(prefix, node, _trust(settings, node)) for prefix in ("/whip", "/whep")]
    if library:
        trust = _trust(settings, library)
        parts += [Passed("/api/library", library, trust), Passed("/library", library, trust, stripped=True)]
    return Passing(tuple(parts))


def _trust(settings: SignalingSettings, address: str) -> ssl.SSLContext | None:
    """Whom to believe at a service's address; on this machine that is our own certificate, whatever its names."""
    url = urlsplit(address)
    if url.scheme != "https":
        return None
    context = ssl.create_default_context()
    if settings.certificate:
        context.load_verify_locations(settings.certificate)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.check_hostname = url.hostname not in _LOOPBACK
    return context
