"""The recorder's process: it asks signaling what is to be taken, takes it, and says what it takes."""

import asyncio
import secrets
import string
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import structlog

from recorder.core.form import FormatError
from recorder.core.names import TakeId
from recorder.core.records import About, Policy, Software
from recorder.core.space import BYTES_PER_S
from recorder.core.timeline import NodeTime
from recorder.disk.desk import Desk
from recorder.disk.files import Disk
from recorder.disk.left_over import close_left_over, left_over
from recorder.disk.outlook import Outlook
from recorder.disk.recording import Ask, Moment, NoRoom, Recording, Shelf
from recorder.net.recorder_settings import RecorderSettings
from recorder.net.seat import AGAIN_S, LessonSeat
from recorder.net.way import Line, LineLost, Signaling
from signaling.messages import recording as say
from signaling.messages.client import TakenSource
from signaling.messages.ids import LessonId, SpaceLevel
from signaling.messages.wire import FROM_RECORDER, TO_RECORDER

log = structlog.get_logger("recorder")

STATES_EVERY_S: Final = 1.0
STATES_AT_LEAST_EVERY_S: Final = 2.0
SPACE_EVERY_S: Final = 5.0
ROOM_AGAIN_S: Final = 30.0
"""A lesson that did not fit is tried again: somebody may have made room."""
SPACE_SINCE: Final = 2
"""The version of this line that has `space_left`."""
END_PATIENCE_S: Final = 40.0
CLOSE_PATIENCE_S: Final = 2.5
"""The disk's time to take what there is when this process ends: `up` gives little more."""
LINES_PATIENCE_S: Final = 0.5
LOOK_AGAIN_S: Final = 0.02
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_LETTERS: Final = string.ascii_uppercase + string.digits

RecordingLine = Line[say.RecorderMessage, say.RecordingMessage]


@dataclass(slots=True)
class _Taken:
    """A lesson that is being taken, or whose take was refused."""

    take: say.Take
    seat: LessonSeat
    task: asyncio.Task[None]
    desk: Desk | None
    refused: str = ""
    no_room: bool = False
    again_s: float = 0.0


async def run(settings: RecorderSettings, stop: asyncio.Event) -> None:
    """Records until `stop`."""
    recorder = Recorder(settings)
    work = asyncio.create_task(recorder.run())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
    finally:
        stopping.cancel()
        await recorder.close(work)


class Recorder:
    """All takes of this process."""

    def __init__(self, settings: RecorderSettings) -> None:
        self._settings: Final = settings
        software = Software(_version(), _version())
        self._shelf: Final = Shelf(Disk(), settings.folder, settings.master, settings.rules, software)
        self._outlook: Final = Outlook(self._shelf)
        self._level: SpaceLevel = "enough"
        self._boot: Final = _BOOT.read_text().strip() if _BOOT.exists() else secrets.token_hex(8)
        self._signaling: Final = Signaling(settings.signaling_url, settings.certificate)
        self._takes: dict[LessonId, _Taken] = {}
        self._wanted: set[LessonId] = set()
        self._wants: Final = asyncio.Event()
        self._told: dict[LessonId, say.TakeStates] = {}
        self._ends: dict[asyncio.Task[None], Desk] = {}

    def moment(self) -> Moment:
        """Now; the monotonic clock is the forwarder's too."""
        return Moment(NodeTime(time.monotonic_ns() // 1000), time.time_ns() // 1_000_000, self._boot)

    async def run(self) -> None:
        """Holds the line to signaling; takes go on while it is lost."""
        failures = 0
        while True:
            try:
                token = self._settings.token
                async with self._signaling.dial("/recording", token, FROM_RECORDER, TO_RECORDER) as line:
                    log.info("line_open", signaling=self._settings.signaling_url)
                    failures = 0
                    await self._talk(line)
            except LineLost as lost:
                # At the start of a machine signaling comes a little later; that is no news.
                (log.warning if failures >= len(AGAIN_S) else log.info)("line_lost", why=str(lost))
            await asyncio.sleep(AGAIN_S[min(failures, len(AGAIN_S) - 1)])
            failures += 1

    async def close(self, work: asyncio.Task[None]) -> None:
        """Ends `run` and leaves every take, all of it written, so that the next process goes on with it."""
        lines = {work, *(taken.task for taken in self._takes.values())}
        desks = [taken.desk for taken in self._takes.values() if taken.desk is not None] + list(self._ends.values())
        for taken in self._takes.values():
            taken.seat.hang_up()
        for line in lines:
            line.cancel()
        for desk in desks:
            desk.close()
        over = {asyncio.create_task(_is_over(desk, CLOSE_PATIENCE_S)) for desk in desks}
        await asyncio.wait({*lines, *over, *self._ends}, timeout=CLOSE_PATIENCE_S + LINES_PATIENCE_S)
        for desk in desks:
            if not desk.join(0.0):
                log.error("take_cut_off", take=desk.take, why="the disk has not taken all of it in time")
        await self._signaling.close()

    async def _talk(self, line: RecordingLine) -> None:
        await line.say(say.RecorderHello(say.VERSIONS, self._settings.name))
        self._told.clear()
        telling = [asyncio.create_task(self._tell(line))]
        try:
            async for message in line.messages():
                if isinstance(message, say.RecordingHello) and message.version >= SPACE_SINCE:
                    telling.append(asyncio.create_task(self._tell_space(line)))
                await self._hear(message)
                for task in telling:
                    if task.done():
                        task.result()
        finally:
            for task in telling:
                task.cancel()
            for task in telling:
                with suppress(asyncio.CancelledError, LineLost):
                    await task

    async def _hear(self, message: say.RecordingMessage) -> None:
        match message:
            case say.RecordingHello(lessons=lessons):
                for lesson in self._takes.keys() - set(lessons):
                    self._end(lesson, "the lesson is over")
                await asyncio.to_thread(self._close_left_overs, frozenset(lessons))
            case say.Take():
                if (taken := self._takes.get(message.lesson)) is not None:
                    taken.take = message
                    taken.seat.renew(message.token)
                else:
                    await self._begin(message)
            case say.TakeEnded(lesson=lesson, reason=reason):
                self._end(lesson, reason)
            case say.RefusedState():
                log.error("state_refused", lesson=message.lesson, code=message.code, sentence=message.sentence)

    async def _begin(self, take: say.Take) -> None:
        policy = Policy(take.policy.sources, take.policy.muted_sound, take.policy.enabled_by, take.policy.basis)
        name = TakeId("K" + "".join(secrets.choice(_LETTERS) for _ in range(10)))
        about = About(take.school, take.teacher, take.classrooms)
        ask = Ask(take.lesson, take.title, policy, name, about)
        desk, refused, no_room = None, "", False
        try:
            recording = await asyncio.to_thread(Recording, self._shelf, ask, self.moment(), self._rate())
            desk = Desk(recording, self.moment)
        except NoRoom as error:
            refused, no_room = str(error), True
        except (OSError, FormatError) as error:
            refused = f"The recorder cannot write: {error}"
        if refused:
            log.error("not_recorded", lesson=take.lesson, why=refused)
        seat = LessonSeat(self._signaling, take.lesson, take.token, desk, lambda: self._want(take.lesson))
        task = asyncio.create_task(seat.run())
        self._takes[take.lesson] = _Taken(take, seat, task, desk, refused, no_room, time.monotonic() + ROOM_AGAIN_S)

    def _rate(self) -> float:
        """What the takes that run may bring."""
        running = [taken.take for taken in self._takes.values() if taken.desk is not None]
        return float(sum(BYTES_PER_S[source] for take in running for source in take.policy.sources))

    def _want(self, lesson: LessonId) -> None:
        self._wanted.add(lesson)
        self._wants.set()

    def _end(self, lesson: LessonId, reason: str) -> None:
        taken = self._takes.pop(lesson, None)
        if taken is None:
            return
        taken.seat.hang_up()
        taken.task.cancel()
        if taken.desk is not None:
            taken.desk.end(reason)
            ending = asyncio.create_task(self._ended(lesson, taken.desk))
            self._ends[ending] = taken.desk
            ending.add_done_callback(self._ends.pop)

    async def _ended(self, lesson: LessonId, desk: Desk) -> None:
        over = await _is_over(desk, END_PATIENCE_S)
        log.info("take_ended", lesson=lesson, whole=over and desk.whole)

    async def _tell(self, line: RecordingLine) -> None:
        """The whole truth about each take, when it changes and every few seconds."""
        last = 0.0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(STATES_EVERY_S):
                    await self._wants.wait()
            self._wants.clear()
            for lesson in list(self._wanted):
                self._wanted.discard(lesson)
                await line.say(say.WantTake(lesson))
            again = time.monotonic() - last >= STATES_AT_LEAST_EVERY_S
            last = time.monotonic() if again else last
            for lesson, taken in list(self._takes.items()):
                states = _states(taken)
                if again or states != self._told.get(lesson):
                    self._told[lesson] = states
                    await line.say(states)
                if taken.refused and time.monotonic() >= taken.again_s:
                    taken.task.cancel()
                    del self._takes[lesson]
                    await self._begin(taken.take)

    async def _tell_space(self, line: RecordingLine) -> None:
        """How long the disk lasts; whoever looks at a disk may have to wait for it, and nobody waits with them."""
        while True:
            await line.say(await asyncio.to_thread(self._space))
            await asyncio.sleep(SPACE_EVERY_S)

    def _space(self) -> say.SpaceLeft:
        takes = list(self._takes.items())
        desks = [taken.desk for _, taken in takes if taken.desk is not None] + list(self._ends.values())
        found = self._outlook.look(desks, self._rate(), self.moment().now)
        if found.level != self._level:
            self._level = found.level
            tell = log.info if found.level == "enough" else log.warning
            tell("disk_space", level=found.level, free_bytes=found.free_bytes, sentence=found.sentence)
        lasts_s = None if found.lasts_s is None else int(found.lasts_s)
        refused = tuple(lesson for lesson, taken in takes if taken.no_room)
        return say.SpaceLeft(found.free_bytes, round(found.bytes_per_s), lasts_s, found.level, found.sentence, refused)

    def _close_left_overs(self, running: frozenset[LessonId]) -> None:
        for lesson, take in left_over(self._shelf):
            if lesson in running or lesson in self._takes:
                continue
            try:
                close_left_over(self._shelf, lesson, take, self.moment())
                log.info("left_over_closed", lesson=lesson, take=take)
            except (OSError, FormatError, NoRoom) as error:
                log.error("left_over_kept", lesson=lesson, take=take, why=str(error))


async def _is_over(desk: Desk, patience_s: float) -> bool:
    """Waits without a thread: one that waits for a disk that sleeps would keep this process."""
    until = time.monotonic() + patience_s
    while not (over := desk.join(0.0)) and time.monotonic() < until:
        await asyncio.sleep(LOOK_AGAIN_S)
    return over


def _states(taken: _Taken) -> say.TakeStates:
    lesson, allowed = taken.take.lesson, taken.take.policy.sources
    if taken.desk is None:
        refused = [(seat, source) for seat, source in taken.seat.sources if source in allowed]
        failed = tuple(TakenSource(seat, source, "failed", taken.refused) for seat, source in refused)
        return say.TakeStates(lesson, failed, taken.seat.paused)
    is_paused, shown = taken.desk.is_paused(), [one for one in taken.desk.shown() if one[1] in allowed]
    sources = tuple(TakenSource(seat, source, state, sentence or None) for seat, source, state, sentence in shown)
    return say.TakeStates(lesson, sources, is_paused)


def _version() -> str:
    try:
        return version("three-classrooms")
    except PackageNotFoundError:
        return "0"
