"""signaling.net.front: TLS as at any door, behind the address of who comes; nothing else is let in."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from signaling.messages.proxy import Guest, written
from signaling.net.settings import SettingsError, SignalingSettings
from signaling.tests.net.test_service import certificate_for
from signaling.tests.net.town import Town

PATIENCE_S = 20.0
NAME = "classroom.test"


class Fronted:
    """A signaling with a door behind a front, and guests of that front."""

    def __init__(self, town: Town, trust: ssl.SSLContext, port: int) -> None:
        self.town, self._trust, self.port = town, trust, port

    async def get(self, path: str, host: str, key: str = "") -> tuple[int, dict[str, object]]:
        """One request from an address."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(written(Guest((host, 50000), ("198.51.100.1", 443))))
        await writer.drain()
        await writer.start_tls(self._trust, server_hostname=NAME)
        shown = f"Authorization: Bearer {key}\r\n" if key else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {NAME}\r\n{shown}Connection: close\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return int(head.split()[1]), json.loads(body)


@pytest.fixture
async def fronted(tmp_path: Path) -> AsyncIterator[Fronted]:
    async with _fronted(tmp_path) as made:
        yield made


@asynccontextmanager
async def _fronted(folder: Path) -> AsyncIterator[Fronted]:
    certificate, key = certificate_for(NAME, folder)
    town = Town(folder, certificate=certificate, key=key, front_listen="127.0.0.1:0")
    async with town, asyncio.timeout(PATIENCE_S):
        front = town.running.front
        assert front is not None
        yield Fronted(town, ssl.create_default_context(cafile=certificate), front.port)


async def test_a_guest_is_served_over_tls(fronted: Fronted) -> None:
    status, health = await fronted.get("/healthz", "203.0.113.7")
    assert (status, health["alive"]) == (200, True)
    assert (await fronted.get("/healthz", "2001:db8::7"))[0] == 200


async def test_limits_count_the_guests_address_and_not_the_fronts(fronted: Fronted) -> None:
    tried = [(await fronted.get("/api/lessons", "203.0.113.7", f"guess-{number}"))[0] for number in range(40)]
    assert tried[:5] == [401] * 5 and tried[-1] == 429
    assert (await fronted.get("/api/lessons", "203.0.113.8", "guess"))[0] == 401


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01" + bytes(20),
        b"PROXY TCP4 203.0.113.7 198.51.100.1 50000 443\r\n",
        written(Guest(("203.0.113.7", 1), ("198.51.100.1", 443))) + b"GET / HTTP/1.1\r\n\r\n",
    ],
)
async def test_who_says_something_else_is_hung_up_on(fronted: Fronted, said: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", fronted.port)
    writer.write(said)
    try:
        heard = await reader.read()
    except ConnectionResetError:
        heard = b""
    # TLS tells why it ends (an alert); before it, nothing is told.
    assert heard == b"" or heard[0] == 0x15
    writer.close()
    assert (await fronted.get("/healthz", "203.0.113.7"))[0] == 200


async def test_the_usual_door_takes_nobodys_word_for_an_address(fronted: Fronted) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", fronted.town.running.port)
    writer.write(written(Guest(("203.0.113.7", 1), ("198.51.100.1", 443))))
    heard = await reader.read(64)
    assert heard == b"" or heard[0] == 0x15
    writer.close()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"front_listen": "192.0.2.1:8443", "certificate": "c"}, "not of this machine"),
        ({"front_listen": "127.0.0.1:8443"}, "needs the certificate"),
        ({"front_listen": "127.0.0.1:8443", "certificate": "c", "proxies": 1}, "cannot both be"),
    ],
)
def test_a_front_that_would_not_be_safe_is_refused(changes: dict[str, object], why: str) -> None:
    told = {"operator_key": "k" * 16, "signaling_token": "s" * 16, "node_token": "n" * 16}
    with pytest.raises(SettingsError, match=why):
        SignalingSettings.checked({**told, **changes})
