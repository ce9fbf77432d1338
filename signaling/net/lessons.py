"""All lessons of this process, and what the node says for each of them."""

import asyncio
from collections.abc import Callable

import structlog

from signaling.core.lesson import Lesson, fold
from signaling.core.outcome import CLOSE_RESTARTING
from signaling.messages import node
from signaling.messages.client import Bye
from signaling.messages.events import LessonCreated
from signaling.messages.ids import LessonId
from signaling.net.clock import instant
from signaling.net.live import Link, LiveLesson
from signaling.net.metrics import Metrics
from signaling.net.store import Store

log = structlog.get_logger("signaling.lessons")


class Lessons:
    """The register of running lessons; the store knows the others."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics
        self._live: dict[LessonId, LiveLesson] = {}
        self._loading = asyncio.Lock()
        self.link: Link = NoLink()
        self.changed: Callable[[Lesson], None] = lambda lesson: None
        """Who wants to know that a lesson has opened or is over."""

    async def load(self) -> None:
        """Reads every lesson that is not over."""
        for lesson in await self._store.running():
            self._live[lesson.id] = self._made(lesson)
        log.info("lessons_loaded", lessons=len(self._live))

    async def create(self, created: LessonCreated) -> Lesson:
        """Stores a new lesson and takes it in."""
        await self._store.create(created, instant().wall_ms)
        lesson = fold(None, created)
        policy = created.policy
        took = {"taken": policy.sources, "enabled_by": policy.enabled_by, "basis": policy.basis}
        log.info("lesson_created", lesson=lesson.id, mode=lesson.mode, by=created.by, **took)
        live = self._live[lesson.id] = self._made(lesson)
        self._introduce(live)
        return lesson

    async def live(self, lesson: LessonId) -> LiveLesson | None:
        """A lesson that is not over; one that broke is read anew from the store."""
        async with self._loading:
            self._retire()
            live = self._live.get(lesson)
            if live is None or not live.broken:
                return live
            stored = await self._store.lesson(lesson)
            if stored is None or stored.over:
                return None
            live = self._live[lesson] = self._made(stored)
            self._introduce(live)
            return live

    def open(self) -> list[Lesson]:
        """The lessons whose doors are open."""
        return [live.lesson for live in self._live.values() if live.lesson.running]

    async def lesson(self, lesson: LessonId) -> Lesson | None:
        """Any lesson, over or not."""
        live = self._live.get(lesson)
        return live.lesson if live is not None and not live.broken else await self._store.lesson(lesson)

    def node_up(self) -> None:
        """The node has said hello: every lesson is told what it holds."""
        for live in self._running():
            live.hear("up")

    def node_down(self) -> None:
        """The node has gone."""
        for live in self._running():
            live.hear("down")

    def node_says(self, lesson: LessonId, message: node.PeerChanged | node.PeerGone | node.NodeLevels) -> None:
        """The node tells something of one lesson; of those that are over it is not heard."""
        live = self._live.get(lesson)
        if live is not None and not live.broken:
            live.hear(message)

    def shut(self) -> None:
        """Sends everyone away before the process ends."""
        bye = Bye("restarting", "The server restarts; the page comes back by itself.")
        for live in self._live.values():
            live.shut(bye, CLOSE_RESTARTING)

    def _made(self, lesson: Lesson) -> LiveLesson:
        live = LiveLesson(lesson, self._store, self.link, self._metrics, lambda lesson: self.changed(lesson))
        self._metrics.lessons.set(len(self._live) + 1)
        return live

    def _introduce(self, live: LiveLesson) -> None:
        if self.link.up:
            live.hear("up")

    def _running(self) -> list[LiveLesson]:
        self._retire()
        return [live for live in self._live.values() if not live.broken]

    def _retire(self) -> None:
        for lesson in [lesson for lesson, live in self._live.items() if live.lesson.over and not live.broken]:
            del self._live[lesson]
        self._metrics.lessons.set(len(self._live))


class NoLink:
    """Stands where no node is configured yet."""

    up = False

    def inventory(self, lesson: str) -> tuple[node.PeerState, ...]:
        """Nothing is held anywhere."""
        return ()

    def desire(self, lesson: node.DesiredLesson) -> None:
        """Nobody hears it."""

    def close_peer(self, order: node.ClosePeer) -> None:
        """Nobody hears it."""

    async def request(self, ask: object) -> None:
        """Nobody answers."""
