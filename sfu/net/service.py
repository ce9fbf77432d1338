"""Runs a node: sockets, HTTP, and the tasks that keep state and forwarder together."""

import asyncio
import datetime
import ipaddress
import secrets
import ssl

import structlog
from aiohttp import hdrs, web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from sfu.core import news
from sfu.core.tables import Node
from sfu.forwarder import Forwarder
from sfu.net import metrics
from sfu.net.addresses import announced_fronts, media_addresses
from sfu.net.certificate import dtls_certificate
from sfu.net.control import Control
from sfu.net.front import Front
from sfu.net.settings import NodeSettings, SettingsError, address_of
from sfu.net.station import Station
from sfu.net.tokens import TokenReader, same_secret
from sfu.net.whip import Resource
from sfu.sdp import LARGEST_TEXT
from signaling.messages.ids import BootId

log = structlog.get_logger("sfu.service")

LEVELS_S = 1.0
SHUTDOWN_S = 1.0


class Service:
    """A node with everything it owns."""

    def __init__(self, settings: NodeSettings) -> None:
        self.settings = settings
        self.boot = BootId(secrets.token_hex(8))
        certificate, key = dtls_certificate(datetime.datetime.now(datetime.UTC))
        addresses = media_addresses(settings.media)
        forwarder = Forwarder(
            addresses,
            certificate=certificate,
            private_key=key,
            tcp=settings.tcp,
            fronts=media_addresses(settings.front),
        )
        announced = tuple(address_of(entry) for entry in settings.announce)
        fronts = announced_fronts(announced, forwarder.fronts)
        node = Node(forwarder.fingerprint, announced or forwarder.addresses, settings.tcp, fronts)
        self.station = Station(forwarder, node)
        self.front = Front(forwarder, address_of(settings.front_to))
        self.tokens = TokenReader()
        self.control = Control(self.station, settings, self.tokens, self.boot)
        self._registry = metrics.registry(self.station, self.front)

    def application(self) -> web.Application:
        """The node's HTTP side."""
        application = web.Application(client_max_size=LARGEST_TEXT)
        application.add_routes(
            [
                web.get("/control", self.control.handle),
                web.get("/healthz", self._healthz),
                web.get("/metrics", self._metrics),
                *Resource("whip", "publish", self.station, self.tokens).routes(),
                *Resource("whep", "subscribe", self.station, self.tokens).routes(),
            ]
        )
        application.on_shutdown.append(self._hang_up)
        return application

    async def work(self) -> None:
        """Listens to the forwarder and tells levels, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.station.run())
            tasks.create_task(self._tell_levels())
            tasks.create_task(self.front.run())

    def close(self) -> None:
        """Stops the forwarder."""
        self.station.forwarder.close()

    async def _tell_levels(self) -> None:
        while True:
            await asyncio.sleep(LEVELS_S)
            self.station.do(news.tell_levels)

    async def _hang_up(self, _: web.Application) -> None:
        await self.control.close()

    async def _healthz(self, _: web.Request) -> web.Response:
        node = self.station.node
        return web.json_response(
            {
                "node": self.settings.name,
                "boot": self.boot,
                "signaling": self.control.connected,
                "draining": node.draining,
            }
        )

    async def _metrics(self, request: web.Request) -> web.Response:
        """For this machine, and for whoever shows signaling's token."""
        shown = request.headers.get(hdrs.AUTHORIZATION, "")
        if not (_is_local(request) or same_secret(shown, f"Bearer {self.settings.signaling_token}")):
            return web.json_response(
                {"code": "not_authenticated", "sentence": "Show signaling's token, or ask from this machine."},
                status=401,
                headers={hdrs.WWW_AUTHENTICATE: "Bearer"},
            )
        return web.Response(body=generate_latest(self._registry), headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST})


def _is_local(request: web.Request) -> bool:
    """A request through a proxy of this machine is not from this machine."""
    forwarded = {hdrs.FORWARDED, hdrs.X_FORWARDED_FOR} & set(request.headers)
    try:
        return not forwarded and ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


async def run(settings: NodeSettings, stop: asyncio.Event) -> None:
    """Serves until `stop`; raises SettingsError or OSError when it cannot begin."""
    tls = _tls(settings)
    service = Service(settings)
    runner = web.AppRunner(service.application(), access_log=None, shutdown_timeout=SHUTDOWN_S)
    try:
        await runner.setup()
        host, port = address_of(settings.listen)
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
        log.info("node_ready", name=settings.name, boot=service.boot, listen=settings.listen, media=_shown(service))
        await _until(stop, service)
    finally:
        await runner.cleanup()
        service.close()
        log.info("node_ended", name=settings.name)


async def _until(stop: asyncio.Event, service: Service) -> None:
    """Works until `stop`; an error of the work ends the node."""
    working, stopping = asyncio.create_task(service.work()), asyncio.create_task(stop.wait())
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in (working, stopping):
        task.cancel()
    results = await asyncio.gather(working, stopping, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


def _shown(service: Service) -> list[str]:
    return [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in service.station.node.addresses]


def _tls(settings: NodeSettings) -> ssl.SSLContext | None:
    if not settings.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.certificate, settings.key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"[tls] {settings.certificate} and {settings.key} cannot be used: {error}") from None
    return context
