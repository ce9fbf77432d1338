"""The relay in a process of its own: what keeps a test busy does not make its line worse than it was asked to be."""

import asyncio
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

from media_tests.faults.link import LinkConditions
from media_tests.faults.relay import Address, Relay

START_S = 20.0
STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class Carried:
    """What the downlink did since the relay started, and how late the relay was since it was last asked."""

    lost: int
    carried: int
    worst_lateness_s: float


@dataclass(frozen=True, slots=True)
class RelayProcess:
    """Stands at `address` for the node."""

    address: Address
    _pipe: Connection

    def carried(self) -> Carried:
        """Asks the relay; a few hundred microseconds."""
        self._pipe.send("carried")
        found: Carried = self._pipe.recv()
        return found


@contextmanager
def relay_process(
    node: Address, up: LinkConditions, down: LinkConditions, seed: int, *, hurries: bool = True
) -> Iterator[RelayProcess]:
    """Runs a relay until the block ends; one that does not hurry may be late where the machine is busy."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_main, args=(theirs, node, up, down, seed, hurries), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(START_S):
            raise RuntimeError(f"the relay did not start within {START_S:g} s")
        yield RelayProcess(ours.recv(), ours)
    finally:
        # The relay ends when its pipe does.
        ours.close()
        process.join(STOP_S)
        process.kill()


def _main(pipe: Connection, node: Address, up: LinkConditions, down: LinkConditions, seed: int, hurries: bool) -> None:
    if hurries:
        _hurry()
    asyncio.run(_serve(pipe, node, up, down, seed))


def _hurry() -> None:
    # Where it is not permitted the relay only keeps worse time, and says so by its lateness.
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


async def _serve(pipe: Connection, node: Address, up: LinkConditions, down: LinkConditions, seed: int) -> None:
    relay = await Relay.start(node, up, down, seed)
    ended = asyncio.Event()

    def answer() -> None:
        try:
            pipe.recv()
        except EOFError:
            asyncio.get_running_loop().remove_reader(pipe.fileno())
            ended.set()
            return
        pipe.send(Carried(relay.downlink.lost, relay.downlink.carried, relay.worst_lateness_s))
        relay.worst_lateness_s = 0.0

    asyncio.get_running_loop().add_reader(pipe.fileno(), answer)
    pipe.send(relay.address)
    await ended.wait()
    relay.close()
