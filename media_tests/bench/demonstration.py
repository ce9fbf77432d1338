"""The demonstration lesson as `make run` starts it, with one person watching in Chromium."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from media_tests.browser.chromium import chromium, open_tab, until
from media_tests.browser.seat import Person, link
from media_tests.lesson.system import ROOT, Invitation, System, running_system

READY_S: Final = 180.0
"""The clips are made at the first run."""
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Demonstration:
    """The running lesson, its services and the person who watches."""

    system: System
    process: asyncio.subprocess.Process
    person: Person
    page: Page
    """The person's."""
    folder: Path

    @property
    def clips(self) -> Path:
        return next(path for path in (self.folder / "clips").iterdir() if (path / "teacher.opus").exists())

    @property
    def sent_log(self) -> Path:
        return self.folder / "demo" / "sent-lead.log"

    async def slot(self, source: str) -> str:
        """Where the lead's source arrives at the person."""
        slots = (await self.person.look())["slots"]
        return str(next(slot["mid"] for slot in slots if slot["source"] == source))

    def cpu_seconds(self) -> float:
        """CPU time so far of signaling, node and demonstration; the browser is the watcher's own."""
        services = (self.system.signaling.process, self.system.node.process, self.process)
        return sum(_cpu_seconds(process.pid) for process in services if process is not None)

    async def stop(self) -> None:
        """Ends the lesson; its logs are whole afterwards."""
        if self.process.returncode is None:
            self.process.terminate()
            await asyncio.wait_for(self.process.wait(), 10)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


@asynccontextmanager
async def demonstration(folder: Path) -> AsyncIterator[Demonstration]:
    """Starts services and lesson, sits a person down with them, and waits until the person sees five pictures."""
    (ROOT / "var" / "clips").mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clips").symlink_to(ROOT / "var" / "clips")
    async with running_system(folder) as system, chromium() as browser:
        config = system.signaling.config
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "classroom_client.demo", "--config", str(config)),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        try:
            async with asyncio.timeout(READY_S):
                address = await _watchers_link(process)
            drained = asyncio.create_task(_drain(process))
            invitation = Invitation("", "", address)
            tab = await open_tab(browser, link(invitation), permitted=False, width=1920, height=1080, scripts=())
            person = Person(invitation, tab)
            await person.enter()
            await until("five pictures play", lambda: _plays(person, 5), 40)
            lesson = Demonstration(system, process, person, tab.page, folder)
            yield lesson
            await lesson.stop()
            await drained
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _plays(person: Person, pictures: int) -> bool:
    reports = await person.stats("subscribe", type="inbound-rtp", kind="video")
    return len([r for r in reports if int(r.get("framesDecoded", 0)) > 25]) >= pictures


async def _watchers_link(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    said = []
    while line := await process.stdout.readline():
        said.append(line.decode())
        if found := re.search(r"watch the lesson\s+(http\S+)", said[-1]):
            return found.group(1)
    raise RuntimeError(f"the demonstration ended before it began:\n{''.join(said)}")


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    while await process.stdout.readline():
        pass
