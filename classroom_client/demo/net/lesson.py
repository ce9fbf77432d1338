"""The demonstration lesson: a lead and four rooms from clips, the floor going round, and links for people."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from classroom_client.core.diagnosis import Trouble
from classroom_client.core.view import LessonView
from classroom_client.demo.cost import cpu_seconds, in_cores
from classroom_client.demo.floor_round import FloorRound, Give, Move, Release, Request
from classroom_client.demo.net.operator import Operator, Refused
from classroom_client.demo.settings import DemoSettings
from classroom_client.devices.decoder import Decoder
from classroom_client.net.client import Client
from classroom_client.net.settings import ClientSettings, SourceFile, server_and_code
from signaling.messages import client as wire
from signaling.messages.ids import LessonId, Role, SeatId, Source

TITLE = "演示课 语文 春晓 · Demonstration"
LEAD = "市实验小学 三(2)班"
ROOMS = ("第1教学点", "第2教学点", "第3教学点", "第4教学点")
WATCHER = "观摩教师"
COST_S = 60.0
LOOK_S = 0.5
AGAIN_S = 10.0
GOODBYE_S = 2.0
"""The whole demonstration ends within 3 s."""
SEATED_S = 20.0
MOST_WATCHERS = 50

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Part:
    """One seat that a demonstration client sits on."""

    name: str
    role: Role
    seat: SeatId
    client: Client


async def demonstrate(settings: DemoSettings, clips: Path, stop: asyncio.Event, say: Say) -> None:
    """Holds lesson after lesson until `stop`; one that a person ends is followed by another."""
    decoder = Decoder()
    costs = asyncio.create_task(_tell_costs(say))
    try:
        async with Operator(settings.server, settings.operator_key) as operator:
            await operator.end_leftovers(TITLE)
            while not stop.is_set():
                await _Lesson(settings, clips, operator, decoder, say).hold(stop)
                if not stop.is_set():
                    say(f"the lesson has ended; another begins in {AGAIN_S:.0f} s")
                    await _wait(stop, AGAIN_S)
    finally:
        costs.cancel()
        decoder.close()


class _Lesson:
    """One lesson of the demonstration."""

    def __init__(self, settings: DemoSettings, clips: Path, operator: Operator, decoder: Decoder, say: Say) -> None:
        self._settings = settings
        self._clips = clips
        self._operator = operator
        self._decoder = decoder
        self._say = say
        self._parts: list[Part] = []
        self._running: dict[SeatId, asyncio.Task[Trouble | None]] = {}
        self._watchers: list[SeatId] = []

    async def hold(self, stop: asyncio.Event) -> None:
        """From planning to the end."""
        lesson = await self._operator.begin(TITLE, LEAD, ROOMS)
        try:
            await self._seat_all(lesson, stop)
            # A new code for a seat ends the one before: people are invited when our clients are in.
            await self._until_seated()
            await self._print_links(lesson)
            await self._until_over(lesson, stop)
        finally:
            ending = asyncio.create_task(self._end(lesson))
            _, late = await asyncio.wait((ending, *self._running.values()), timeout=GOODBYE_S)
            for task in late:
                task.cancel()

    async def _end(self, lesson: LessonId) -> None:
        """Without an answer the next run ends it."""
        with suppress(Refused):
            await self._operator.end(lesson)

    async def _seat_all(self, lesson: LessonId, stop: asyncio.Event) -> None:
        teacher: dict[Source, str] = {
            "teacher": "teacher.mp4",
            "courseware": "courseware.mp4",
            "teacher_mic": "teacher.opus",
        }
        await self._seat(lesson, "lead", LEAD, teacher, stop)
        for number, room in enumerate(ROOMS, 1):
            files: dict[Source, str] = {"students": f"room-{number}.mp4", "room_mic": f"room-{number}.opus"}
            await self._seat(lesson, "room", room, files, stop)

    async def _seat(
        self, lesson: LessonId, role: Role, classroom: str, files: dict[Source, str], stop: asyncio.Event
    ) -> None:
        seat, link = await self._operator.invite(lesson, role, classroom)
        server, code = server_and_code(link)
        name = "lead" if role == "lead" else f"room-{len(self._parts)}"
        sources = tuple(SourceFile(source=source, path=self._clips / file) for source, file in files.items())
        settings = ClientSettings.checked(
            server=server, code=code, sources=sources, sent_log=self._settings.folder / "demo" / f"sent-{name}.log"
        )
        client = Client(settings, self._decoder, tell=partial(self._tell, name))
        self._parts.append(Part(name, role, seat, client))
        self._running[seat] = task = asyncio.create_task(client.run(stop))
        task.add_done_callback(partial(self._left, name))

    async def _until_seated(self) -> None:
        waits = [_admitted(part.client, self._running[part.seat]) for part in self._parts]
        with suppress(TimeoutError):
            async with asyncio.timeout(SEATED_S):
                await asyncio.gather(*waits)

    def _tell(self, name: str, line: str) -> None:
        self._say(f"{name}: {line}")

    def _left(self, name: str, task: asyncio.Task[Trouble | None]) -> None:
        if task.cancelled():
            return
        if error := task.exception():
            self._say(f"{name}: gave up: {type(error).__name__}: {error}")
        elif trouble := task.result():
            self._say(f"{name}: {trouble.sentence}")

    # --- people

    async def _print_links(self, lesson: LessonId) -> None:
        _, room = await self._operator.invite(lesson, "room", ROOMS[-1])
        _, lead = await self._operator.invite(lesson, "lead", LEAD)
        self._say("the demonstration lesson is open; each link works once:")
        self._say(f"  sit in {ROOMS[-1]} with your camera   {room}")
        self._say(f"  teach with your camera          {lead}")
        await self._invite_watcher(lesson)

    async def _invite_watcher(self, lesson: LessonId) -> None:
        """A link to watch; as soon as someone watches, there is one for the next."""
        if len(self._watchers) < MOST_WATCHERS:
            seat, link = await self._operator.invite(lesson, "attendee", f"{WATCHER} {len(self._watchers) + 1}")
            self._watchers.append(seat)
            self._say(f"  watch the lesson                {link}")

    # --- the floor

    async def _until_over(self, lesson: LessonId, stop: asyncio.Event) -> None:
        floor_round = FloorRound()
        holder: SeatId | None = None
        while not stop.is_set() and not self._is_over():
            view = self._view()
            if view is not None:
                if view.floor.holder != holder:
                    holder = view.floor.holder
                    self._say_floor(view, holder)
                moves = floor_round.moves(
                    view.floor, self._rooms(), lead_is_ours=self._lead() is not None, now_ms=time.monotonic() * 1000
                )
                for move in moves:
                    await self._move(move)
                await self._look_after_watchers(lesson)
            await _wait(stop, LOOK_S)

    def _say_floor(self, view: LessonView, holder: SeatId | None) -> None:
        seat = None if holder is None else view.seats.get(holder)
        self._say(f"the floor: {'nobody' if seat is None else seat.classroom}")

    def _is_over(self) -> bool:
        """A person ended the lesson; seats that people took do not count."""
        ended = [task.result() for task in self._running.values() if task.done() and not task.exception()]
        return any(trouble is not None and trouble.code in ("ended", "lesson_over") for trouble in ended)

    def _ours(self) -> list[Part]:
        return [part for part in self._parts if part.client.seated and not self._running[part.seat].done()]

    def _rooms(self) -> list[SeatId]:
        return [part.seat for part in self._ours() if part.role == "room"]

    def _lead(self) -> Client | None:
        return next((part.client for part in self._ours() if part.role == "lead"), None)

    def _view(self) -> LessonView | None:
        """The lesson as any of our clients sees it."""
        return next((part.client.view for part in self._ours()), None)

    async def _move(self, move: Move) -> None:
        lead = self._lead()
        room = next((part.client for part in self._ours() if part.seat == move.room), None)
        match move:
            case Give(room=seat) if lead is not None:
                await lead.wish(lambda message_id: wire.FloorGive(message_id, seat))
            case Request() if room is not None:
                await room.wish(wire.FloorRequest)
            case Release() if room is not None:
                await room.wish(wire.FloorRelease)

    async def _look_after_watchers(self, lesson: LessonId) -> None:
        view = self._view()
        seat = view.seats.get(self._watchers[-1]) if view and self._watchers else None
        if seat is not None and seat.present:
            with suppress(Refused):
                await self._invite_watcher(lesson)


async def _admitted(client: Client, running: asyncio.Task[Trouble | None]) -> None:
    while not client.seated and not running.done():
        await asyncio.sleep(0.05)


async def _tell_costs(say: Say) -> None:
    if not Path("/proc/self/stat").exists():
        return
    while True:
        before, began = cpu_seconds(os.getppid(), os.getpid()), time.monotonic()
        await asyncio.sleep(COST_S)
        say(in_cores(before, cpu_seconds(os.getppid(), os.getpid()), time.monotonic() - began))


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
