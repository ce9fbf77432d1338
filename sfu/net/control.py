"""The control WebSocket: signaling says what should be, the node says what is."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable

import structlog
from aiohttp import WSMsgType, web

from sfu.core import publishing, reconcile, subscribing
from sfu.core.chance import BYTES_PER_CONNECTION, Chance
from sfu.core.decision import Decision
from sfu.core.tables import Node, Refusal
from sfu.net.settings import NodeSettings
from sfu.net.station import Station
from sfu.net.tokens import TokenError, TokenReader, same_secret
from signaling.messages import node as say
from signaling.messages.ids import BootId
from signaling.messages.wire import FROM_NODE, TO_NODE, WireError

log = structlog.get_logger("sfu.control")

NAMING_S = 5.0
"""PROTOCOL.md: lessons that signaling has not named by then are closed."""
HELLO_PATIENCE_S = 3.0
HEARTBEAT_S = 5.0
LARGEST_MESSAGE = 1024 * 1024
MOST_UNSENT = 16 * 1024 * 1024
"""A signaling that reads so slowly is hung up on; it dials again and gets the inventory."""
WRONG_FIRST, REPLACED, SLOW, GOING = 4000, 4003, 4008, 4010

Request = say.OfferPublish | say.OpenSubscriber | say.AnswerSubscribe


class Line:
    """One signaling that has said hello."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self._waiting: deque[str] = deque()
        self._unsent = 0
        self._more = asyncio.Event()

    def send(self, message: say.NodeMessage) -> None:
        """Queues a message; too many end the line."""
        text = FROM_NODE.encode(message)
        self._waiting.append(text)
        self._unsent += len(text)
        self._more.set()

    async def run(self) -> None:
        """Sends what is queued until the line ends."""
        while not self.socket.closed:
            await self._more.wait()
            self._more.clear()
            if self._unsent > MOST_UNSENT:
                await self.socket.close(code=SLOW, message=b"slow reader")
            while self._waiting and not self.socket.closed:
                text = self._waiting.popleft()
                self._unsent -= len(text)
                await self.socket.send_str(text)


class Control:
    """Lets one signaling at a time speak."""

    def __init__(self, station: Station, settings: NodeSettings, tokens: TokenReader, boot: BootId) -> None:
        self._station = station
        self._settings = settings
        self._tokens = tokens
        self._boot = boot
        self._line: Line | None = None
        self._naming: asyncio.TimerHandle | None = None
        station.tell = self._tell

    @property
    def connected(self) -> bool:
        """Whether a signaling is there."""
        return self._line is not None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """`GET /control`."""
        shown = request.headers.get("Authorization", "")
        if not same_secret(shown, f"Bearer {self._settings.signaling_token}"):
            log.warning("control_refused", address=request.remote)
            return web.json_response(
                {"code": "not_authenticated", "sentence": "This is no token of our signaling."},
                status=401,
                headers={"WWW-Authenticate": "Bearer"},
            )
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=LARGEST_MESSAGE, timeout=1.0)
        await socket.prepare(request)
        if await self._heard_hello(socket):
            await self._serve(Line(socket))
        return socket

    async def close(self) -> None:
        """Says goodbye; signaling will look for the node again."""
        if self._line is not None:
            await self._line.socket.close(code=GOING, message=b"restarting")

    async def _heard_hello(self, socket: web.WebSocketResponse) -> bool:
        try:
            message = await socket.receive(HELLO_PATIENCE_S)
            hello = TO_NODE.decode(message.data) if message.type is WSMsgType.TEXT else None
            if not isinstance(hello, say.SignalingHello):
                raise WireError("the first message must be signaling_hello")
            if not set(hello.versions) & set(say.VERSIONS):
                raise WireError(f"this node speaks versions {say.VERSIONS}, not {hello.versions}")
            self._tokens.learn(hello.token_keys)
        except (TimeoutError, WireError, TokenError) as error:
            log.warning("control_hung_up", reason=str(error) or "no hello in time")
            await socket.close(code=WRONG_FIRST, message=str(error).encode()[:120])
            return False
        return True

    async def _serve(self, line: Line) -> None:
        before, self._line = self._line, None
        # While no line is there, what the station learns goes into the inventory only: the hello comes first.
        self._say_hello(line)
        self._line = line
        sender = asyncio.create_task(line.run())
        try:
            if before is not None:
                await before.socket.close(code=REPLACED, message=b"replaced")
            await self._listen(line)
        finally:
            sender.cancel()
            if self._line is line:
                self._line = None
                self._stop_naming()
                log.warning("signaling_gone", close_code=line.socket.close_code)

    def _say_hello(self, line: Line) -> None:
        self._station.do(reconcile.hello)
        node, settings = self._station.node, self._settings
        version = max(say.VERSIONS)
        inventory = node.inventory()
        line.send(say.NodeHello(version, settings.name, self._boot, settings.node_token, node.generation, inventory))
        self._stop_naming()
        self._naming = asyncio.get_running_loop().call_later(NAMING_S, self._close_unnamed)
        log.info("signaling_here", generation=node.generation, peers=len(inventory))

    def _stop_naming(self) -> None:
        if self._naming is not None:
            self._naming.cancel()
            self._naming = None

    def _close_unnamed(self) -> None:
        self._naming = None
        unnamed = self._station.node.lessons.keys() - self._station.node.named
        if unnamed:
            log.info("lessons_not_named", lessons=sorted(unnamed))
            self._station.do(reconcile.close_unnamed)

    async def _listen(self, line: Line) -> None:
        async for message in line.socket:
            if self._line is not line:
                return
            if message.type is not WSMsgType.TEXT:
                await line.socket.close(code=WRONG_FIRST, message=b"text only")
                return
            try:
                self._hear(line, TO_NODE.decode(message.data))
            except WireError as error:
                log.error("control_wrong_message", error=str(error))
                await line.socket.close(code=WRONG_FIRST, message=str(error).encode()[:120])
                return

    def _hear(self, line: Line, message: say.SignalingMessage) -> None:
        if isinstance(message, say.OfferPublish | say.OpenSubscriber | say.AnswerSubscribe):
            self._answer(line, message)
            return
        try:
            self._obey(message)
        except Refusal as refusal:
            log.error("order_not_done", order=message.type, code=refusal.code, sentence=refusal.sentence)

    def _obey(self, message: say.Desired | say.ClosePeer | say.Drain | say.SignalingHello) -> None:
        match message:
            case say.Desired():
                self._station.do(lambda node: reconcile.desired(node, message))
            case say.ClosePeer():
                self._station.do(lambda node: reconcile.close_peer(node, message))
            case say.Drain():
                self._station.do(reconcile.drain)
            case say.SignalingHello():
                raise Refusal("wrong_message", "signaling_hello came twice")

    def _answer(self, line: Line, message: Request) -> None:
        try:
            decision = self._station.do(_decision_on(message))
        except Refusal as refusal:
            log.info("request_refused", request=message.type, code=refusal.code, sentence=refusal.sentence)
            line.send(say.RequestRefused(message.request, refusal.code, refusal.sentence))
            return
        if isinstance(message, say.OfferPublish):
            line.send(say.AnswerPublish(message.request, decision.sdp))
        elif isinstance(message, say.AnswerSubscribe):
            line.send(say.Accepted(message.request))

    def _tell(self, message: say.NodeMessage) -> None:
        if self._line is not None:
            self._line.send(message)


def _decision_on(message: Request) -> Callable[[Node], Decision]:
    match message:
        case say.OfferPublish():
            return lambda node: publishing.offer_publish(node, message, fresh_chance())
        case say.OpenSubscriber():
            return lambda node: subscribing.open_subscriber(node, message, fresh_chance())
        case say.AnswerSubscribe():
            return lambda node: subscribing.answer_subscribe(node, message)


def fresh_chance() -> Chance:
    """Randomness for one connection."""
    return Chance(secrets.token_bytes(BYTES_PER_CONNECTION))
