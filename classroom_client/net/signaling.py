"""The way to signaling: a code for a token, a WebSocket for messages, and words for what stands in between."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args, get_type_hints

import aiohttp

from classroom_client.core import diagnosis
from classroom_client.core.diagnosis import Trouble
from classroom_client.net.settings import trust
from signaling.messages.client import ClientMessage, ServerMessage
from signaling.messages.wire import FROM_CLIENT, TO_CLIENT, WireError

PATIENCE_S = 8.0
KNOWN = frozenset(get_args(get_type_hints(kind)["type"])[0] for kind in get_args(ServerMessage))
"""Types of messages that this client understands."""
LARGEST_MESSAGE = 4 * 1024 * 1024
"""A snapshot of the largest lesson is a tenth of this."""


class Unreached(Exception):
    """Signaling could not be asked."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.sentence)
        self.trouble = trouble


class Line:
    """An open WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def say(self, message: ClientMessage) -> None:
        """Sends one message; raises Unreached."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._socket.send_str(FROM_CLIENT.encode(message))
        except (TimeoutError, ConnectionError, aiohttp.ClientError):
            raise Unreached(diagnosis.connection_lost()) from None

    async def messages(self) -> AsyncIterator[ServerMessage]:
        """All that the server says, until the line ends; raises Unreached with the reason."""
        async for frame in self._socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                if (message := _understood(frame.data)) is not None:
                    yield message
        raise Unreached(diagnosis.from_close_code(self._socket.close_code))

    async def close(self) -> None:
        await self._socket.close()


class Signaling:
    """One server."""

    def __init__(self, server: str, ca: Path | None) -> None:
        self._server = server
        self._context = trust(ca)
        self._http = aiohttp.ClientSession()

    async def exchange(self, code: str) -> str:
        """The bearer token for a one-time code; raises Unreached."""
        body = {"code": code, "bearer": True}
        async with _in_words(self._server):
            async with asyncio.timeout(PATIENCE_S):
                async with self._http.post(f"{self._server}/api/session", json=body, ssl=self._context) as answer:
                    said = await _json(answer)
        if answer.status != 200 or not isinstance(said.get("token"), str):
            raise Unreached(_refused(answer.status, said))
        return str(said["token"])

    async def dial(self, token: str) -> Line:
        """A WebSocket for the seat that the token opens; raises Unreached."""
        async with _in_words(self._server):
            async with asyncio.timeout(PATIENCE_S):
                socket = await self._http.ws_connect(
                    f"{self._server}/ws",
                    headers={"Authorization": f"Bearer {token}"},
                    ssl=self._context,
                    heartbeat=10.0,
                    max_msg_size=LARGEST_MESSAGE,
                )
        return Line(socket)

    async def close(self) -> None:
        await self._http.close()


def _understood(text: str) -> ServerMessage | None:
    """One message; raises Unreached. What a newer server may say besides is nothing to us."""
    try:
        return TO_CLIENT.decode(text)
    except WireError as error:
        if _type_of(text) not in KNOWN:
            return None
        words = f"the server says what this client does not understand: {error}"
        raise Unreached(Trouble("strange_message", words, retry=True)) from None


def _type_of(text: str) -> object:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return "bye"
    return found.get("type") if isinstance(found, dict) else "bye"


async def _json(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        said = await answer.json(content_type=None)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _refused(status: int, said: dict[str, Any]) -> Trouble:
    return diagnosis.from_status(status, str(said.get("code", "")), str(said.get("sentence", "")))


@asynccontextmanager
async def _in_words(server: str) -> AsyncIterator[None]:
    """Turns what aiohttp raises into one line."""
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise Unreached(diagnosis.untrusted_certificate(_certificate_reason(error.certificate_error))) from None
    except aiohttp.WSServerHandshakeError as error:
        code = "not_authenticated" if error.status == 401 else ""
        raise Unreached(diagnosis.from_status(error.status, code, error.message)) from None
    except TimeoutError:
        raise Unreached(diagnosis.unreachable_server(server, "no answer")) from None
    except aiohttp.ClientConnectorError as error:
        raise Unreached(diagnosis.unreachable_server(server, error.strerror or str(error.os_error))) from None
    except (aiohttp.ClientError, ConnectionError) as error:
        raise Unreached(diagnosis.unreachable_server(server, str(error) or type(error).__name__)) from None


def _certificate_reason(error: Exception) -> str:
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)
