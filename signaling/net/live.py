"""A running lesson in this process: steps one after another, each stored before anyone hears of it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, Protocol, TypeVar

import structlog

from signaling.core import arrivals, conversation, node_side
from signaling.core.arrivals import TurnedAway
from signaling.core.lesson import Lesson
from signaling.core.outcome import CLOSE_REPLACED, CLOSE_RESTARTING, Ask, Instant, Outcome, Send
from signaling.core.refusal import Refusal
from signaling.core.room import Room
from signaling.messages import node
from signaling.messages.client import Bye, ClientMessage, Hello, IceServer, Refused
from signaling.messages.events import LessonCancelled, LessonEnded, LessonOpened, LessonShutDown
from signaling.messages.ids import SeatId, SessionId
from signaling.messages.wire import TO_CLIENT
from signaling.net.clock import instant
from signaling.net.inbox import Inbox
from signaling.net.metrics import Metrics
from signaling.net.store import Invitation, Store
from signaling.net.tokens import new_id

log = structlog.get_logger("signaling.lesson")

T = TypeVar("T")

Heard = Literal["up", "down"] | node.PeerChanged | node.PeerGone | node.NodeLevels
"""What a lesson hears of the node: its coming with all that it holds, its going, and what changes between."""


class Line(Protocol):
    """A client's WebSocket."""

    token: str
    """The name of the token that opened it."""

    def send(self, text: str) -> None:
        """Queues a message; a line that reads too slowly closes itself."""

    def hang_up(self, bye: str | None, close_code: int) -> None:
        """Closes it after a last word."""


class Link(Protocol):
    """The way to the node."""

    @property
    def up(self) -> bool:
        """The node has said hello."""

    def inventory(self, lesson: str) -> tuple[node.PeerState, ...]:
        """What the node holds of a lesson."""

    def desire(self, lesson: node.DesiredLesson) -> None:
        """Sends what should be."""

    def close_peer(self, order: node.ClosePeer) -> None:
        """Has a connection closed."""

    async def request(self, ask: Ask) -> node.NodeMessage | None:
        """Asks, and waits a bounded time for the answer."""


class Restarting(Exception):
    """The lesson is being read anew from the store; ask again."""


class LiveLesson:
    """Owns a room, its lines and its timer."""

    def __init__(
        self, lesson: Lesson, store: Store, link: Link, metrics: Metrics, changed: Callable[[Lesson], None]
    ) -> None:
        self._room = Room(lesson, instant())
        self._store = store
        self._link = link
        self._metrics = metrics
        self._changed = changed
        self._lock = asyncio.Lock()
        self._lines: dict[SessionId, Line] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self._inbox: Inbox[Heard] = Inbox(self._take_in, summary=self._summary)
        self.broken = False

    @property
    def lesson(self) -> Lesson:
        """The lesson as it is now."""
        return self._room.lesson

    @property
    def room(self) -> Room:
        """For looking, never for changing."""
        return self._room

    async def step(
        self,
        decide: Callable[[Room, Instant], tuple[T, Outcome]],
        invite: Callable[[T], Invitation] | None = None,
    ) -> T:
        """Takes one step to its end, even if whoever asked goes away."""
        task = asyncio.create_task(self._step(decide, invite))
        self._keep(task)
        return await asyncio.shield(task)

    async def attach(self, seat: SeatId, hello: Hello, line: Line, servers: tuple[IceServer, ...] = ()) -> SessionId:
        """A WebSocket says hello. Raises TurnedAway."""
        fresh = SessionId(new_id("X", 22))

        def decide(room: Room, now: Instant) -> tuple[SessionId, Outcome]:
            session, outcome = arrivals.attach(room, seat, hello, fresh, now, servers)
            before, self._lines[session] = self._lines.get(session), line
            if before is not None:
                before.hang_up(None, CLOSE_REPLACED)
            return session, outcome

        return await self.step(decide)

    async def detach(self, session: SessionId, line: Line) -> None:
        """A WebSocket is gone; nothing happens when another has taken its place."""

        def decide(room: Room, now: Instant) -> tuple[None, Outcome]:
            if self._lines.get(session) is not line:
                return None, Outcome()
            del self._lines[session]
            return None, arrivals.detach(room, session, now)

        await self.step(decide)

    async def turn_out(self, token: str) -> None:
        """A token was given back: whoever came with it is sent away."""

        def decide(room: Room, now: Instant) -> tuple[None, Outcome]:
            for session, line in self._lines.items():
                if line.token == token and session in room.sessions:
                    arrivals.turn_out(room, room.sessions[session])
            return None, room.outcome(now)

        await self.step(decide)

    async def receive(self, session: SessionId, line: Line, message: ClientMessage) -> None:
        """A client's message; of a line that has been replaced it counts no more."""
        await self._from(session, line, lambda room, now: conversation.receive(room, session, message, now))

    async def refuse(self, session: SessionId, line: Line, reply_to: str | None, refusal: Refusal) -> None:
        """A client's message that is none."""
        await self._from(session, line, lambda room, now: conversation.refuse(room, session, reply_to, refusal, now))

    def hear(self, heard: Heard) -> None:
        """Something of the node; it is taken in its turn, and nobody waits for it."""
        self._inbox.put(heard)

    def shut(self, bye: Bye, close_code: int) -> None:
        """Hangs up on everyone and takes no more steps; the store has all that counts."""
        self.broken = True
        if self._timer is not None:
            self._timer.cancel()
        for session, line in self._lines.items():
            self._log_bye(self._room.sessions[session].seat, bye, close_code)
            line.hang_up(TO_CLIENT.encode(bye), close_code)
        self._lines.clear()

    async def _from(self, session: SessionId, line: Line, decide: Callable[[Room, Instant], Outcome]) -> None:
        def guarded(room: Room, now: Instant) -> tuple[None, Outcome]:
            current = self._lines.get(session) is line and session in room.sessions
            return None, decide(room, now) if current else Outcome()

        await self.step(guarded)

    async def _step(
        self, decide: Callable[[Room, Instant], tuple[T, Outcome]], invite: Callable[[T], Invitation] | None
    ) -> T:
        async with self._lock:
            if self.broken:
                raise Restarting
            now = instant()
            try:
                value, outcome = decide(self._room, now)
                if outcome.events:
                    invitation = None if invite is None else invite(value)
                    await self._store.append(self.lesson, outcome.events, now.wall_ms, invitation)
            except (Refusal, TurnedAway):
                raise
            except Exception as error:
                self._break(error)
                raise Restarting from error
            self._deliver(outcome)
            self._arm(now)
            return value

    def _break(self, error: Exception) -> None:
        log.error("lesson_broken", lesson=self.lesson.id, error=repr(error), exc_info=error)
        self._metrics.broken.inc()
        self.shut(Bye("restarting", "The lesson is being restored; the page comes back by itself."), CLOSE_RESTARTING)

    def _deliver(self, outcome: Outcome) -> None:
        for event in outcome.events:
            self._metrics.events.labels(event.type).inc()
            log.info(event.type, lesson=self.lesson.id, **_facts(event))
        if any(
            isinstance(event, LessonOpened | LessonEnded | LessonShutDown | LessonCancelled) for event in outcome.events
        ):
            self._changed(self.lesson)
        for send in outcome.sends:
            self._send(send)
        for hangup in outcome.hangups:
            self._log_bye(hangup.seat, hangup.bye, hangup.close_code)
            line = self._lines.pop(hangup.session, None)
            if line is not None:
                line.hang_up(TO_CLIENT.encode(hangup.bye), hangup.close_code)
        for order in outcome.orders:
            if isinstance(order, node.DesiredLesson):
                self._link.desire(order)
            elif isinstance(order, node.ClosePeer):
                self._link.close_peer(order)
            else:
                self._keep(asyncio.create_task(self._ask(order)))

    def _send(self, send: Send) -> None:
        if isinstance(send.message, Refused):
            log.info("refused", lesson=self.lesson.id, seat=send.seat, code=send.message.code)
        line = self._lines.get(send.session)
        if line is not None:
            self._metrics.sent.labels(send.message.type).inc()
            line.send(TO_CLIENT.encode(send.message))

    def _log_bye(self, seat: SeatId, bye: Bye, close_code: int) -> None:
        log.info("bye", lesson=self.lesson.id, seat=seat, code=bye.code, close_code=close_code)

    async def _ask(self, ask: Ask) -> None:
        """Passes the answer on at once: it makes no event, so it waits for no other step's to be stored."""
        answer = await self._link.request(ask)
        if ask.reply_to is None:
            # It may be the answer to a join, which is told only when it is stored.
            with suppress(Restarting):
                await self.step(lambda room, now: (None, conversation.answered(room, ask, answer)))
            return
        if self.broken:
            return
        try:
            self._deliver(conversation.answered(self._room, ask, answer))
        except Exception as error:
            self._break(error)
            raise
        self._arm(instant())

    async def _take_in(self, heard: Heard) -> None:
        try:
            await self.step(lambda room, now: (None, self._heard(room, heard, now)))
        except Restarting:
            log.warning("lesson_not_told", lesson=self.lesson.id)

    def _heard(self, room: Room, heard: Heard, now: Instant) -> Outcome:
        if heard == "up":
            return node_side.node_up(room, self._link.inventory(room.lesson.id), now)
        if heard == "down":
            return node_side.node_down(room, now)
        if isinstance(heard, node.PeerChanged):
            return node_side.peer_changed(room, heard.peer, now)
        if isinstance(heard, node.PeerGone):
            return node_side.peer_gone(room, heard, now)
        return node_side.levels(room, heard, now)

    def _summary(self) -> Heard:
        return "up" if self._link.up else "down"

    def _arm(self, now: Instant) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        at_s = arrivals.deadline_s(self._room, now)
        if at_s is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.001, at_s - now.steady_s), self._tick)

    def _tick(self) -> None:
        self._keep(asyncio.create_task(self._ticked()))

    async def _ticked(self) -> None:
        try:
            await self.step(lambda room, now: (None, arrivals.tick(room, now)))
        except Restarting:
            return

    def _keep(self, task: "asyncio.Task[T]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: "asyncio.Task[object]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()


def _facts(event: object) -> dict[str, object]:
    """What the log says of an event: all but its type, and no session, which is as good as a key to the seat."""
    names: tuple[str, ...] = getattr(event, "__slots__", ())
    return {n: getattr(event, n) for n in names if n not in ("type", "session", "lesson", "policy")}
