"""sfu.net.front: what begins as TLS reaches signaling byte for byte, bounded, and no descriptor stays."""

import asyncio
import datetime
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

import pytest

from sfu.forwarder import Forwarder
from sfu.net import front as fronts
from sfu.net.certificate import dtls_certificate
from sfu.net.front import Front
from signaling.messages.proxy import PREFIX, Guest, length_behind, read

HELLO = b"\x16\x03\x01 as TLS begins"
PATIENCE_S = 20.0


@dataclass
class Signaling:
    """The far end: it notes whom the front brings, and says back all that it hears, or does not read at all."""

    reads: bool = True
    brought: list[Guest] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        prefix = await reader.readexactly(PREFIX.size)
        self.brought.append(read(prefix, await reader.readexactly(length_behind(prefix))))
        with closing(writer), suppress(ConnectionError):
            while self.reads and (heard := await reader.read(65536)):
                writer.write(heard)
                await writer.drain()
            if not self.reads:
                await asyncio.Event().wait()


@dataclass
class Scene:
    front: Front
    forwarder: Forwarder
    signaling: Signaling
    server: asyncio.Server

    async def guest(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*self.forwarder.fronts[0])
        writer.write(HELLO)
        return reader, writer

    async def until(self, guests: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.front.guests != guests:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def scene(*, reads: bool = True) -> AsyncIterator[Scene]:
    certificate, key = dtls_certificate(datetime.datetime.now(datetime.UTC))
    any_port = [("127.0.0.1", 0)]
    forwarder = Forwarder(any_port, certificate=certificate, private_key=key, fronts=any_port)
    signaling = Signaling(reads)
    server = await asyncio.start_server(signaling.serve, "127.0.0.1", 0)
    front = Front(forwarder, server.sockets[0].getsockname())
    running = asyncio.create_task(front.run())
    try:
        yield Scene(front, forwarder, signaling, server)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        server.close()
        forwarder.close()


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether nothing comes but the end; what was not read makes it a hard one."""
    try:
        return await reader.read(1) == b""
    except ConnectionResetError:
        return True


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def test_a_guest_and_signaling_hear_each_other_and_the_address_comes_first() -> None:
    async with scene() as made:
        reader, writer = await made.guest()
        assert await reader.readexactly(len(HELLO)) == HELLO
        large = os.urandom(3_000_000)
        writer.write(large)
        assert await reader.readexactly(len(large)) == large
        (brought,) = made.signaling.brought
        assert brought == Guest(writer.get_extra_info("sockname"), made.forwarder.fronts[0])
        writer.close()
        await made.until(0)


async def test_a_guest_hears_the_end_with_all_that_came_before_it() -> None:
    async with scene() as made:
        reader, _ = await made.guest()
        await reader.readexactly(len(HELLO))
        made.server.close()
        for task in asyncio.all_tasks():
            if "Signaling.serve" in repr(task):
                task.cancel()
        assert await reader.read() == b""
        await made.until(0)


async def test_no_descriptor_stays_whatever_becomes_of_guests() -> None:
    async with scene() as made:
        before = descriptors()
        for fate in range(60):
            _, writer = await made.guest()
            if fate % 3 == 0:
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            if fate % 3 == 1:
                await made.until(1)
            writer.close()
            await made.until(0)
        made.server.close()
        await made.server.wait_closed()
        for _ in range(20):
            reader, writer = await made.guest()
            assert await ended(reader)
            writer.close()
        await made.until(0)
        async with asyncio.timeout(PATIENCE_S):
            while descriptors() > before:
                await asyncio.sleep(0.01)
        assert made.front.refused >= 20


async def test_a_side_that_does_not_read_holds_back_the_other_and_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fronts, "IDLE_S", 0.5)
    monkeypatch.setattr(fronts, "LOOK_S", 0.1)
    async with scene(reads=False) as made:
        reader, writer = await made.guest()
        sent = 0
        with pytest.raises(ConnectionError):
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    writer.write(bytes(65536))
                    sent += 65536
                    await writer.drain()
        # What the two kernels hold, and no more of ours than its bound.
        assert sent < 64 << 20
        await made.until(0)


async def test_one_address_cannot_be_all_guests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fronts, "MOST_OF_ONE", 3)
    async with scene() as made:
        guests = [await made.guest() for _ in range(4)]
        async with asyncio.timeout(PATIENCE_S):
            refused = [await ended(reader) for reader, _ in guests]
        assert sum(refused) == 1 and made.front.refused == 1
        for _, writer in guests:
            writer.close()
        await made.until(0)
        reader, writer = await made.guest()
        assert await reader.readexactly(len(HELLO)) == HELLO
        writer.close()
