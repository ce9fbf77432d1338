"""One WebSocket to signaling: what waits for it is bounded, and what it says wrongly is answered."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Protocol

from signaling.messages import node as say
from signaling.messages.ids import LessonId
from signaling.messages.wire import FROM_NODE

MOST_UNSENT = 16 * 1024 * 1024
"""A signaling that reads so slowly is hung up on; it dials again and gets the inventory."""
LEVELS_BEHIND = 64 * 1024
"""With this much unsent no levels are added: the next second's say it better."""
FAREWELL_S = 2.0
SLOW = 4008


class Socket(Protocol):
    """What a line needs of its WebSocket."""

    @property
    def closed(self) -> bool: ...
    async def send_str(self, data: str) -> None: ...
    async def close(self, *, code: int, message: bytes) -> bool: ...


class Line:
    """One signaling that has said hello."""

    def __init__(self, socket: Socket, abort: Callable[[], None]) -> None:
        self.socket = socket
        self._abort = abort
        self._waiting: deque[str] = deque()
        self._unsent = 0
        self._more = asyncio.Event()
        self._overflow = asyncio.Event()

    def send(self, message: say.NodeMessage) -> None:
        """Queues a message; beyond the bound nothing is kept and the line ends."""
        behind = self._unsent > LEVELS_BEHIND
        if self._overflow.is_set() or (behind and isinstance(message, say.NodeLevels)):
            return
        text = FROM_NODE.encode(message)
        if self._unsent + len(text) > MOST_UNSENT:
            self._waiting.clear()
            self._overflow.set()
            return
        self._waiting.append(text)
        self._unsent += len(text)
        self._more.set()

    async def run(self) -> None:
        """Sends what is queued until the line ends or has become too slow."""
        tasks = (asyncio.create_task(self._send_all()), asyncio.create_task(self._overflow.wait()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._overflow.is_set():
                await self.close(SLOW, "slow reader")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self, code: int, reason: str) -> None:
        """Says why it ends; who does not even read that is cut off."""
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self.socket.close(code=code, message=short(reason))
        except (TimeoutError, ConnectionError):
            self._abort()

    async def _send_all(self) -> None:
        while not self.socket.closed:
            await self._more.wait()
            self._more.clear()
            while self._waiting and not self.socket.closed:
                text = self._waiting.popleft()
                await self.socket.send_str(text)
                self._unsent -= len(text)


def short(reason: str) -> bytes:
    """A close frame holds 123 bytes of UTF-8 (RFC 6455 section 5.5.1)."""
    return reason.encode()[:120].decode(errors="ignore").encode()


def refusal(request: int | None, lesson: LessonId | None, code: str, sentence: str) -> say.NodeMessage:
    """The answer to a message that changed nothing."""
    if request is not None:
        return say.RequestRefused(request, code, sentence)
    return say.MessageRefused(code, sentence, lesson)


def read_address(text: str) -> tuple[int | None, LessonId | None]:
    """The request number and the lesson of a message that is otherwise wrong, as far as they can be read."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(message, dict):
        return None, None
    request, lesson = message.get("request"), message.get("lesson")
    if isinstance(lesson, dict):
        lesson = lesson.get("lesson")
    number = request if isinstance(request, int) and not isinstance(request, bool) else None
    # JSON can write half of a surrogate pair, which no answer could carry.
    return number, LessonId(lesson) if isinstance(lesson, str) and lesson.isprintable() else None
