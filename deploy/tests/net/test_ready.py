"""Who waits for the services is told what they wait for."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from deploy.core.configuration import Addresses, ConfigurationError
from deploy.net import ready
from deploy.net.ready import Health, health, refuse_taken, until_ready

TRUST = ssl.create_default_context()


class Healthz:
    """Signaling's health page, whose node can be switched."""

    node = False

    async def answer(self, _: web.Request) -> web.Response:
        return web.json_response({"signaling": True, "node": self.node})


@pytest.fixture
async def signaling() -> AsyncIterator[tuple[Healthz, str]]:
    page, app = Healthz(), web.Application()
    app.router.add_get("/healthz", page.answer)
    async with TestServer(app) as server:
        yield page, str(server.make_url("")).rstrip("/")


async def test_the_node_must_be_there_too(signaling: tuple[Healthz, str]) -> None:
    page, url = signaling
    said: list[str] = []
    waiting = asyncio.create_task(until_ready(url, TRUST, said.append))
    async with asyncio.timeout(30):
        while not said:
            await asyncio.sleep(0)
        assert said == ["signaling answers; waiting for its node."] and not waiting.done()
        page.node = True
        await waiting


async def test_what_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "PATIENCE_S", 0.0)
    said: asyncio.Queue[str] = asyncio.Queue()
    waiting = asyncio.create_task(until_ready("http://127.0.0.1:1", TRUST, said.put_nowait))
    line = await asyncio.wait_for(said.get(), 30)
    waiting.cancel()
    assert line.startswith("still waiting: http://127.0.0.1:1 does not answer (")


async def test_health_reads_what_signaling_says(signaling: tuple[Healthz, str]) -> None:
    page, url = signaling
    async with aiohttp.ClientSession() as http:
        assert await health(http, url, TRUST) == Health(signaling=True, node=False)
        page.node = True
        assert await health(http, url, TRUST) == Health(signaling=True, node=True)
        other = await health(http, f"{url}/elsewhere", TRUST)
    assert not other.signaling and "does not answer" in other.trouble


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_a_taken_port_is_named_before_anything_starts(host: str, family: socket.AddressFamily) -> None:
    with socket.socket(family) as other:
        other.bind((host, 0))
        other.listen()
        shown = f"[{host}]" if ":" in host else host
        listen = f"{shown}:{other.getsockname()[1]}"
        for place in (1, 2):
            with pytest.raises(ConfigurationError, match=r"cannot be had: Address already in use.*\[(node|library)\]"):
                refuse_taken(_addresses(*(listen if each == place else f"127.0.0.1:{_free()}" for each in range(3))))
    refuse_taken(_addresses(f"127.0.0.1:{_free()}", listen, f"127.0.0.1:{_free()}"))


@pytest.mark.parametrize("shown", ["127.0.0.1", "auto"])
def test_a_port_that_media_needs_for_connections_is_named_too(shown: str) -> None:
    free = (f"127.0.0.1:{_free()}" for _ in range(3))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        media = f"{shown}:{other.getsockname()[1]}"
        with pytest.raises(ConfigurationError, match=rf"TCP {media} cannot be had: .* say `tcp = false` there"):
            refuse_taken(replace(_addresses(*free), media=(media,)))


def _addresses(signaling: str, node: str, library: str) -> Addresses:
    return Addresses(signaling, "http://localhost", node, library, "http://localhost")


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
