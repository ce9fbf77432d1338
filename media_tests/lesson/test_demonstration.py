"""The demonstration lesson beside a real system: it invites people, makes room for them, and ends with a signal."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from classroom_client.demo.clips import make_clips
from classroom_client.devices.decoder import Decoder
from classroom_client.net import ClientSettings, server_and_code
from classroom_client.net.client import Client
from media_tests.lesson.system import ROOT, System, running_system
from signaling.messages import client as wire

SEATED = 5


class Demonstration:
    """The process, and what it has said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip())

    async def says(self, words: str, times: int = 1, seconds: float = 60) -> str:
        """The line with these words, as soon as there are so many."""
        try:
            async with asyncio.timeout(seconds):
                while len(found := [line for line in self.lines if words in line]) < times:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"not within {seconds} s: {words!r} {times} times in {self.lines}") from None
        return found[-1]

    async def ends(self) -> tuple[int, float]:
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = await self.process.wait()
        await self._reading
        return code, time.monotonic() - began


@asynccontextmanager
async def demonstration(system: System) -> AsyncIterator[Demonstration]:
    await asyncio.to_thread(make_clips, ROOT / "var" / "clips", print)
    (system.folder / "clips").symlink_to(ROOT / "var" / "clips")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "classroom_client.demo", "--config", str(system.folder / "three-classrooms.toml")),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Demonstration(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def lessons(system: System) -> list[dict[str, Any]]:
    async with system.http.get(f"{system.url}/api/lessons") as answer:
        return list((await answer.json())["lessons"])


async def test_it_fills_the_seats_moves_the_floor_and_ends_with_its_lesson(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, demonstration(system) as demo:
        await demo.says("in the lesson as", SEATED)
        await demo.says("watch the lesson")
        await demo.says("the floor: 第1教学点")
        code, took_s = await demo.ends()
        (lesson,) = await lessons(system)
        assert (code, lesson["state"], lesson["policy"]["sources"]) == (0, "ended", [])
        assert took_s < 5


async def test_a_person_takes_a_seat_asks_and_is_heard_and_the_watchers_link_is_renewed(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, demonstration(system) as demo:
        room = (await demo.says("sit in 第4教学点")).split()[-1]
        watcher = (await demo.says("watch the lesson")).split()[-1]
        stop, decoder, told = asyncio.Event(), Decoder(), list[str]()
        people = [
            Client(ClientSettings(server=server, code=code), decoder, tell=told.append)
            for server, code in map(server_and_code, (room, watcher))
        ]
        tasks = [asyncio.create_task(person.run(stop)) for person in people]
        try:
            await demo.says("room-4: replaced")
            assert (await demo.says("watch the lesson", 2)).split()[-1] != watcher
            await people[0].wish(wire.FloorRequest)
            await demo.says("the floor: 第4教学点")
        finally:
            stop.set()
            await asyncio.wait(tasks)
            decoder.close()
        assert told.count("in the lesson as room, 第4教学点") == 1
