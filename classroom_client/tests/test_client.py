"""classroom_client.net.client: what it opened it closes, whenever it is told to leave."""

import asyncio
from pathlib import Path

import pytest

from classroom_client.core import steps
from classroom_client.core.diagnosis import Trouble
from classroom_client.devices.decoder import Decoder
from classroom_client.net.client import Client
from classroom_client.net.settings import ClientSettings
from classroom_client.net.tracks import FileTrack
from signaling.messages.client import PublishedSource
from signaling.messages.ids import Source


class Transport:
    """A MediaTransport that takes its time to close."""

    def __init__(self) -> None:
        self.closed = False
        self._lost = asyncio.Event()

    async def offer(self, copies: tuple[Source, ...] = ()) -> tuple[str, tuple[PublishedSource, ...]]:
        return "v=0 offer", ()

    async def accept(self, sdp: str) -> None:
        """Nothing to do."""

    async def answer(self, sdp: str) -> str:
        return "v=0 answer"

    async def lost(self) -> Trouble:
        await self._lost.wait()
        return Trouble("media_lost", "closed", retry=True)

    async def close(self) -> None:
        await asyncio.sleep(0.01)
        self.closed = True
        self._lost.set()


@pytest.fixture
async def opened(monkeypatch: pytest.MonkeyPatch) -> list[Transport]:
    """Every transport that clients open in a test."""
    made: list[Transport] = []

    def transport(client: Client, tracks: list[FileTrack]) -> Transport:
        made.append(Transport())
        return made[-1]

    monkeypatch.setattr(Client, "_transport", transport)
    return made


def a_client(tmp_path: Path) -> Client:
    settings = ClientSettings(server="http://127.0.0.1:1", code="a-code", sent_log=tmp_path / "sent")
    return Client(settings, Decoder(), tell=lambda line: None)


async def negotiated(client: Client, *orders: steps.Order) -> None:
    """Has the orders carried out to the point where the connections are watched."""
    await client._do(orders)
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_leaves_while_a_connection_closes_waits_for_it(tmp_path: Path, opened: list[Transport]) -> None:
    client = a_client(tmp_path)
    await negotiated(client, steps.MakeOffer(1), steps.MakeAnswer(1, 5, "v=0"))
    await client._do((steps.CloseMedia("publish"),))
    await client._close()
    assert [transport.closed for transport in opened] == [True, True]
    assert not client._tasks and not client._closing


async def test_a_connection_that_is_made_anew_closes_the_one_before(tmp_path: Path, opened: list[Transport]) -> None:
    client = a_client(tmp_path)
    for round_ in (1, 2, 3):
        await negotiated(client, steps.MakeOffer(round_), steps.MakeAnswer(round_, 5, "v=0"))
    async with asyncio.timeout(30):
        while not all(transport.closed for transport in opened[:4]):
            await asyncio.sleep(0.01)
    assert len(opened) == 6 and not opened[4].closed and not opened[5].closed
    await client._close()
    assert all(transport.closed for transport in opened)
