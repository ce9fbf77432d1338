"""Puts signaling together and runs it until it is told to stop."""

import asyncio
import ssl
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from signaling.net.callers import Doorkeeper
from signaling.net.http import application
from signaling.net.lessons import Lessons
from signaling.net.metrics import Metrics
from signaling.net.node_link import NodeLink
from signaling.net.services import Services
from signaling.net.settings import SignalingSettings
from signaling.net.store import Store
from signaling.net.tokens import Signer

log = structlog.get_logger("signaling")

SHUTDOWN_S: Final = 2.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


async def run(settings: SignalingSettings, stop: asyncio.Event) -> None:
    """Serves until `stop`; everything that was acknowledged is on the disk."""
    store = await Store.open(settings.store)
    try:
        await _serve(settings, store, stop)
    finally:
        await store.close()


async def _serve(settings: SignalingSettings, store: Store, stop: asyncio.Event) -> None:
    metrics, signer = Metrics(), Signer.open(settings.signing_key)
    doorkeeper, lessons = Doorkeeper(settings, signer, store), Lessons(store, metrics)
    link = NodeLink(
        settings.node_url,
        signaling_token=settings.signaling_token,
        node_token=settings.node_token,
        token_keys=signer.public_keys(),
        listener=lessons,
        metrics=metrics,
        trust=_trust(settings),
    )
    lessons.link = link
    await doorkeeper.load()
    await lessons.load()
    app = application(Services(settings, store, signer, doorkeeper, lessons, metrics))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    host, port = settings.address
    await web.TCPSite(runner, host, port, ssl_context=_certificate(settings)).start()
    log.info("signaling_listens", listen=settings.listen, url=settings.public_url)
    dialling = asyncio.create_task(link.run())
    try:
        await stop.wait()
    finally:
        log.info("signaling_stops")
        lessons.shut()
        await runner.cleanup()
        dialling.cancel()
        with suppress(asyncio.CancelledError):
            await dialling


def _certificate(settings: SignalingSettings) -> ssl.SSLContext | None:
    if not settings.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certificate, settings.key or None)
    return context


def _trust(settings: SignalingSettings) -> ssl.SSLContext | None:
    """Whom to believe at the node's address; on this machine that is our own certificate, whatever its names."""
    url = urlsplit(settings.node_url)
    if url.scheme != "https":
        return None
    context = ssl.create_default_context()
    if settings.certificate:
        context.load_verify_locations(settings.certificate)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.check_hostname = url.hostname not in _LOOPBACK
    return context
