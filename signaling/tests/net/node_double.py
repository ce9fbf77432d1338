"""A node without media: the real WebSocket server of PROTOCOL.md, that accepts every offer and tells of it."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Self

from aiohttp import WSMsgType, web

from signaling.messages import node
from signaling.messages.ids import BootId, Connection, LessonId, Mid, SeatId, SessionId, kind_of, track_id
from signaling.messages.wire import FROM_NODE, TO_NODE

Key = tuple[LessonId, SeatId, Connection]
_BOOTS = count(1)


class NodeDouble:
    """Holds peers as a node does; `restart` loses them, `break_line` does not."""

    def __init__(self, signaling_token: str, node_token: str) -> None:
        self._signaling_token = signaling_token
        self.node_token = node_token
        self.boot = BootId(f"boot-{next(_BOOTS)}")
        self.generation = 0
        self.peers: dict[Key, node.PeerState] = {}
        self.desired: dict[LessonId, node.DesiredLesson] = {}
        self.offers: dict[tuple[LessonId, SeatId, SessionId | None], tuple[int, tuple[node.SlotPlace, ...]]] = {}
        self.said: list[node.SignalingMessage] = []
        self.dialled = 0
        self.silent = False
        """It hears requests and does not answer."""
        self.codecs: tuple[str, ...] = ("h264", "vp8", "opus")
        self.port = 0
        self._number = 0
        self.tls: ssl.SSLContext | None = None
        self._news = asyncio.Condition()
        self._socket: web.WebSocketResponse | None = None
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Where signaling finds it."""
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listens, on the same port as before."""
        app = web.Application()
        app.router.add_get("/control", self._control)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self.tls).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Hangs up and listens no more."""
        await self.break_line()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def restart(self) -> None:
        """A new process: nothing is left."""
        await self.stop()
        self.boot = BootId(f"boot-{next(_BOOTS)}")
        self.generation, self.peers, self.desired, self.offers = 0, {}, {}, {}
        await self.start()

    async def break_line(self) -> None:
        """Only the WebSocket is lost."""
        if self._socket is not None:
            await self._socket.close()

    async def tell(self, message: node.NodeMessage) -> None:
        """Says something of its own accord."""
        assert self._socket is not None
        await self._socket.send_str(FROM_NODE.encode(message))

    async def change(self, peer: node.PeerState) -> None:
        """A peer is so now."""
        self.peers[(peer.lesson, peer.seat, peer.connection)] = peer
        await self.tell(node.PeerChanged(peer))

    async def until(self, what: Callable[[], bool]) -> None:
        """Waits until this is true of what was heard."""
        async with asyncio.timeout(30), self._news:
            await self._news.wait_for(what)

    async def _control(self, request: web.Request) -> web.StreamResponse:
        self.dialled += 1
        if request.headers.get("Authorization") != f"Bearer {self._signaling_token}":
            return web.Response(status=401)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = TO_NODE.decode((await socket.receive(5)).data)
        assert isinstance(hello, node.SignalingHello)
        self._socket = socket
        peers = tuple(self.peers.values())
        await self.tell(node.NodeHello(1, "double", self.boot, self.node_token, self.generation, peers))
        await self._note(hello)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._hear(TO_NODE.decode(message.data))
        return socket

    async def _note(self, message: node.SignalingMessage) -> None:
        async with self._news:
            self.said.append(message)
            self._news.notify_all()

    async def _hear(self, message: node.SignalingMessage) -> None:
        if isinstance(message, node.Desired):
            self.generation = message.generation
            self.desired[message.lesson.lesson] = message.lesson
            await self.tell(node.Applied(message.generation, message.lesson.lesson))
        elif isinstance(message, node.ClosePeer):
            gone = self.peers.pop((message.lesson, message.seat, message.connection), None)
            if gone is not None:
                reason, session = "closed_by_signaling", gone.session
                await self.tell(node.PeerGone(message.lesson, message.seat, message.connection, reason, session))
        elif not self.silent:
            await self._answer(message)
        await self._note(message)

    async def _answer(self, message: node.SignalingMessage) -> None:
        if isinstance(message, node.OfferPublish):
            tracks = tuple(_track(message.seat, section) for section in message.sources)
            peer = node.PeerState(
                message.lesson, message.seat, "publish", "control", True, tracks, session=message.session
            )
            await self.change(peer)
            await self.tell(node.AnswerPublish(message.request, f"answer to {message.sdp}"))
        elif isinstance(message, node.OpenSubscriber):
            slots = tuple(node.SlotPlace(Mid(f"v{i}"), "video") for i in range(message.video_slots))
            slots += tuple(node.SlotPlace(Mid(f"a{i}"), "audio") for i in range(message.audio_slots))
            self._number += 1
            self.offers[(message.lesson, message.seat, message.session)] = (self._number, slots)
            await self.tell(node.OfferSubscribe(message.request, self._number, "v=0 offer", slots))
        elif isinstance(message, node.AnswerSubscribe):
            number, slots = self.offers.get((message.lesson, message.seat, message.session), (0, ()))
            if number != message.number:
                sentence = f"offer {message.number} is not the newest one of this seat"
                await self.tell(node.RequestRefused(message.request, "old_number", sentence))
                return
            peer = node.PeerState(message.lesson, message.seat, "subscribe", "control", True, (), slots, self.codecs)
            await self.change(replace(peer, session=message.session))
            await self.tell(node.Accepted(message.request))


def _track(seat: SeatId, section: node.PublishedMid) -> node.TrackState:
    kind = kind_of(section.source)
    codec = section.copy or ("h264" if kind == "video" else "opus")
    return node.TrackState(
        track_id(seat, section.source, section.copy), section.source, kind, codec, True, section.copy
    )
