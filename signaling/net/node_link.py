"""Dials the node, tells it what should be, hears what is, and dials again when the line is lost."""

import asyncio
import random
import ssl
from dataclasses import replace
from itertools import count
from typing import Final, Protocol

import aiohttp
import structlog

from signaling.core.outcome import Ask
from signaling.messages import node
from signaling.messages.ids import Connection, LessonId, SeatId
from signaling.messages.wire import FROM_NODE, TO_NODE, WireError
from signaling.net.metrics import Metrics
from signaling.net.outgoing import Outgoing
from signaling.net.tokens import same_secret

log = structlog.get_logger("signaling.node")

FIRST_DELAY_S: Final = 0.1
LONGEST_DELAY_S: Final = 1.5
"""A restarted node must be found within the 5 s that a lesson may be away."""
HELLO_PATIENCE_S: Final = 3.0
ANSWER_PATIENCE_S: Final = 5.0
HEARTBEAT_S: Final = 5.0
DIAL_PATIENCE_S: Final = 3.0
"""A host that swallows packets must not keep us from trying again."""
LARGEST_MESSAGE: Final = 16 * 1024 * 1024
"""An inventory names every connection of a node."""
MOST_UNSENT: Final = 16 * 1024 * 1024
"""After a hello all lessons are named at once; a node that does not read them is dialled anew."""

Told = node.PeerChanged | node.PeerGone | node.NodeLevels
Answer = node.AnswerPublish | node.OfferSubscribe | node.Accepted | node.RequestRefused


class Listener(Protocol):
    """Who hears what the node says."""

    def node_up(self) -> None:
        """The node has said hello, and its inventory is there."""

    def node_down(self) -> None:
        """The line is gone."""

    def node_says(self, lesson: LessonId, message: Told) -> None:
        """Something of a lesson has changed."""


class Unfit(Exception):
    """What answered is not our node."""


class NodeLink:
    """One line to one node."""

    def __init__(
        self,
        url: str,
        *,
        signaling_token: str,
        node_token: str,
        token_keys: str,
        listener: Listener,
        metrics: Metrics,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._url = url.rstrip("/") + "/control"
        self._signaling_token, self._node_token = signaling_token, node_token
        self._hello = node.SignalingHello(node.VERSIONS, token_keys)
        self._listener = listener
        self._metrics = metrics
        self._trust = trust
        self._outgoing: Outgoing | None = None
        self._peers: dict[tuple[LessonId, SeatId, Connection], node.PeerState] = {}
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._numbers = count(1)
        self._generation = 0
        self._attempt = 0
        self.boot = ""
        self.up = False

    async def run(self) -> None:
        """Dials for ever, with growing delays."""
        async with aiohttp.ClientSession() as http:
            while True:
                try:
                    await self._dial(http)
                except (aiohttp.ClientError, OSError, TimeoutError, Unfit, WireError) as error:
                    if self._attempt in (0, 10) or self._attempt % 100 == 99:
                        log.warning("node_not_reached", url=self._url, error=str(error) or type(error).__name__)
                except Exception:
                    log.exception("node_line_broken", url=self._url)
                self._attempt += 1
                await asyncio.sleep(delay_s(self._attempt, random.random()))

    def inventory(self, lesson: str) -> tuple[node.PeerState, ...]:
        """What the node holds of a lesson."""
        return tuple(peer for peer in self._peers.values() if peer.lesson == lesson)

    def desire(self, lesson: node.DesiredLesson) -> None:
        """Sends what should be, with the next generation."""
        self._generation += 1
        self._send(node.Desired(self._generation, lesson))

    def close_peer(self, order: node.ClosePeer) -> None:
        """Has a connection closed."""
        self._send(order)

    async def request(self, ask: Ask) -> Answer | None:
        """Asks, and waits; None when the node goes away meanwhile."""
        if not self.up:
            return None
        number = next(self._numbers)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self._send(replace(ask.request, request=number))
        try:
            return await asyncio.wait_for(answer, ANSWER_PATIENCE_S)
        except TimeoutError:
            return node.RequestRefused(number, "no_answer", "The media server did not answer in time; try again.")
        finally:
            self._answers.pop(number, None)

    async def _dial(self, http: aiohttp.ClientSession) -> None:
        headers = {"Authorization": f"Bearer {self._signaling_token}"}
        async with asyncio.timeout(DIAL_PATIENCE_S):
            dialled = await http.ws_connect(
                self._url,
                headers=headers,
                heartbeat=HEARTBEAT_S,
                max_msg_size=LARGEST_MESSAGE,
                ssl=self._trust if self._trust is not None else True,
                timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
            )
        async with dialled as socket:
            await socket.send_str(TO_NODE.encode(self._hello))
            hello = await self._hear_hello(socket)
            self._outgoing = Outgoing(socket.send_str, lambda: 0, MOST_UNSENT)
            tasks = [asyncio.create_task(self._outgoing.run()), asyncio.create_task(self._talk(hello, socket))]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                self._depart()

    async def _talk(self, hello: node.NodeHello, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._arrive(hello)
        await self._listen(socket)

    async def _hear_hello(self, socket: aiohttp.ClientWebSocketResponse) -> node.NodeHello:
        message = await socket.receive(HELLO_PATIENCE_S)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise Unfit(f"the node hung up before its hello (close code {socket.close_code})")
        hello = FROM_NODE.decode(message.data)
        if not isinstance(hello, node.NodeHello):
            raise Unfit(f"the node began with {hello.type}")
        if not same_secret(hello.token, self._node_token):
            raise Unfit("the node showed a wrong token: node_token differs between its configuration and ours")
        if hello.version not in node.VERSIONS:
            raise Unfit(f"the node speaks version {hello.version}")
        return hello

    def _arrive(self, hello: node.NodeHello) -> None:
        again = hello.boot == self.boot
        self.boot, self._attempt = hello.boot, 0
        self._generation = max(self._generation, hello.generation)
        self._peers = {(peer.lesson, peer.seat, peer.connection): peer for peer in hello.peers}
        self.up = True
        self._metrics.node_up.set(1)
        log.info("node_up", node=hello.node, boot=hello.boot, same_boot=again, peers=len(hello.peers))
        self._listener.node_up()

    def _depart(self) -> None:
        self._outgoing = None
        self.up = False
        self._metrics.node_up.set(0)
        for number, answer in self._answers.items():
            if not answer.done():
                answer.set_result(node.RequestRefused(number, "no_node", "The media server went away; try again."))
        log.warning("node_down", boot=self.boot)
        self._listener.node_down()

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise Unfit("the node sent something that is no text")
            self._hear(FROM_NODE.decode(message.data))

    def _hear(self, message: node.NodeMessage) -> None:
        if isinstance(message, node.Applied):
            self._metrics.generation.set(message.generation)
        elif isinstance(message, node.NodeHello):
            raise Unfit("the node said hello twice")
        elif isinstance(message, node.PeerChanged):
            peer = message.peer
            self._peers[(peer.lesson, peer.seat, peer.connection)] = peer
            self._listener.node_says(peer.lesson, message)
        elif isinstance(message, node.PeerGone):
            self._forget(message)
            self._listener.node_says(message.lesson, message)
        elif isinstance(message, node.NodeLevels):
            self._listener.node_says(message.lesson, message)
        elif isinstance(message, node.MessageRefused):
            log.error("node_refused", lesson=message.lesson, code=message.code, sentence=message.sentence)
        else:
            answer = self._answers.get(message.request)
            if answer is not None and not answer.done():
                answer.set_result(message)

    def _forget(self, gone: node.PeerGone) -> None:
        key = (gone.lesson, gone.seat, gone.connection)
        held = self._peers.get(key)
        if held is not None and held.session == gone.session:
            del self._peers[key]

    def _send(self, message: node.SignalingMessage) -> None:
        """Queues a message; a node that reads too slowly is dialled anew and told everything again."""
        if self._outgoing is not None and not self._outgoing.put(TO_NODE.encode(message)):
            log.error("node_too_slow", unsent=self._outgoing.unsent_bytes)
            self._outgoing.drop()


def delay_s(attempt: int, chance: float) -> float:
    """How long to wait before the next attempt: doubling, bounded, and spread so that many do not come at once."""
    longest = min(LONGEST_DELAY_S, FIRST_DELAY_S * float(2 ** min(attempt - 1, 10)))
    return longest * (0.5 + chance / 2)
