"""The emulated link of `sfu/native/sim` in real time: a rate, a queue, bursts, and an account of every drop."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_tests.faults.relay import Address

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target" / "release" / "relay"
BUILD = ("cargo", "build", "--release", "--locked", "--quiet", "--package", "forwarder-sim", "--bin", "relay")
LONGEST_BUILD_S = 600.0
STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class Account:
    """What became of all datagrams so far, and how late the emulator itself was."""

    up: Mapping[str, Any]
    down: Mapping[str, Any]
    own_losses: int
    late_p99_ms: float

    @property
    def lost_down(self) -> int:
        """What the line lost on the way to the client, whatever the cause."""
        return sum(int(count) for count in self.down["lost"].values())


@dataclass(frozen=True, slots=True)
class Emulator:
    """Stands at `address` for the node."""

    address: Address
    _process: asyncio.subprocess.Process

    async def account(self) -> Account:
        """Asks it; it answers between two datagrams."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"report\n")
        told = json.loads(await _line(self._process))
        return Account(told["up"], told["down"], int(told["own_losses"]), float(told["late_ms"]["p99"]))


@asynccontextmanager
async def emulator(node: Address, up: str, down: str, seed: int) -> AsyncIterator[Emulator]:
    """Runs it on loopback until the block ends; `up` and `down` are words such as `delay=300ms rate=2mbit loss=2%`."""
    _build()
    listen, target = f"{node[0]}:0", "{}:{}".format(*node)
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM), listen, target, str(seed), up, down, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        # Where it is not permitted it only keeps worse time, and says so.
        with suppress(OSError):
            os.sched_setscheduler(process.pid, os.SCHED_RR, os.sched_param(1))
        host, _, port = json.loads(await _line(process))["listens"].rpartition(":")
        yield Emulator((host, int(port)), process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()


def _build() -> None:
    # `cargo test` leaves it there; a run of these tests alone makes it.
    if not PROGRAM.exists():
        subprocess.run(BUILD, cwd=ROOT, check=True, timeout=LONGEST_BUILD_S)


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError(f"the emulator has ended with {await process.wait()}")
    return line
