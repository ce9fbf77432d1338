"""The door behind the node's front: each connection first says whom it comes from, then TLS begins as at any door."""

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Final

import structlog
from aiohttp import web

from signaling.messages.proxy import PREFIX, Address, Guest, ProxyError, length_behind, read

log = structlog.get_logger("signaling.front")

BACKLOG: Final = 128
PATIENCE_S: Final = 5.0
"""The front says at once whom it brings."""
HANDSHAKE_S: Final = 10.0
"""Many round trips of a satellite."""
MOST_ENTERING: Final = 256
PAUSE_S: Final = 1.0
"""Without descriptors the next connections wait in the kernel."""


class Brought(socket.socket):
    """A connection whose other end is the guest's, for whoever asks: limits and logs see no proxy."""

    def __init__(self, connection: socket.socket, guest: Guest) -> None:
        super().__init__(fileno=connection.detach())
        self.setblocking(False)
        self._guest = guest

    def getpeername(self) -> Address:
        return self._guest.remote


class FrontDoor:
    """Takes in what the front of this machine brings, for the one server."""

    def __init__(self, address: Address, server: web.Server, certificate: ssl.SSLContext) -> None:
        self._server, self._certificate = server, certificate
        self._entering: set[asyncio.Task[None]] = set()
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._listener = socket.create_server(address, family=family, backlog=BACKLOG)
        self._listener.setblocking(False)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    async def run(self) -> None:
        """Takes connections in until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    connection, _ = await loop.sock_accept(self._listener)
                except OSError as error:
                    log.warning("front_waits", cause=str(error))
                    await asyncio.sleep(PAUSE_S)
                    continue
                self._let_in(connection)
        finally:
            self._listener.close()
            for task in self._entering:
                task.cancel()

    def _let_in(self, connection: socket.socket) -> None:
        if len(self._entering) >= MOST_ENTERING:
            connection.close()
            return
        task = asyncio.create_task(self._enter(connection))
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)

    async def _enter(self, connection: socket.socket) -> None:
        with connection:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    guest = await _told(connection)
            except (ProxyError, OSError) as error:
                log.warning("front_refused", cause=str(error) or type(error).__name__)
                return
            brought = Brought(connection, guest)
        # Who breaks the handshake off has gone; the transport is closed then.
        with suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(
                self._server, brought, ssl=self._certificate, ssl_handshake_timeout=HANDSHAKE_S
            )


async def _told(connection: socket.socket) -> Guest:
    prefix = await _exactly(connection, PREFIX.size)
    return read(prefix, await _exactly(connection, length_behind(prefix)))


async def _exactly(connection: socket.socket, length: int) -> bytes:
    """Not one byte more: what follows is TLS's."""
    loop, got = asyncio.get_running_loop(), b""
    while len(got) < length:
        more = await loop.sock_recv(connection, length - len(got))
        if not more:
            raise ProxyError("it ended before it said whom it brings")
        got += more
    return got
