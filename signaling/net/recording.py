"""The recorder's WebSocket: which lessons are to be taken, the keys to their seats, and what is taken of them."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog
from aiohttp import WSMsgType, web

from signaling.core import recorder_side
from signaling.core.claims import SESSION_LIFETIME_S, SessionClaims
from signaling.core.lesson import Lesson
from signaling.core.outcome import CLOSE_REPLACED, CLOSE_RESTARTING, CLOSE_WRONG_HELLO
from signaling.core.refusal import Refusal
from signaling.messages import recording as say
from signaling.messages.http import RecorderView
from signaling.messages.ids import LessonId, SeatId
from signaling.messages.wire import FROM_RECORDER, TO_RECORDER, WireError
from signaling.net.bodies import problem
from signaling.net.callers import Doorkeeper
from signaling.net.clock import instant
from signaling.net.lessons import Lessons
from signaling.net.live import Restarting
from signaling.net.metrics import Metrics
from signaling.net.settings import SignalingSettings
from signaling.net.tokens import new_id, same_secret
from signaling.net.ws import ClientLine

log = structlog.get_logger("signaling.recording")

HELLO_PATIENCE_S: Final = 5.0
HEARTBEAT_S: Final = 5.0
LARGEST_MESSAGE: Final = 1024 * 1024
AGAIN_S: Final = 0.2
"""A lesson that is being restored is asked for again after this."""


class RecordingDoor:
    """Answers `/recording`, for one recorder at a time."""

    def __init__(self, settings: SignalingSettings, doorkeeper: Doorkeeper, lessons: Lessons, metrics: Metrics) -> None:
        self._token = settings.recorder_token
        self._doorkeeper = doorkeeper
        self._lessons = lessons
        self._metrics = metrics
        self._recorder: _Recorder | None = None
        self._left: say.SpaceLeft | None = None
        lessons.changed = self._changed

    @property
    def state(self) -> RecorderView:
        """For the operator: whether the recorder is there, and how long its disk lasts."""
        recorder, left = self._recorder, self._left
        name = "" if recorder is None else recorder.name
        if left is None:
            return RecorderView(recorder is not None, name)
        return RecorderView(
            True, name, left.level, left.free_bytes, left.bytes_per_s, left.lasts_s, left.sentence, left.refused
        )

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One recorder from its call to its end."""
        if not self._token:
            return problem(404, "unknown_address", "No recorder is configured; set recorder_token in [signaling].")
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not same_secret(shown.strip(), self._token):
            log.warning("recorder_refused", address=self._doorkeeper.address(request), code="not_authenticated")
            return problem(401, "not_authenticated", "This is no token of our recorder.")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=LARGEST_MESSAGE, compress=False, timeout=1.0)
        await socket.prepare(request)
        line = ClientLine(request, socket, self._metrics)
        try:
            await self._talk(socket, line)
        finally:
            await line.ended()
        return socket

    def shut(self) -> None:
        """Sends the recorder away before the process ends; its takes go on."""
        if self._recorder is not None:
            self._recorder.line.hang_up(None, CLOSE_RESTARTING)

    async def _talk(self, socket: web.WebSocketResponse, line: ClientLine) -> None:
        try:
            hello = await _hello(socket)
        except (TimeoutError, WireError) as error:
            log.warning("recorder_hung_up_on", code="wrong_message", sentence=str(error) or "no hello in time")
            line.hang_up(None, CLOSE_WRONG_HELLO)
            return
        version = next(version for version in say.VERSIONS if version in hello.versions)
        before, recorder = self._recorder, _Recorder(hello.recorder, version, line, self._lessons, self._doorkeeper)
        self._recorder = recorder
        self._metrics.recorder_up.set(1)
        if before is not None:
            before.line.hang_up(None, CLOSE_REPLACED)
        log.info("recorder_came", recorder=hello.recorder)
        giving = asyncio.create_task(recorder.give(self._lessons.open()))
        try:
            await self._listen(socket, recorder)
        finally:
            giving.cancel()
            with suppress(asyncio.CancelledError):
                await giving
            log.warning("recorder_went", recorder=hello.recorder, close_code=line.close_code or socket.close_code)
            if self._recorder is recorder:
                self._recorder = None
                self._keep(None)
                self._metrics.recorder_up.set(0)
                await recorder.went()

    async def _listen(self, socket: web.WebSocketResponse, recorder: "_Recorder") -> None:
        async for message in socket:
            try:
                if message.type is not WSMsgType.TEXT:
                    raise WireError("messages are text")
                said = FROM_RECORDER.decode(message.data)
                if isinstance(said, say.RecorderHello):
                    raise WireError("recorder_hello came twice")
            except WireError as error:
                log.warning("recorder_hung_up_on", code="wrong_message", sentence=str(error))
                recorder.line.hang_up(None, CLOSE_WRONG_HELLO)
                return
            if isinstance(said, say.WantTake):
                recorder.want(said.lesson)
            elif isinstance(said, say.SpaceLeft):
                self._keep(said)
                await recorder.has_space(said)
            else:
                await recorder.told(said)

    def _keep(self, left: say.SpaceLeft | None) -> None:
        before = "enough" if self._left is None else self._left.level
        self._left = left
        self._metrics.space(left)
        if left is not None and left.level != before:
            tell = log.info if left.level == "enough" else log.warning
            tell("recorder_space", level=left.level, free_bytes=left.free_bytes, lasts_s=left.lasts_s,
                 sentence=left.sentence)  # fmt: skip

    def _changed(self, lesson: Lesson) -> None:
        """A lesson has opened or is over."""
        if self._recorder is not None:
            self._recorder.want(lesson.id)


class _Recorder:
    """One recorder that has said hello."""

    def __init__(self, name: str, version: int, line: ClientLine, lessons: Lessons, doorkeeper: Doorkeeper) -> None:
        self.line = line
        self.name = name
        self._version = version
        self._lessons = lessons
        self._doorkeeper = doorkeeper
        self._wanted: dict[LessonId, None] = {}
        self._wake = asyncio.Event()
        self._taken: dict[LessonId, SessionClaims] = {}

    def want(self, lesson: LessonId) -> None:
        """This lesson shall be given, or said to be over; asked for twice it is given once."""
        self._wanted[lesson] = None
        self._wake.set()

    async def give(self, lessons: list[Lesson]) -> None:
        """Names all that is to be taken, and gives one lesson after the other, as long as the line lives."""
        named = tuple(lesson.id for lesson in lessons if lesson.policy.sources)
        self._send(say.RecordingHello(self._version, named))
        self._wanted |= dict.fromkeys(named)
        while True:
            for lesson in list(self._wanted):
                del self._wanted[lesson]
                await self._give(lesson)
            self._wake.clear()
            if not self._wanted:
                await self._wake.wait()

    async def told(self, states: say.TakeStates) -> None:
        """The recorder says what it takes of a lesson."""
        try:
            live = await self._lessons.live(states.lesson)
            if live is None:
                raise Refusal("lesson_over", "This lesson is over, or unknown here.")
            said, name, paused = states.sources, self.name, states.paused
            await live.step(lambda room, now: (None, recorder_side.said(room, said, name, now, paused=paused)))
        except Refusal as refusal:
            log.error("take_state_refused", lesson=states.lesson, recorder=self.name, code=refusal.code)
            self._send(say.RefusedState(states.lesson, refusal.code, refusal.sentence))
        except Restarting:
            log.warning("take_state_lost", lesson=states.lesson, recorder=self.name)

    async def has_space(self, left: say.SpaceLeft) -> None:
        """The recorder says how long its disk lasts; each running lesson takes of it what touches it."""
        for lesson in self._lessons.open():
            with suppress(Restarting):
                live = await self._lessons.live(lesson.id)
                if live is not None:
                    await live.step(lambda room, now: (None, recorder_side.has_space(room, left, now)))

    async def went(self) -> None:
        """The line is gone."""
        for lesson in self._taken:
            with suppress(Restarting):
                live = await self._lessons.live(lesson)
                if live is not None:
                    await live.step(lambda room, now: (None, recorder_side.went(room, now)))

    async def _give(self, lesson: LessonId) -> None:
        try:
            live = await self._lessons.live(lesson)
            if live is None:
                raise Refusal("lesson_over", "This lesson is over, or unknown here.")
            fresh = SeatId(new_id("S"))
            seat = await live.step(lambda room, now: recorder_side.came(room, self.name, fresh, now))
        except Refusal as refusal:
            log.info("take_ended", lesson=lesson, recorder=self.name, code=refusal.code)
            self._taken.pop(lesson, None)
            self._send(say.TakeEnded(lesson, refusal.code))
        except Restarting:
            await asyncio.sleep(AGAIN_S)
            self.want(lesson)
        else:
            token = await self._token(lesson, seat)
            log.info("take_given", lesson=lesson, seat=seat, recorder=self.name)
            self._send(_take(live.lesson, seat, token))

    async def _token(self, lesson: LessonId, seat: SeatId) -> str:
        """A new key to the seat; the one before opens nothing any more."""
        now_s = instant().wall_ms // 1000
        before = self._taken.get(lesson)
        claims = self._taken[lesson] = SessionClaims(new_id("T", 22), lesson, seat, now_s, now_s + SESSION_LIFETIME_S)
        token = await self._doorkeeper.let_service_in(claims)
        if before is not None:
            await self._doorkeeper.send_away(before)
        return token

    def _send(self, message: say.RecordingMessage) -> None:
        self.line.send(TO_RECORDER.encode(message))


def _take(lesson: Lesson, seat: SeatId, token: str) -> say.Take:
    classrooms = (lesson.lead_classroom, *lesson.rural_classrooms)
    return say.Take(lesson.id, lesson.title, lesson.policy, seat, token, lesson.school, lesson.teacher, classrooms)


async def _hello(socket: web.WebSocketResponse) -> say.RecorderHello:
    """Waits for the first message; raises TimeoutError or WireError."""
    message = await socket.receive(HELLO_PATIENCE_S)
    hello = FROM_RECORDER.decode(message.data) if message.type is WSMsgType.TEXT else None
    if not isinstance(hello, say.RecorderHello):
        raise WireError("the first message is recorder_hello")
    if not set(hello.versions) & set(say.VERSIONS):
        raise WireError(f"this server speaks versions {say.VERSIONS} of the recorder's line, not {hello.versions}")
    return hello
