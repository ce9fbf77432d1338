"""What the node says of one lesson, in order and bounded, so that a lesson whose store is slow holds up no other."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

import structlog

log = structlog.get_logger("signaling.inbox")

T = TypeVar("T")

MOST_WAITING: Final = 512
"""A lesson of five classrooms hears some ten messages when everyone comes at once."""


class Inbox(Generic[T]):
    """A queue that one task empties; when it is full, `summary` stands for all that waits and tells it at once."""

    def __init__(
        self, take: Callable[[T], Awaitable[None]], *, summary: Callable[[], T], most: int = MOST_WAITING
    ) -> None:
        self._take = take
        self._summary = summary
        self._most = most
        self._waiting: deque[T] = deque()
        self._task: asyncio.Task[None] | None = None

    def put(self, what: T) -> None:
        """Queues; returns at once."""
        if len(self._waiting) >= self._most:
            self._waiting.clear()
            self._waiting.append(self._summary())
        else:
            self._waiting.append(what)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting:
                what = self._waiting.popleft()
                try:
                    await self._take(what)
                except Exception:
                    log.exception("not_taken_in")
        finally:
            self._task = None
