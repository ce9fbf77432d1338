"""The recorder's seat in one lesson: it joins like everyone, dials the node, and lays what it gets on the desk."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Final

import structlog

from recorder.core.records import Marked
from recorder.core.view import Chapter, Heard, LessonView, Paused, Started, Step, Stopped
from recorder.disk.desk import Desk
from recorder.net.dialling import Dialling
from recorder.net.way import Line, LineLost, Signaling
from sfu.forwarder import ForwarderError
from sfu.sdp import SdpError
from signaling.messages import client as say
from signaling.messages.ids import LessonId, Mid, SeatId, Source
from signaling.messages.wire import FROM_CLIENT, TO_CLIENT

log = structlog.get_logger("recorder.seat")

AGAIN_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
ASK_EVERY_S: Final = 0.5
NOT_AUTHENTICATED: Final = frozenset({401, 4001})

SeatLine = Line[say.ClientMessage, say.ServerMessage]


class LessonSeat:
    """Sits in a lesson until it is told to stop; a lost line or connection is dialled again."""

    def __init__(
        self, signaling: Signaling, lesson: LessonId, token: str, desk: Desk | None, want_token: Callable[[], None]
    ) -> None:
        self._signaling: Final = signaling
        self._lesson: Final = lesson
        self._desk: Final = desk
        """None: this lesson is not recorded, and only seen, so that the screens can be told."""
        self._want_token: Final = want_token
        self._token = token
        self._new_token: Final = asyncio.Event()
        self._view: Final = LessonView()
        self._resume: say.Resume | None = None
        self._dialling: Dialling | None = None
        self._media: list[asyncio.Task[None]] = []
        self._ids: Final = count(1)

    @property
    def sources(self) -> list[tuple[SeatId, Source]]:
        """All that is published in the lesson."""
        return self._view.sources

    @property
    def paused(self) -> bool:
        """The lead wants nothing recorded."""
        return self._view.paused

    def renew(self, token: str) -> None:
        """The newest token counts."""
        self._token = token
        self._new_token.set()

    async def run(self) -> None:
        """Until cancelled."""
        failures = 0
        try:
            while True:
                try:
                    async with self._signaling.dial("/ws", self._token, FROM_CLIENT, TO_CLIENT) as line:
                        failures = await self._sit(line)
                except LineLost as lost:
                    log.info("seat_line_lost", lesson=self._lesson, why=str(lost))
                    if lost.code in NOT_AUTHENTICATED:
                        self._resume = None
                        await self._for_a_new_token()
                await asyncio.sleep(AGAIN_S[min(failures, len(AGAIN_S) - 1)])
                failures += 1
        finally:
            self.hang_up()

    async def _for_a_new_token(self) -> None:
        self._new_token.clear()
        self._want_token()
        with suppress(TimeoutError):
            async with asyncio.timeout(AGAIN_S[-1]):
                await self._new_token.wait()

    async def _sit(self, line: SeatLine) -> int:
        await line.say(say.Hello(say.VERSIONS, "recorder/1", self._resume))
        asking = asyncio.create_task(self._ask_for_keyframes())
        try:
            async for message in line.messages():
                await self._told(line, message)
        finally:
            asking.cancel()
        return 0

    async def _told(self, line: SeatLine, message: say.ServerMessage) -> None:
        for step in self._view.told(message):
            self._lay(step)
        if isinstance(seq := getattr(message, "seq", None), int) and self._resume is not None:
            self._resume = say.Resume(self._resume.session, max(seq, self._resume.last_seq))
        match message:
            case say.Welcome():
                self._resume = say.Resume(message.session, message.seq)
                if "subscribe" not in message.connections:
                    self.hang_up()
                await line.say(say.Join(self._id(), offer=self._desk is not None))
            case say.Joined(offer=offer) if self._desk is not None:
                if offer is not None:
                    await self._dial(line, offer.number, offer.sdp)
                elif self._dialling is None:
                    await line.say(say.Subscribe(self._id()))
            case say.SubscribeOffer():
                await self._dial(line, message.number, message.sdp)
            case say.Rejoin(connections=connections) if "subscribe" in connections and self._desk is not None:
                self.hang_up()
                self._desk.step(lambda recording, at: recording.node_restarted(at))
                await line.say(say.Subscribe(self._id()))
            case say.Refused():
                log.warning("seat_refused", lesson=self._lesson, code=message.code, sentence=message.sentence)
            case say.Bye():
                log.info("seat_bye", lesson=self._lesson, code=message.code)
                self._resume = None
            case _:
                pass

    async def _dial(self, line: SeatLine, number: int, offer: str) -> None:
        self.hang_up()
        try:
            self._dialling = Dialling(offer)
        except (SdpError, ForwarderError, OSError) as error:
            log.error("node_not_dialled", lesson=self._lesson, why=str(error))
            return
        self._media = [
            asyncio.create_task(self._read(self._dialling)),
            asyncio.create_task(self._watch(line, self._dialling)),
        ]
        await line.say(say.SubscribeAnswer(self._id(), number, self._dialling.answer))

    async def _read(self, dialling: Dialling) -> None:
        async for frames in dialling.frames(self._view.track_in):
            if self._desk is not None:
                self._desk.frames(frames)

    async def _watch(self, line: SeatLine, dialling: Dialling) -> None:
        """A connection that ends is negotiated anew."""
        why = await dialling.lost()
        if self._dialling is not dialling:
            return
        log.warning("node_connection_lost", lesson=self._lesson, why=why)
        await asyncio.sleep(AGAIN_S[1])
        with suppress(LineLost):
            await line.say(say.Subscribe(self._id()))

    async def _ask_for_keyframes(self) -> None:
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            asked = self._desk.asked() if self._desk is not None else set()
            for mid, track in list(self._view.slots.items()):
                if track in asked and self._dialling is not None:
                    self._dialling.ask(Mid(mid))

    def hang_up(self) -> None:
        """Ends the connection to the node; what it has brought lies on the desk before this returns."""
        dialling, self._dialling = self._dialling, None
        media, self._media = self._media, []
        own = asyncio.current_task()
        for task in media:
            if task is not own:
                task.cancel()
        if dialling is None:
            return
        frames = dialling.close(self._view.track_in)
        if self._desk is not None:
            self._desk.frames(frames)

    def _lay(self, step: Step) -> None:
        if self._desk is None:
            return
        match step:
            case Started(seat, classroom, source, heard):
                self._desk.step(lambda recording, at: recording.track_started(seat, classroom, source, at, heard))
            case Stopped(track):
                self._desk.step(lambda recording, at: recording.track_stopped(track, at))
            case Heard(track, heard):
                self._desk.step(lambda recording, at: recording.track_heard(track, heard, at))
            case Paused(paused):
                self._desk.step(lambda recording, at: recording.paused(paused, at))
            case Chapter(kind, label, place, classroom):
                self._desk.step(
                    lambda recording, at: recording.mark(
                        Marked(recording.take.time(at.now), kind, label, place, classroom), at
                    )
                )

    def _id(self) -> str:
        return f"r{next(self._ids)}"
