"""WebSockets to signaling: dialled with a bearer token, messages decoded, sent one after another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Generic, TypeVar

import aiohttp

from recorder.net.trust import trusting
from signaling.messages.wire import Wire, WireError

Said = TypeVar("Said")
Told = TypeVar("Told")

PATIENCE_S: Final = 8.0
LARGEST_MESSAGE: Final = 4 * 1024 * 1024


class LineLost(Exception):
    """The line has ended; `code` is its close code, or the HTTP status that refused it."""

    def __init__(self, code: int | None, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Line(Generic[Said, Told]):
    """An open WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, say: Wire[Said], hear: Wire[Told]) -> None:
        self._socket: Final = socket
        self._say: Final = say
        self._hear: Final = hear

    async def say(self, message: Said) -> None:
        """Sends one message; raises LineLost."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._socket.send_str(self._say.encode(message))
        except (TimeoutError, ConnectionError, aiohttp.ClientError) as error:
            raise LineLost(None, f"signaling takes nothing more: {error}") from None

    async def messages(self) -> AsyncIterator[Told]:
        """All that is said, until the line ends with LineLost."""
        async for frame in self._socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                try:
                    yield self._hear.decode(frame.data)
                except WireError as error:
                    raise LineLost(None, f"signaling says what this recorder does not know: {error}") from None
        raise LineLost(self._socket.close_code, f"signaling has hung up ({self._socket.close_code})")


class Signaling:
    """One server."""

    def __init__(self, url: str, certificate: str) -> None:
        self._url: Final = url
        self._trust: Final = trusting(url, certificate)
        self._http: Final = aiohttp.ClientSession()

    @asynccontextmanager
    async def dial(self, path: str, token: str, say: Wire[Said], hear: Wire[Told]) -> AsyncIterator[Line[Said, Told]]:
        """An open line; raises LineLost when there is none to be had."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                socket = await self._http.ws_connect(
                    f"{self._url}{path}",
                    headers={"Authorization": f"Bearer {token}"},
                    ssl=True if self._trust is None else self._trust,
                    heartbeat=5.0,
                    max_msg_size=LARGEST_MESSAGE,
                )
        except aiohttp.WSServerHandshakeError as error:
            raise LineLost(error.status, f"signaling refuses {path}: {error.status} {error.message}") from None
        except aiohttp.ClientConnectorError as error:
            why = error.strerror or str(error.os_error)
            raise LineLost(None, f"signaling cannot be reached at {self._url}: {why}") from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise LineLost(None, f"signaling cannot be reached: {str(error) or type(error).__name__}") from None
        try:
            yield Line(socket, say, hear)
        finally:
            await socket.close()

    async def close(self) -> None:
        await self._http.close()
