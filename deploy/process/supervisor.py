"""Starts the programs, starts again what crashed, ends all of them."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.core.restart import GiveUp, RestartPolicy, after_exit, how_it_ended
from deploy.process import guard
from deploy.process.child import Child, Program

# Together below the five seconds within which Ctrl-C ends everything.
# Six children, asked one after another, so that the last one asked still has a second.
TURN_S = 0.5
GRACE_S = 3.5
AFTER_KILL_S = 1.0

Say = Callable[[str, str], None]
OWN = "up"


@dataclass(slots=True)
class Supervisor:
    """Holds the children from `run` until it returns; then none is left."""

    say: Say
    policy: RestartPolicy = RestartPolicy()
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _hurry: asyncio.Event = field(default_factory=asyncio.Event)
    _children: dict[str, Child] = field(default_factory=dict)
    _failure: str | None = None

    async def run(
        self,
        services: Sequence[Program],
        ready: Callable[[], Awaitable[Sequence[Program]]],
    ) -> str | None:
        """Starts the services, then what `ready` answers with, until a signal. Returns why it gave up, if it did."""
        lifeline = _Lifeline()
        self._take_signals()
        tasks = [self._task(self._keep(program, lifeline)) for program in services]
        later = self._task(self._then(ready, tasks, lifeline))
        try:
            await self._stop.wait()
        finally:
            later.cancel()
            try:
                await self._end(tasks)
                await asyncio.wait({later})
            finally:
                lifeline.close()
        if not later.cancelled():
            later.result()
        return self._failure

    def stop(self) -> None:
        """The first time asks all children to end, the second time kills them."""
        (self._hurry if self._stop.is_set() else self._stop).set()

    def _take_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)

    async def _then(
        self,
        ready: Callable[[], Awaitable[Sequence[Program]]],
        tasks: list[asyncio.Task[None]],
        lifeline: "_Lifeline",
    ) -> None:
        for program in await ready():
            tasks.append(self._task(self._keep(program, lifeline)))

    def _task(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """A fault of our own ends everything, loudly: `run` raises it."""
        task = asyncio.create_task(work)
        task.add_done_callback(lambda done: self._stop.set() if not done.cancelled() and done.exception() else None)
        return task

    async def _keep(self, program: Program, lifeline: "_Lifeline") -> None:
        crashes = 0
        while not self._stop.is_set():
            code, lived_s = await self._live(program, lifeline)
            if self._stop.is_set():
                return
            decision = after_exit(self.policy, name=program.name, code=code, lived_s=lived_s, crashes=crashes)
            if isinstance(decision, GiveUp):
                self._failure = self._failure or decision.sentence
                self._stop.set()
                return
            crashes = decision.crashes
            self.say(OWN, f"{program.name} {how_it_ended(code)}; it is started again in {decision.delay_s:g} s.")
            await self._pause(decision.delay_s)

    async def _live(self, program: Program, lifeline: "_Lifeline") -> tuple[int, float]:
        began = time.monotonic()
        try:
            child = await Child.start(program, self.say)
        except OSError as error:
            self.say(OWN, f"{program.name} could not be started: {error}.")
            return 127, 0.0
        lifeline.hold(child.group)
        self._children[program.name] = child
        try:
            if self._stop.is_set():
                child.signal(signal.SIGTERM)
            return await child.ended(), time.monotonic() - began
        finally:
            del self._children[program.name]
            lifeline.release(child.group)

    async def _pause(self, delay_s: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), delay_s)
        except TimeoutError:
            return

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        self._stop.set()
        asking = asyncio.create_task(self._ask_all())
        hurry = asyncio.create_task(self._hurry.wait())
        everything = asyncio.gather(*tasks)
        await asyncio.wait((hurry, everything), timeout=GRACE_S, return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        hurry.cancel()
        if not everything.done():
            self.say(OWN, f"killing what did not end: {', '.join(self._children)}.")
            self._signal_all(signal.SIGKILL)
        await asyncio.wait_for(everything, AFTER_KILL_S)

    async def _ask_all(self) -> None:
        """The last started first: who depends on another leaves before it does."""
        for child in reversed(list(self._children.values())):
            child.signal(signal.SIGTERM)
            await asyncio.wait({asyncio.ensure_future(child.process.wait())}, timeout=TURN_S)

    def _signal_all(self, number: signal.Signals) -> None:
        for child in list(self._children.values()):
            child.signal(number)


class _Lifeline:
    """The supervisor's end of the guard's pipe; it closes by itself when the supervisor is killed."""

    def __init__(self) -> None:
        reading, self._writing = os.pipe()
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(guard.__file__))],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(reading)

    def hold(self, group: int) -> None:
        self._tell(b"+%d\n" % group)

    def release(self, group: int) -> None:
        self._tell(b"-%d\n" % group)

    def _tell(self, line: bytes) -> None:
        # A guard that somebody killed is no reason to end a lesson.
        with suppress(BrokenPipeError):
            os.write(self._writing, line)

    def close(self) -> None:
        """All groups are released by now, so the guard ends at once."""
        os.close(self._writing)
        self._guard.wait()
