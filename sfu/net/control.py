"""The control WebSocket: signaling says what should be, the node says what is."""

import asyncio
import secrets
from collections.abc import Callable

import structlog
from aiohttp import WSMsgType, web

from sfu.core import publishing, reconcile, subscribing
from sfu.core.chance import BYTES_PER_CONNECTION, Chance
from sfu.core.decision import Decision
from sfu.core.tables import Node, Refusal
from sfu.net.line import Line, read_address, refusal, short
from sfu.net.settings import NodeSettings
from sfu.net.station import Station
from sfu.net.tokens import TokenError, TokenReader, same_secret
from signaling.messages import node as say
from signaling.messages.ids import BootId, LessonId
from signaling.messages.wire import TO_NODE, WireError

log = structlog.get_logger("sfu.control")

NAMING_S = 5.0
"""PROTOCOL.md: lessons that signaling has not named by then are closed."""
HELLO_PATIENCE_S = 3.0
HEARTBEAT_S = 5.0
LARGEST_MESSAGE = 1024 * 1024
WRONG_FIRST, REPLACED, GOING = 4000, 4003, 4010

Request = say.OfferPublish | say.OpenSubscriber | say.AnswerSubscribe


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
            await self._serve(socket, Line(socket, lambda: _abort(request)))
        return socket

    async def close(self) -> None:
        """Says goodbye; signaling will look for the node again."""
        if self._line is not None:
            await self._line.close(GOING, "restarting")

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
            await socket.close(code=WRONG_FIRST, message=short(str(error)))
            return False
        return True

    async def _serve(self, socket: web.WebSocketResponse, line: Line) -> None:
        before, self._line = self._line, None
        # While no line is there, what the station learns goes into the inventory only: the hello comes first.
        self._say_hello(line)
        self._line = line
        sender = asyncio.create_task(line.run())
        try:
            if before is not None:
                await before.close(REPLACED, "replaced")
            await self._listen(socket, line)
        finally:
            sender.cancel()
            if self._line is line:
                self._line = None
                self._stop_naming()
                log.warning("signaling_gone", close_code=socket.close_code)

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

    async def _listen(self, socket: web.WebSocketResponse, line: Line) -> None:
        async for message in socket:
            if self._line is not line:
                return
            if message.type is WSMsgType.TEXT:
                self._hear(line, message.data)
            else:
                line.send(refusal(None, None, "wrong_message", "Messages are text, not bytes."))

    def _hear(self, line: Line, text: str) -> None:
        """One wrong message, or one lesson that cannot be as desired, must not end the line for all others."""
        try:
            message = TO_NODE.decode(text)
        except WireError as error:
            log.error("control_wrong_message", error=str(error))
            request, lesson = read_address(text)
            self._note_named(lesson)
            line.send(refusal(request, lesson, "wrong_message", str(error)))
            return
        try:
            self._do(line, message)
        except Refusal as refused:
            log.error("order_not_done", order=message.type, code=refused.code, sentence=refused.sentence)
            line.send(refusal(None, _lesson_of(message), refused.code, refused.sentence))
        except Exception:
            log.exception("order_broke", order=message.type)
            request = message.request if isinstance(message, Request) else None
            line.send(refusal(request, _lesson_of(message), "node_failed", "The media server failed at this."))

    def _do(self, line: Line, message: say.SignalingMessage) -> None:
        if isinstance(message, Request):
            self._answer(line, message)
            return
        if isinstance(message, say.Desired):
            self._note_named(message.lesson.lesson)
        self._obey(message)

    def _note_named(self, lesson: LessonId | None) -> None:
        """A lesson that is named wrongly is not forgotten: it stays as it was."""
        if lesson is not None:
            self._station.do(lambda node: reconcile.name(node, lesson))

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


def _lesson_of(message: say.SignalingMessage) -> LessonId | None:
    if isinstance(message, say.Desired):
        return message.lesson.lesson
    return None if isinstance(message, say.Drain | say.SignalingHello) else message.lesson


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


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
