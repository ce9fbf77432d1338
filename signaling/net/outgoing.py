"""Messages on their way out of a WebSocket, bounded: whoever reads too slowly is told so, and holds up nobody."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

UNSENT_BOUND: Final = 1024 * 1024
"""PROTOCOL.md, law 5."""


class Outgoing:
    """A queue of text messages with a bound in bytes."""

    def __init__(
        self, write: Callable[[str], Awaitable[None]], buffered: Callable[[], int], bound: int | None = None
    ) -> None:
        self._write = write
        self._bound = UNSENT_BOUND if bound is None else bound
        self._buffered = buffered
        self._waiting: deque[str] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._closed = False

    @property
    def unsent_bytes(self) -> int:
        """What the kernel has not yet taken."""
        return self._waiting_bytes + self._buffered()

    def put(self, text: str) -> bool:
        """Queues a message; False when that would pass the bound."""
        size = len(text.encode())
        if self._closed or self.unsent_bytes + size > self._bound:
            return False
        self._waiting.append(text)
        self._waiting_bytes += size
        self._wake.set()
        return True

    def finish(self) -> None:
        """Lets `run` return once everything is sent."""
        self._closed = True
        self._wake.set()

    def drop(self) -> None:
        """Lets `run` return now."""
        self._waiting.clear()
        self._waiting_bytes = 0
        self.finish()

    async def run(self) -> None:
        """Sends what is queued, in order."""
        while self._waiting or not self._closed:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
                continue
            text = self._waiting.popleft()
            await self._write(text)
            self._waiting_bytes -= len(text.encode()) if self._waiting_bytes else 0
