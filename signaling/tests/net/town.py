"""A real signaling on loopback beside a node double, an operator, and clients that speak PROTOCOL.md."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from signaling.net.service import Service
from signaling.net.settings import SignalingSettings
from signaling.tests.net.node_double import NodeDouble

OPERATOR_KEY = "the-operators-key-of-this-test"
SIGNALING_TOKEN = "signaling-token-of-this-test"
NODE_TOKEN = "node-token-of-this-test-12345"
PATIENCE_S = 30.0


class Town:
    """Signaling, its node, and the people around it."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder = folder
        self.node = NodeDouble(SIGNALING_TOKEN, NODE_TOKEN)
        self._changes = changes
        self._port = 0
        self.service: Service | None = None

    async def __aenter__(self) -> Self:
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        await self.node.start()
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()
        await self.stop()
        await self.node.stop()

    @property
    def url(self) -> str:
        """Where signaling listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def running(self) -> Service:
        """The service, while it runs."""
        assert self.service is not None
        return self.service

    async def start(self) -> None:
        """Starts signaling, after a restart on the same port, and waits for its node."""
        self.service = Service(self.settings())
        await self.service.start()
        self._port = self.service.port

    async def stop(self) -> None:
        """Stops signaling."""
        if self.service is not None:
            service, self.service = self.service, None
            await service.stop()

    def settings(self) -> SignalingSettings:
        """What signaling is told."""
        told: dict[str, Any] = {
            "listen": f"127.0.0.1:{self._port}",
            "public_url": "http://classroom.test",
            "operator_key": OPERATOR_KEY,
            "store": self.folder / "signaling.sqlite",
            "signing_key": self.folder / "signing.pem",
            "node_url": self.node.url,
            "signaling_token": SIGNALING_TOKEN,
            "node_token": NODE_TOKEN,
            "pages": self.folder / "pages",
            "library_public_url": "http://library.test",
            "region": "东县",
        }
        return SignalingSettings(**{**told, **self._changes})

    async def node_there(self) -> None:
        """Waits until signaling has reached its node."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.running.services.lessons.link.up:
                await asyncio.sleep(0.01)

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = OPERATOR_KEY,
        headers: dict[str, str] | None = None,
        file: bytes | None = None,
    ) -> tuple[int, Any]:
        """One request; the operator's unless another token is shown."""
        shown = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with self.http.request(
            method, self.url + path, json=body, data=file, headers={**shown, **(headers or {})}, allow_redirects=False
        ) as answer:
            text = await answer.text(errors="replace")
            return answer.status, json.loads(text) if answer.content_type == "application/json" and text else text

    async def lesson(self, *, open: bool = True) -> str:
        """Makes a lesson with the rural classrooms 东村 and 西村."""
        body = {"title": "第3节", "lead_classroom": "主校", "rural_classrooms": ["东村", "西村"]}
        status, made = await self.call("POST", "/api/lessons", body)
        assert status == 201, made
        if open:
            await self.call("POST", f"/api/lessons/{made['lesson']}/open")
        return str(made["lesson"])

    async def invite(self, lesson: str, role: str, classroom: str) -> dict[str, Any]:
        """Makes a seat."""
        status, made = await self.call(
            "POST", f"/api/lessons/{lesson}/invitations", {"role": role, "classroom": classroom}
        )
        assert status == 201, made
        return dict(made)

    async def seat(self, lesson: str, role: str, classroom: str) -> str:
        """Makes a seat and exchanges its code for a bearer token."""
        invited = await self.invite(lesson, role, classroom)
        status, session = await self.call("POST", "/api/session", {"code": invited["code"], "bearer": True}, token=None)
        assert status == 200, session
        return str(session["token"])

    @asynccontextmanager
    async def client(self, token: str | None, **headers: str) -> AsyncIterator["Client"]:
        """A WebSocket; it has said nothing yet."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with self.http.ws_connect(self.url + "/ws", headers=headers, max_msg_size=0) as socket:
            yield Client(socket)

    @asynccontextmanager
    async def joined(self, token: str, versions: Sequence[int] = (1,)) -> AsyncIterator["Client"]:
        """A client that has said hello and joined."""
        async with self.client(token) as client:
            await client.hello(versions=versions)
            await client.ask("join")
            yield client


class Client:
    """One page, as far as words go."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.welcome: dict[str, Any] = {}
        self.last_seq = 0
        self._said = 0
        self._unread: list[dict[str, Any]] = []

    async def hello(self, resume: tuple[str, int] | None = None, versions: Sequence[int] = (1,)) -> dict[str, Any]:
        """Says hello and keeps the welcome."""
        asked = None if resume is None else {"session": resume[0], "last_seq": resume[1]}
        await self.send({"type": "hello", "versions": list(versions), "client": "test/1", "resume": asked})
        self.welcome = await self.hear("welcome")
        if not self.welcome["resumed"]:
            self.last_seq = self.welcome["seq"]
        return self.welcome

    async def send(self, message: dict[str, Any]) -> None:
        """Sends a message as it is."""
        await self.socket.send_str(json.dumps(message))

    async def say(self, kind: str, **fields: Any) -> str:
        """Sends a message with an id of its own; gives back the id."""
        self._said += 1
        message_id = str(fields.pop("id", f"m{self._said}"))
        await self.send({"type": kind, "id": message_id, **fields})
        return message_id

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Sends a message and waits for its reply; what comes meanwhile stays to be heard."""
        message_id = await self.say(kind, **fields)
        return await self._until(lambda message: message.get("reply_to") == message_id)

    async def hear(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Waits for a message of this type with these fields."""
        return await self._until(lambda m: m["type"] == kind and all(m.get(n) == v for n, v in fields.items()))

    def seat_view(self, *, present: bool = True, hand: bool = False) -> dict[str, Any]:
        """Its seat, as everyone sees it."""
        me = self.welcome
        seen = {"seat": me["seat"], "role": me["role"], "classroom": me["classroom"]}
        return {**seen, "present": present, "hand": hand}

    async def heard_until_closed(self) -> list[dict[str, Any]]:
        """Everything that still comes, up to the end."""
        async with asyncio.timeout(PATIENCE_S):
            return [*self._unread, *[json.loads(message.data) async for message in self.socket]]

    async def closed(self) -> int | None:
        """Waits for the end; gives back the close code."""
        await self.heard_until_closed()
        return self.socket.close_code

    async def _until(self, wanted: Any) -> dict[str, Any]:
        for i, message in enumerate(self._unread):
            if wanted(message):
                return self._unread.pop(i)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                received = await self.socket.receive()
                assert received.type is aiohttp.WSMsgType.TEXT, f"closed with {self.socket.close_code}: {self._unread}"
                message = json.loads(received.data)
                self.last_seq = message.get("seq", self.last_seq) if message["type"] != "welcome" else self.last_seq
                if wanted(message):
                    return dict(message)
                self._unread.append(message)
