"""The front: TLS that comes to a media port goes on to signaling byte for byte, behind the guest's address."""

import asyncio
import socket
from collections import Counter
from contextlib import suppress
from typing import Final

import structlog

from sfu.forwarder import Forwarder
from signaling.messages.proxy import Address, Guest, written

log = structlog.get_logger("sfu.front")

MOST_GUESTS: Final = 1024
"""A county's pages; each costs two descriptors."""
MOST_OF_ONE: Final = 256
"""Of one address, behind which a whole school may be."""
MOST_WAITING: Final = 64 * 1024
"""Bytes that wait for a slow side before the other is read no further."""
CONNECT_S: Final = 5.0
IDLE_S: Final = 90.0
"""Pages speak each ten seconds, and signaling ends what it does not hear of for sixty."""
LOOK_S: Final = 5.0


class _End(asyncio.Protocol):
    """One side of a guest's connection; what comes here leaves by the other."""

    transport: asyncio.Transport
    other: "_End"

    def __init__(self, passage: "_Passage") -> None:
        self._passage = passage

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=MOST_WAITING)
        # Nothing is read before there is somebody to have it.
        transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        self._passage.touch()
        self.other.transport.write(data)

    def pause_writing(self) -> None:
        self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        self._passage.touch()
        self.other.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self._passage.end(self)


class _Passage:
    """A guest and signaling, joined until either hangs up or both fall silent."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._left: set[_End] = set()
        self._over = self._loop.create_future()
        self.heard_s = self._loop.time()

    def touch(self) -> None:
        """Something moves."""
        self.heard_s = self._loop.time()

    def end(self, end: _End) -> None:
        """One side has gone; the other goes once it has what was sent to it."""
        self._left.discard(end)
        for other in self._left:
            other.transport.close()
        if not self._left and not self._over.done():
            self._over.set_result(None)

    def abort(self) -> None:
        """Lets both go with whatever waits."""
        for end in tuple(self._left):
            end.transport.abort()

    async def join(self, guest: socket.socket, to: Address) -> None:
        """Connects both and returns when both have gone; raises OSError when signaling cannot be reached."""
        near, far = _End(self), _End(self)
        near.other, far.other = far, near
        said = written(Guest(guest.getpeername()[:2], guest.getsockname()[:2]))
        async with asyncio.timeout(CONNECT_S):
            await self._loop.create_connection(lambda: far, *to)
        self._left.add(far)
        far.transport.write(said)
        await self._loop.connect_accepted_socket(lambda: near, guest)
        self._left.add(near)
        for end in (near, far):
            end.transport.resume_reading()
        await self._over


class Front:
    """All guests of a node."""

    def __init__(self, forwarder: Forwarder, to: Address) -> None:
        self._forwarder, self._to = forwarder, to
        self._guests: dict[asyncio.Task[None], _Passage] = {}
        self._of_one: Counter[str] = Counter()
        self.refused = 0
        """Guests that were one too many, or whom signaling did not take."""

    @property
    def guests(self) -> int:
        """How many there are."""
        return len(self._guests)

    async def run(self) -> None:
        """Takes guests over until cancelled or the forwarder is closed."""
        looking = asyncio.create_task(self._let_the_silent_go())
        try:
            async for guests in self._forwarder.guests():
                for guest in guests:
                    self._take(guest)
        finally:
            looking.cancel()
            for passage in self._guests.values():
                passage.abort()
            for task in self._guests:
                task.cancel()

    def _take(self, guest: socket.socket) -> None:
        host = _host(guest)
        if host is None or len(self._guests) >= MOST_GUESTS or self._of_one[host] >= MOST_OF_ONE:
            self.refused += 1
            guest.close()
            return
        passage = _Passage()
        task = asyncio.create_task(self._serve(passage, guest))
        self._guests[task] = passage
        self._of_one[host] += 1
        task.add_done_callback(lambda task: self._forget(task, host))

    async def _serve(self, passage: _Passage, guest: socket.socket) -> None:
        with guest:
            try:
                await passage.join(guest, self._to)
            except OSError as error:
                self.refused += 1
                log.warning("guest_refused", cause=str(error) or type(error).__name__)
            finally:
                passage.abort()

    def _forget(self, task: asyncio.Task[None], host: str) -> None:
        del self._guests[task]
        self._of_one -= Counter([host])

    async def _let_the_silent_go(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            now_s = asyncio.get_running_loop().time()
            for passage in tuple(self._guests.values()):
                if now_s - passage.heard_s >= IDLE_S:
                    passage.abort()


def _host(guest: socket.socket) -> str | None:
    """Whose it is; nobody's, if it has gone already."""
    with suppress(OSError):
        return str(guest.getpeername()[0])
    return None
