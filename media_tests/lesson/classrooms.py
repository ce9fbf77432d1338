"""The classrooms of a lesson as clients from clips, in the process of the test."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classroom_client.core.diagnosis import Trouble
from classroom_client.core.playback import Pace
from classroom_client.core.watching import Sink
from classroom_client.demo.clips import make_clips
from classroom_client.devices.board import Count, Watch
from classroom_client.devices.decoder import Decoder
from classroom_client.net import ClientSettings, SourceFile
from classroom_client.net.client import Client
from media_tests.lesson.system import ROOT, System
from signaling.messages.client import ServerMessage
from signaling.messages.ids import SeatId, Source, TrackId, track_id

LEAD = "市实验小学 三(2)班"
LEAD_FILES: Mapping[Source, str] = {
    "teacher": "teacher.mp4",
    "courseware": "courseware.mp4",
    "teacher_mic": "teacher.opus",
}
# What a busy machine may need; a law with a time of its own says it.
PATIENCE_S = 60.0


def room_files(number: int) -> Mapping[Source, str]:
    """What room 1 to 4 publishes."""
    return {"students": f"room-{number}.mp4", "room_mic": f"room-{number}.opus"}


@dataclass
class Classroom:
    """One client with what it was told."""

    name: str
    seat: SeatId
    client: Client
    lines: list[str]
    messages: list[ServerMessage]
    ended: "asyncio.Task[Trouble | None]"
    stop: asyncio.Event
    heard_us: list[int]
    """When each of `messages` came, on the monotonic clock."""

    async def leave(self) -> None:
        """Goes; the seat stays."""
        self.stop.set()
        await asyncio.wait([self.ended], timeout=PATIENCE_S)

    def count(self, track: TrackId) -> Count:
        """What arrived of a track; nothing when it was never bound."""
        return self.client.board.counts().get(track, Count())

    def frames(self, other: "Classroom", source: Source) -> int:
        return self.count(track_id(other.seat, source)).frames


@dataclass
class Classrooms:
    """A lesson's clients; closed together."""

    system: System
    lesson: str
    clips: Path
    decoder: Decoder = field(default_factory=Decoder)
    all: list[Classroom] = field(default_factory=list)

    async def add(
        self,
        role: str,
        classroom: str,
        files: Mapping[Source, str],
        *,
        sink: Sink = "count",
        watch: Watch | None = None,
        sent_log: Path | None = None,
        pace: Callable[[], Pace] = Pace,
    ) -> Classroom:
        """Invites a client and starts it."""
        invitation = await self.system.invite(self.lesson, role, classroom)
        settings = ClientSettings(
            server=self.system.url,
            code=invitation.code,
            sources=tuple(SourceFile(source=source, path=self.clips / file) for source, file in files.items()),
            sink=sink,
            sent_log=sent_log,
            ca=self.system.authority,
        )
        lines: list[str] = []
        messages: list[ServerMessage] = []
        heard_us: list[int] = []

        def heard(message: ServerMessage) -> None:
            heard_us.append(time.monotonic_ns() // 1000)
            messages.append(message)

        client = Client(settings, self.decoder, tell=lines.append, watch=watch, heard=heard, pace=pace)
        stop = asyncio.Event()
        ended = asyncio.create_task(client.run(stop))
        made = Classroom(classroom, SeatId(invitation.seat), client, lines, messages, ended, stop, heard_us)
        self.all.append(made)
        return made

    async def until(self, what: str, done: Callable[[], bool], seconds: float = PATIENCE_S) -> float:
        """Waits; says what did not come, with what everybody was told. The result is how long it took."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                while not done():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"not within {seconds} s: {what}\n{self._state()}\n{self.system.logs()}") from None
        return time.monotonic() - began

    def _state(self) -> str:
        return "\n".join(
            f"{room.name} ({room.seat}): {room.lines} {dict(room.client.board.counts())}" for room in self.all
        )

    async def close(self) -> None:
        for room in self.all:
            room.stop.set()
        if self.all:
            await asyncio.wait([room.ended for room in self.all], timeout=5)
        self.decoder.close()


@asynccontextmanager
async def classrooms(
    system: System, rooms: int = 4, policy: Mapping[str, Any] | None = None, **more: str
) -> AsyncIterator[Classrooms]:
    """A lesson that is open, without anyone in it yet."""
    clips = await asyncio.to_thread(make_clips, ROOT / "var" / "clips", print)
    lesson = Classrooms(system, await system.open_lesson(rooms, policy=policy, **more), clips)
    try:
        yield lesson
    finally:
        await lesson.close()


async def one_plus_four(lesson: Classrooms) -> tuple[Classroom, list[Classroom]]:
    """The lead and four rooms, started."""
    lead = await lesson.add("lead", LEAD, LEAD_FILES)
    return lead, [await lesson.add("room", f"第{number}教学点", room_files(number)) for number in range(1, 5)]
