"""One child process in a process group of its own, its lines with its name before them."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

LONGEST_LINE = 16 * 1024
PUMP_S = 0.5


@dataclass(frozen=True, slots=True)
class Program:
    """What to start and what to call it."""

    name: str
    argv: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    """Added to the supervisor's own."""


@dataclass(slots=True)
class Child:
    """A started program. Its group ends with it: nothing that it started outlives `ended`."""

    program: Program
    process: asyncio.subprocess.Process
    say: Callable[[str, str], None]
    _pump: asyncio.Task[None]

    @classmethod
    async def start(cls, program: Program, say: Callable[[str, str], None]) -> Self:
        # A pipe of our own: asyncio's would make `wait` wait for all that inherited it.
        reading, writing = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *program.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **dict(program.environment)},
                start_new_session=True,
            )
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return cls(program, process, say, asyncio.create_task(_pump(reading, program.name, say)))

    @property
    def group(self) -> int:
        return self.process.pid

    async def ended(self) -> int:
        """Waits for the end and says how it came; then nothing of the group is left."""
        code = await self.process.wait()
        self.signal(signal.SIGKILL)
        # What left the group may hold the pipe open; its lines are not waited for.
        await asyncio.wait({self._pump}, timeout=PUMP_S)
        self._pump.cancel()
        return code

    def signal(self, number: signal.Signals) -> None:
        """To the child and all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.group, number)


async def _pump(reading: int, name: str, say: Callable[[str, str], None]) -> None:
    """Hands on what comes out of the pipe, line by line, until its end."""
    pipe = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(pipe), os.fdopen(reading, "rb", 0)
    )
    rest = b""
    try:
        while piece := await pipe.read(LONGEST_LINE):
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                say(name, _text(line))
        if rest:
            say(name, _text(rest))
    finally:
        transport.close()


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")
