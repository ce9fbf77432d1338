import asyncio
import socket
import ssl
import time
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sfu.net.service import run
from sfu.net.settings import NodeSettings, SettingsError
from sfu.tests.native.client import self_signed
from sfu.tests.net.node import NODE_TOKEN, SIGNALING_TOKEN


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(port: int, **more: str) -> NodeSettings:
    return NodeSettings(
        listen=f"127.0.0.1:{port}",
        media=("127.0.0.1:0",),
        signaling_token=SIGNALING_TOKEN,
        node_token=NODE_TOKEN,
        **more,
    )


async def healthy(url: str, **options: object) -> dict[str, object]:
    async with aiohttp.ClientSession() as http, asyncio.timeout(60):
        while True:
            try:
                async with http.get(f"{url}/healthz", **options) as answer:  # type: ignore[arg-type]
                    return dict(await answer.json())
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.01)


async def test_a_node_serves_until_it_is_told_to_stop_and_ends_soon() -> None:
    stop, port = asyncio.Event(), free_port()
    serving = asyncio.create_task(run(settings(port), stop))
    health = await healthy(f"http://127.0.0.1:{port}")
    assert (health["node"], health["signaling"], health["draining"]) == ("node-1", False, False)
    began = time.monotonic()
    stop.set()
    await asyncio.wait_for(serving, 30)
    assert time.monotonic() - began < 10


async def test_a_node_ends_soon_with_signaling_on_the_line() -> None:
    stop, port = asyncio.Event(), free_port()
    serving = asyncio.create_task(run(settings(port), stop))
    await healthy(f"http://127.0.0.1:{port}")
    async with aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {SIGNALING_TOKEN}"}
        async with http.ws_connect(f"http://127.0.0.1:{port}/control", headers=headers):
            began = time.monotonic()
            stop.set()
            await asyncio.wait_for(serving, 30)
            assert time.monotonic() - began < 10


async def test_a_node_speaks_https_with_the_certificate_that_it_was_given(tmp_path: Path) -> None:
    certificate, key = self_signed()
    (tmp_path / "c.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (tmp_path / "k.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    stop, port = asyncio.Event(), free_port()
    secure = settings(port, certificate=str(tmp_path / "c.pem"), key=str(tmp_path / "k.pem"))
    serving = asyncio.create_task(run(secure, stop))
    trust = ssl.create_default_context(cafile=str(tmp_path / "c.pem"))
    trust.check_hostname = False
    assert (await healthy(f"https://127.0.0.1:{port}", ssl=trust))["node"] == "node-1"
    stop.set()
    await asyncio.wait_for(serving, 30)


async def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    wrong = settings(free_port(), certificate=str(tmp_path / "none.pem"), key=str(tmp_path / "none.key"))
    with pytest.raises(SettingsError, match=r"none\.pem"):
        await run(wrong, asyncio.Event())


async def test_a_media_port_in_use_is_an_error_at_the_start() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        media = f"127.0.0.1:{taken.getsockname()[1]}"
        busy = NodeSettings(
            listen="127.0.0.1:0", media=(media,), signaling_token=SIGNALING_TOKEN, node_token=NODE_TOKEN
        )
        with pytest.raises(OSError, match="in use"):
            await run(busy, asyncio.Event())


async def test_a_taken_tcp_port_is_an_error_that_says_what_to_do_and_none_without_tcp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        media = f"127.0.0.1:{taken.getsockname()[1]}"
        tokens = {"signaling_token": SIGNALING_TOKEN, "node_token": NODE_TOKEN}
        busy = NodeSettings(listen="127.0.0.1:0", media=(media,), tcp=True, **tokens)
        with pytest.raises(OSError, match=f"TCP {media} cannot be listened on: .*; free it, or switch"):
            await run(busy, asyncio.Event())
        stop = asyncio.Event()
        stop.set()
        await run(busy.model_copy(update={"tcp": False}), stop)
