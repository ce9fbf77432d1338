"""Crashes are mended, and whatever ends the supervisor leaves no process."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.core.restart import RestartPolicy
from deploy.process.child import Program
from deploy.process.supervisor import Supervisor
from deploy.tests.process.programs import OBEDIENT, PARENT, STUBBORN, alive, cleanup, left, pids, python

QUICK = RestartPolicy(first_delay_s=0.01, longest_delay_s=0.04, steady_after_s=60)
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Watched:
    """A supervisor that ends as soon as its lines fulfil a condition."""

    until: Callable[[list[tuple[str, str]]], bool]
    lines: list[tuple[str, str]] = field(default_factory=list)
    supervisor: Supervisor = field(init=False)
    asked: bool = False
    asked_at: float = 0.0

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.say, QUICK)

    def say(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        if self.until(self.lines) and not self.asked:
            self.asked, self.asked_at = True, time.monotonic()
            os.kill(os.getpid(), signal.SIGINT)

    async def run(self, services: Sequence[Program], later: Sequence[Program] = ()) -> str | None:
        async def ready() -> Sequence[Program]:
            return later

        return await asyncio.wait_for(self.supervisor.run(services, ready), 20)


async def test_ctrl_c_ends_children_and_grandchildren() -> None:
    watched = Watched(lambda lines: len(pids(lines)) == 4)
    assert await watched.run([python("a", OBEDIENT), python("b", PARENT, OBEDIENT)], [python("demo", OBEDIENT)]) is None
    assert time.monotonic() - watched.asked_at < 5
    assert len(pids(watched.lines)) == 4 and left(pids(watched.lines)) == []


async def test_a_stubborn_child_is_killed_within_five_seconds() -> None:
    watched = Watched(lambda lines: len(pids(lines)) == 2)
    await watched.run([python("a", STUBBORN), python("b", PARENT, STUBBORN.replace("pid", "also"))])
    assert time.monotonic() - watched.asked_at < 5
    assert left(pids(watched.lines)) == []
    assert ("up", "killing what did not end: a.") in watched.lines or any(
        "killing" in line for _, line in watched.lines
    )


async def test_the_last_started_ends_before_the_one_that_it_depends_on() -> None:
    told = "import os, signal, sys; signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b'bye\\n'), sys.exit())); "
    watched = Watched(lambda lines: len(pids(lines)) == 2)
    await watched.run([python("node", told + OBEDIENT)], [python("demo", told + OBEDIENT)])
    assert [name for name, line in watched.lines if line == "bye"] == ["demo", "node"]


async def test_a_second_ctrl_c_does_not_wait() -> None:
    watched = Watched(lambda lines: len(pids(lines)) == 1)
    run = asyncio.create_task(watched.run([python("a", STUBBORN)]))
    while not watched.asked:
        await asyncio.sleep(0.01)
    asyncio.get_running_loop().call_later(0.2, os.kill, os.getpid(), signal.SIGINT)
    await run
    assert time.monotonic() - watched.asked_at < 2


async def test_a_crashed_child_is_started_again_with_growing_delays() -> None:
    watched = Watched(lambda lines: sum("started again" in line for _, line in lines) == 4)
    await watched.run([python("a", "raise SystemExit(3)"), python("b", OBEDIENT)])
    told = [line for name, line in watched.lines if name == "up" and "started again" in line]
    assert [line.split(" in ")[1] for line in told] == ["0.01 s.", "0.02 s.", "0.04 s.", "0.04 s."]
    assert told[0].startswith("a ended with code 3;")
    assert len([name for name, line in watched.lines if name == "b" and line.startswith("pid ")]) == 1


async def test_a_wrong_configuration_ends_everything_and_says_whose() -> None:
    watched = Watched(lambda lines: False)
    failure = await watched.run([python("a", OBEDIENT), python("node", "print('port 0'); raise SystemExit(78)")])
    assert failure is not None and failure.startswith("node cannot use its configuration")
    assert ("node", "port 0") in watched.lines and left(pids(watched.lines)) == []


async def test_a_program_that_is_not_there_is_named() -> None:
    watched = Watched(lambda lines: any("could not be started" in line for _, line in lines))
    await watched.run([Program("a", ("/no/such/program",))])
    assert any(line.startswith("a could not be started") and "/no/such/program" in line for _, line in watched.lines)


async def test_a_fault_of_our_own_is_loud_and_leaves_no_process() -> None:
    watched = Watched(lambda lines: False)

    async def ready() -> Sequence[Program]:
        while not pids(watched.lines):
            await asyncio.sleep(0.01)
        raise LookupError("ours")

    with pytest.raises(LookupError, match="ours"):
        await watched.supervisor.run([python("a", OBEDIENT)], ready)
    assert left(pids(watched.lines)) == []


ALONE = """
import asyncio
from deploy.process.supervisor import Supervisor
from deploy.tests.process.programs import PARENT, OBEDIENT, python
async def ready(): return []
asyncio.run(Supervisor(lambda name, line: print(line, flush=True)).run([python("a", PARENT, OBEDIENT)], ready))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_however_the_supervisor_ends_nothing_is_left(number: signal.Signals) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", ALONE], stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
    )
    assert supervisor.stdout is not None
    found = [int(supervisor.stdout.readline().split()[1]) for _ in range(2)]
    try:
        assert all(map(alive, found))
        supervisor.send_signal(number)
        supervisor.wait(5)
        assert left(found) == []
    finally:
        cleanup(found)
        supervisor.communicate()
