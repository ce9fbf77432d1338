"""A real node in this process, a signaling to talk to it, and tokens for encoders and viewers."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey

from sfu.net.service import Service
from sfu.net.settings import NodeSettings
from signaling.messages import node as say
from signaling.messages.ids import LessonId, SeatId, Source
from signaling.messages.wire import FROM_NODE, TO_NODE

SIGNALING_TOKEN, NODE_TOKEN = "signaling-" + "s" * 16, "node-" + "n" * 16
PATIENCE_S = 10.0
SIGNING_KEY = ECKey.generate_key("P-256", parameters={"kid": "test", "alg": "ES256", "use": "sig"}, private=True)
TOKEN_KEYS = json.dumps({"keys": [SIGNING_KEY.as_dict(private=False)]})
T = TypeVar("T", bound=say.NodeMessage)
A = TypeVar("A", say.AnswerPublish, say.OfferSubscribe, say.Accepted)


def settings(*media: str) -> NodeSettings:
    """A node on any free loopback port."""
    return NodeSettings(
        listen="127.0.0.1:0",
        media=media or ("127.0.0.1:0",),
        signaling_token=SIGNALING_TOKEN,
        node_token=NODE_TOKEN,
    )


def media_token(
    lesson: str,
    seat: str,
    connection: str = "publish",
    sources: Sequence[Source] | None = (),
    other: Mapping[str, object] | None = None,
) -> str:
    """A token as signaling signs it."""
    claims: dict[str, Any] = {
        "iss": "signaling",
        "aud": "node",
        "lesson": lesson,
        "seat": seat,
        "connection": connection,
        **({} if sources is None else {"sources": list(sources)}),
        "exp": int(time.time()) + 24 * 3600,
    }
    return jwt.encode({"alg": "ES256", "kid": "test"}, {**claims, **(other or {})}, SIGNING_KEY, algorithms=["ES256"])


@dataclass
class Signaling:
    """The other end of /control."""

    socket: aiohttp.ClientWebSocketResponse
    hello: say.NodeHello
    arrived: asyncio.Queue[say.NodeMessage | None] = field(default_factory=asyncio.Queue)
    generation: int = 0
    request: int = 0

    def __post_init__(self) -> None:
        self.generation = self.hello.generation

    async def send(self, message: say.SignalingMessage) -> None:
        await self.socket.send_str(TO_NODE.encode(message))

    async def next(self) -> say.NodeMessage:
        async with asyncio.timeout(PATIENCE_S):
            message = await self.arrived.get()
        assert message is not None, f"the node hung up: {self.socket.close_code}"
        return message

    async def read(self) -> None:
        """Keeps reading, so that the node's pings are answered."""
        async for message in self.socket:
            self.arrived.put_nowait(FROM_NODE.decode(message.data))
        self.arrived.put_nowait(None)

    async def until(self, kind: type[T], fits: Callable[[T], bool] = lambda message: True) -> T:
        """Listens until such a message comes."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self.next()
                if isinstance(message, kind) and fits(message):
                    return message

    async def flowing(self, *tracks: str) -> None:
        """Listens until these tracks flow."""
        missing = set(tracks)
        while missing:
            told = await self.until(say.PeerChanged)
            missing -= {track.track for track in told.peer.tracks if track.flowing}

    async def desire(self, lesson: say.DesiredLesson) -> None:
        """Says what should be, and waits until it is."""
        self.generation += 1
        generation = self.generation
        await self.send(say.Desired(generation, lesson))
        await self.until(say.Applied, lambda applied: applied.generation == generation)

    async def publish(
        self, lesson: LessonId, seat: SeatId, sdp: str, sources: Sequence[say.PublishedMid]
    ) -> say.AnswerPublish | say.RequestRefused:
        self.request += 1
        await self.send(say.OfferPublish(self.request, lesson, seat, sdp, tuple(sources)))
        return await self._answer(say.AnswerPublish)

    async def open(
        self, lesson: LessonId, seat: SeatId, video: int, audio: int
    ) -> say.OfferSubscribe | say.RequestRefused:
        self.request += 1
        await self.send(say.OpenSubscriber(self.request, lesson, seat, video, audio))
        return await self._answer(say.OfferSubscribe)

    async def answer(self, lesson: LessonId, seat: SeatId, number: int, sdp: str) -> say.Accepted | say.RequestRefused:
        self.request += 1
        await self.send(say.AnswerSubscribe(self.request, lesson, seat, number, sdp))
        return await self._answer(say.Accepted)

    async def _answer(self, kind: type[A]) -> A | say.RequestRefused:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self.next()
                if isinstance(message, kind):
                    assert message.request == self.request
                    return message
                if isinstance(message, say.RequestRefused):
                    return message


@dataclass
class RunningNode:
    """A node and an HTTP client for it."""

    service: Service
    server: TestServer
    http: aiohttp.ClientSession

    def url(self, path: str) -> str:
        return str(self.server.make_url(path))

    async def dial(self, token: str = SIGNALING_TOKEN) -> aiohttp.ClientWebSocketResponse:
        return await self.http.ws_connect(self.url("/control"), headers={"Authorization": f"Bearer {token}"})

    @asynccontextmanager
    async def signaling(self) -> AsyncIterator[Signaling]:
        """Dials, says hello and hears it."""
        async with await self.dial() as socket:
            await socket.send_str(TO_NODE.encode(say.SignalingHello(say.VERSIONS, TOKEN_KEYS)))
            hello = FROM_NODE.decode(await socket.receive_str(timeout=PATIENCE_S))
            assert isinstance(hello, say.NodeHello)
            signaling = Signaling(socket, hello)
            reading = asyncio.create_task(signaling.read())
            try:
                yield signaling
            finally:
                reading.cancel()


@asynccontextmanager
async def running(of: NodeSettings | None = None, host: str = "127.0.0.1") -> AsyncIterator[RunningNode]:
    """A node with a real forwarder for the length of a test."""
    service = Service(of or settings())
    working = asyncio.create_task(service.work())
    server = TestServer(service.application(), host=host)
    try:
        await server.start_server()
        async with aiohttp.ClientSession() as http:
            yield RunningNode(service, server, http)
    finally:
        await server.close()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        service.close()
