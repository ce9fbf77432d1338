"""The client's WebSocket: from bytes to messages and back; what they mean is the lesson's."""

import asyncio
import json
from contextlib import suppress
from typing import Final

import structlog
from aiohttp import WSMsgType, web

from signaling.core.arrivals import TurnedAway
from signaling.core.claims import SessionClaims
from signaling.core.conversation import LONGEST_ID
from signaling.core.outcome import CLOSE_ENDED, CLOSE_NOT_AUTHENTICATED, CLOSE_RESTARTING, CLOSE_SLOW, CLOSE_WRONG_HELLO
from signaling.core.refusal import Refusal
from signaling.messages.client import Bye, Hello
from signaling.messages.ids import SessionId
from signaling.messages.wire import FROM_CLIENT, TO_CLIENT, WireError
from signaling.net.callers import Doorkeeper
from signaling.net.clock import instant
from signaling.net.lessons import Lessons
from signaling.net.live import LiveLesson, Restarting
from signaling.net.metrics import Metrics
from signaling.net.outgoing import Outgoing
from signaling.net.relays import ice_servers
from signaling.net.settings import SignalingSettings

log = structlog.get_logger("signaling.ws")

LARGEST_MESSAGE: Final = 256 * 1024
LARGEST_FRAME: Final = 4 * LARGEST_MESSAGE
"""Up to here a message is refused in words; beyond it the line is cut (RFC 6455 code 1009)."""
HELLO_PATIENCE_S: Final = 5.0
HEARTBEAT_S: Final = 10.0
FAREWELL_S: Final = 2.0
"""How long a line may take to send its last words."""


class ClientLine:
    """One WebSocket on its way out."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, metrics: Metrics, token: str = "") -> None:
        self.token = token
        self._transport = request.transport
        self._socket = socket
        self._metrics = metrics
        self._outgoing = Outgoing(socket.send_str, self._buffered)
        self._writer = asyncio.create_task(self._write())
        self._ending: asyncio.Task[None] | None = None
        self.close_code: int | None = None
        """Why we hung up; None while we have not."""

    def send(self, text: str) -> None:
        """Queues a message; whoever lets 1 MiB pile up is hung up on, and may resume."""
        if self._ending is None and not self._outgoing.put(text):
            self._outgoing.drop()
            self.hang_up(None, CLOSE_SLOW)

    def hang_up(self, bye: str | None, close_code: int) -> None:
        """Closes the line after what is queued and a last word."""
        if self._ending is None:
            if bye is not None:
                self._outgoing.put(bye)
            self._outgoing.finish()
            self.close_code = close_code
            self._metrics.closed.labels(str(close_code)).inc()
            self._ending = asyncio.create_task(self._end(close_code))

    async def ended(self) -> None:
        """Waits until the line is closed, for a bounded time."""
        if self._ending is None:
            self._outgoing.drop()
        for task in (self._ending, self._writer):
            if task is not None:
                with suppress(asyncio.CancelledError, TimeoutError):
                    await asyncio.wait_for(task, 2 * FAREWELL_S)

    async def _write(self) -> None:
        with suppress(ConnectionError, RuntimeError):
            await self._outgoing.run()

    async def _end(self, close_code: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._writer
                await self._socket.close(code=close_code)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.abort()

    def _buffered(self) -> int:
        return 0 if self._transport is None else self._transport.get_write_buffer_size()


class ClientSockets:
    """Answers `/ws`."""

    def __init__(self, settings: SignalingSettings, doorkeeper: Doorkeeper, lessons: Lessons, metrics: Metrics) -> None:
        self._settings = settings
        self._doorkeeper = doorkeeper
        self._lessons = lessons
        self._metrics = metrics

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One WebSocket from its opening to its end."""
        caller = self._doorkeeper.caller(request)
        if caller.by_cookie and not self._doorkeeper.own_origin(request, must_say=True):
            log.info("turned_away", code="foreign_origin", address=self._doorkeeper.address(request))
            return web.json_response({"code": "foreign_origin", "sentence": "This is no page of ours."}, status=403)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=LARGEST_FRAME, compress=False, timeout=1.0)
        await socket.prepare(request)
        token = "" if caller.claims is None else caller.claims.token
        line = ClientLine(request, socket, self._metrics, token)
        self._metrics.websockets.inc()
        try:
            if caller.claims is None:
                sentence = "This seat is not known here, or no longer; ask for a new link."
                _turn_away(line, Bye("not_authenticated", sentence, retry=False), CLOSE_NOT_AUTHENTICATED, None)
            else:
                live = await self._lessons.live(caller.claims.lesson)
                await self._talk(live, caller.claims, socket, line)
        finally:
            self._metrics.websockets.dec()
            await line.ended()
        return socket

    async def _talk(
        self, live: LiveLesson | None, claims: SessionClaims, socket: web.WebSocketResponse, line: ClientLine
    ) -> None:
        seat = claims.seat
        try:
            hello = await _hello(socket)
            if live is None or seat not in live.lesson.seats:
                raise TurnedAway(Bye("ended", "The lesson has ended.", retry=False), CLOSE_ENDED)
            servers = ice_servers(self._settings, seat, instant().wall_ms / 1000)
            session = await live.attach(seat, hello, line, servers)
        except TurnedAway as away:
            _turn_away(line, away.bye, away.close_code, claims)
            return
        except Restarting:
            _turn_away(line, Bye("restarting", "The lesson is being restored."), CLOSE_RESTARTING, claims)
            return
        log.info("client_came", lesson=live.lesson.id, seat=seat, client=hello.client[:80], resume=bool(hello.resume))
        try:
            with suppress(Restarting):
                await self._listen(live, session, socket, line)
        finally:
            with suppress(Restarting):
                await live.detach(session, line)
            log.info("client_went", lesson=live.lesson.id, seat=seat, close_code=line.close_code or socket.close_code)

    async def _listen(
        self, live: LiveLesson, session: SessionId, socket: web.WebSocketResponse, line: ClientLine
    ) -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT and len(message.data.encode()) <= LARGEST_MESSAGE:
                await self._receive(live, session, line, message.data)
            elif message.type is WSMsgType.TEXT:
                self._metrics.received.labels("too_large").inc()
                refusal = Refusal("too_large", "A message has at most 256 KiB.")
                await live.refuse(session, line, None, refusal)
            elif message.type is WSMsgType.BINARY:
                self._metrics.received.labels("wrong").inc()
                await live.refuse(session, line, None, Refusal("wrong_message", "Messages are text."))

    async def _receive(self, live: LiveLesson, session: SessionId, line: ClientLine, text: str) -> None:
        try:
            said = FROM_CLIENT.decode(text)
        except WireError as error:
            self._metrics.received.labels("wrong").inc()
            await live.refuse(session, line, _id_in(text), Refusal("wrong_message", str(error)))
        else:
            self._metrics.received.labels(said.type).inc()
            await live.receive(session, line, said)


def _turn_away(line: ClientLine, bye: Bye, close_code: int, claims: SessionClaims | None) -> None:
    whose = {} if claims is None else {"lesson": claims.lesson, "seat": claims.seat}
    log.info("turned_away", code=bye.code, close_code=close_code, **whose)
    line.hang_up(TO_CLIENT.encode(bye), close_code)


async def _hello(socket: web.WebSocketResponse) -> Hello:
    """Waits for the first message; raises TurnedAway."""
    sentence = f"The first message is hello, within {HELLO_PATIENCE_S:.0f} s."
    try:
        message = await socket.receive(HELLO_PATIENCE_S)
        if message.type is WSMsgType.TEXT and len(message.data.encode()) > LARGEST_MESSAGE:
            raise WireError("A message has at most 256 KiB.")
        said = FROM_CLIENT.decode(message.data) if message.type is WSMsgType.TEXT else None
    except (TimeoutError, WireError) as error:
        said, sentence = None, f"{sentence} {error}".strip()
    if not isinstance(said, Hello):
        raise TurnedAway(Bye("wrong_message", sentence, retry=False), CLOSE_WRONG_HELLO)
    return said


def _id_in(text: str) -> str | None:
    """The id of what is otherwise no message, so that whoever sent it knows which one it was."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    message_id = found.get("id") if isinstance(found, dict) else None
    if not isinstance(message_id, str) or not 1 <= len(message_id) <= LONGEST_ID:
        return None
    # JSON can write half of a surrogate pair, which no answer could carry.
    return message_id if message_id.isprintable() else None
