"""The client's shell: feeds the session what happens, and does what it orders."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from classroom_client.core import steps
from classroom_client.core.diagnosis import Trouble
from classroom_client.core.playback import Pace
from classroom_client.core.seat import State
from classroom_client.core.session import Session, Wish
from classroom_client.core.view import LessonView
from classroom_client.devices.board import Board, Watch
from classroom_client.devices.decoder import Decoder
from classroom_client.devices.file import FileSource, UnfitFile
from classroom_client.devices.sent import SentLog
from classroom_client.net.aiortc_media import AiortcTransport
from classroom_client.net.aiortc_private import loopback_addresses
from classroom_client.net.media import MediaTransport
from classroom_client.net.settings import ClientSettings
from classroom_client.net.signaling import Line, Signaling, Unreached
from classroom_client.net.tracks import FileTrack
from signaling.messages.client import ServerMessage
from signaling.messages.ids import Connection, kind_of

CLOSE_S = 1.2
"""Goodbyes that take longer are cut off: a client ends within 3 s."""


class Client:
    """One seat of a lesson."""

    def __init__(
        self,
        settings: ClientSettings,
        decoder: Decoder,
        *,
        tell: Callable[[str], None],
        watch: Watch | None = None,
        heard: Callable[[ServerMessage], None] | None = None,
        pace: Callable[[], Pace] = Pace,
    ) -> None:
        self.settings = settings
        self.board = Board(settings.sink, _now_ms, decoder, watch)
        self.sent = SentLog(settings.sent_log)
        self._tell = tell
        self._heard = heard
        self._pace = pace
        self._session = Session(publishes=bool(settings.sources))
        self._happened: asyncio.Queue[tuple[Line | None, steps.Input]] = asyncio.Queue()
        self._signaling: Signaling | None = None
        self._token: str | None = None
        self._line: Line | None = None
        self._media: dict[Connection, MediaTransport] = {}
        self._published_round = 0
        self._watched = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        """What must come to its end even when the client leaves: sockets are freed by it."""
        self._finished: steps.Finish | None = None

    @property
    def view(self) -> LessonView:
        """The lesson as this client sees it."""
        return self._session.view

    @property
    def seated(self) -> bool:
        return self._session.state is State.SEATED

    async def wish(self, make: Wish) -> None:
        """Sends a message of the lesson, if the client sits on its seat."""
        await self._do(self._session.wish(make, _now_ms()))

    async def run(self, stop: asyncio.Event) -> Trouble | None:
        """Stays in the lesson until it ends, is stopped, or nothing more can be done; returns why."""
        if unfit := _unfit_file(self.settings):
            return unfit
        self._signaling = Signaling(self.settings.server, self.settings.ca)
        try:
            self._spawn(self._leave_when(stop))
            await self._feed(steps.Started())
            while self._finished is None:
                await self._next()
            return self._finished.trouble
        finally:
            await self._close()

    async def _leave_when(self, stop: asyncio.Event) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.settings.duration_s):
                await stop.wait()
        self._happened.put_nowait((None, steps.Stopped()))

    async def _next(self) -> None:
        deadline = self._session.deadline()
        wait_s = None if deadline is None else max(0.0, deadline - _now_ms()) / 1000
        try:
            async with asyncio.timeout(wait_s):
                line, what = await self._happened.get()
        except TimeoutError:
            await self._do(self._session.tick(_now_ms(), random.random()))
            return
        if line is None or line is self._line:
            await self._feed(what)

    async def _feed(self, what: steps.Input) -> None:
        orders = self._session.step(what, _now_ms(), random.random())
        if isinstance(what, steps.Heard):
            self.board.show(self.view.slots)
            if self._heard is not None:
                self._heard(what.message)
        await self._do(orders)

    async def _do(self, orders: tuple[steps.Order, ...]) -> None:
        for order in orders:
            match order:
                case steps.Say(message=message):
                    await self._say(message)
                case steps.Exchange():
                    self._spawn(self._exchange())
                case steps.Dial():
                    self._spawn(self._dial())
                case steps.MakeOffer() | steps.MakeAnswer() | steps.TakeAnswer():
                    self._spawn(self._negotiate(order))
                case steps.CloseMedia(connection=connection):
                    self._close_media(connection)
                case steps.Tell(trouble=trouble):
                    self._tell(trouble.sentence)
                case steps.TakenSeat(role=role, classroom=classroom):
                    self._tell(f"in the lesson as {role}, {classroom}")
                case steps.Finish():
                    self._finished = order

    async def _say(self, message: Any) -> None:
        if self._line is None:
            return
        try:
            await self._line.say(message)
        except Unreached as error:
            self._happened.put_nowait((self._line, steps.Failed(error.trouble)))

    async def _exchange(self) -> None:
        assert self._signaling is not None
        try:
            self._token = await self._signaling.exchange(self.settings.code)
        except Unreached as error:
            self._happened.put_nowait((None, steps.Failed(error.trouble)))
        else:
            self._happened.put_nowait((None, steps.Admitted()))

    async def _dial(self) -> None:
        assert self._signaling is not None and self._token is not None
        if self._line is not None:
            old, self._line = self._line, None
            self._spawn(old.close(), self._closing)
        try:
            line = self._line = await self._signaling.dial(self._token)
        except Unreached as error:
            self._happened.put_nowait((None, steps.Failed(error.trouble)))
            return
        self._happened.put_nowait((line, steps.Opened()))
        try:
            async for message in line.messages():
                self._happened.put_nowait((line, steps.Heard(message)))
        except Unreached as error:
            self._happened.put_nowait((line, steps.Failed(error.trouble)))

    # --- media

    async def _negotiate(self, order: steps.MakeOffer | steps.MakeAnswer | steps.TakeAnswer) -> None:
        connection: Connection = "subscribe" if isinstance(order, steps.MakeAnswer) else "publish"
        try:
            await self._step_media(order)
        except Exception as error:  # noqa: BLE001 - whatever a media stack raises ends this connection, not the client
            trouble = Trouble("media", f"the {connection} connection: {type(error).__name__}: {error}", retry=True)
            self._happened.put_nowait((None, steps.MediaFailed(connection, order.round, trouble)))

    async def _step_media(self, order: steps.MakeOffer | steps.MakeAnswer | steps.TakeAnswer) -> None:
        if isinstance(order, steps.MakeOffer):
            transport = self._publishing(order.round)
            sdp, sources = await transport.offer(order.copies)
            self._happened.put_nowait((None, steps.Offered(order.round, sdp, sources)))
            return
        if isinstance(order, steps.TakeAnswer):
            transport = self._media["publish"]
            await transport.accept(order.sdp)
            if self._watched != order.round:
                self._watched = order.round
                await self._watch("publish", order.round, transport)
            return
        self._close_media("subscribe")
        self._media["subscribe"] = transport = self._transport([])
        answer = await transport.answer(order.sdp)
        self._happened.put_nowait((None, steps.Answered(order.round, order.number, answer)))
        await self._watch("subscribe", order.round, transport)

    def _publishing(self, round_: int) -> MediaTransport:
        """The connection of this round; a later offer of the same round widens it."""
        if self._published_round != round_:
            self._published_round = round_
            self._close_media("publish")
            self._media["publish"] = self._transport(self._tracks())
        return self._media["publish"]

    async def _watch(self, connection: Connection, round_: int, transport: MediaTransport) -> None:
        trouble = await transport.lost()
        self._happened.put_nowait((None, steps.MediaFailed(connection, round_, trouble)))

    def _transport(self, tracks: list[FileTrack]) -> MediaTransport:
        loopback = loopback_addresses(self.settings.host)
        return AiortcTransport(tracks=tracks, connect_slot=self.board.connect, loopback=loopback)

    def _tracks(self) -> list[FileTrack]:
        pace = self._pace()
        return [
            FileTrack(given.source, FileSource(given.path, kind_of(given.source)), pace, self.sent)
            for given in self.settings.sources
        ]

    def _close_media(self, connection: Connection) -> None:
        transport = self._media.pop(connection, None)
        if transport is not None:
            self._spawn(transport.close(), self._closing)

    # --- tasks

    def _spawn(self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]] | None = None) -> None:
        tasks = self._tasks if among is None else among
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _close(self) -> None:
        """Hangs up, closes media, and ends what still runs."""
        for task in list(self._tasks):
            task.cancel()
        for connection in list(self._media):
            self._close_media(connection)
        if self._line is not None:
            self._spawn(self._line.close(), self._closing)
        if ended := [*self._tasks, *self._closing]:
            _, late = await asyncio.wait(ended, timeout=CLOSE_S)
            for task in late:
                task.cancel()
        if self._signaling is not None:
            await self._signaling.close()
        self.sent.close()


def _unfit_file(settings: ClientSettings) -> Trouble | None:
    for given in settings.sources:
        try:
            FileSource(given.path, kind_of(given.source)).close()
        except UnfitFile as error:
            return Trouble("unfit_file", str(error), retry=False)
    return None


def _now_ms() -> float:
    return time.monotonic() * 1000
