"""`python -m media_tests.lesson.away SERVER CODE SOURCE=FILE…`: a classroom that decodes all, as a process of its own.

Its own turns of Python hold up nobody else's measures. Each second it prints one JSON line of what has arrived.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from classroom_client.devices.decoder import Decoder
from classroom_client.net import ClientSettings, SourceFile
from classroom_client.net.client import Client
from media_tests.lesson.system import ROOT, Invitation, System
from signaling.messages.ids import SeatId, Source, TrackId

LINE_S: Final = 1.0
GOODBYE_S: Final = 10.0


@dataclass(slots=True)
class AwayRoom:
    """A classroom in another process, and what it said last."""

    seat: SeatId
    process: asyncio.subprocess.Process
    decoded: dict[TrackId, int] = field(default_factory=dict)
    """Frames since its beginning."""
    gaps_ms: dict[TrackId, float] = field(default_factory=dict)
    """The largest between two complete frames since `forget_gaps`."""
    listening: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, system: System, invitation: Invitation, clips: Path, files: Mapping[Source, str]) -> Self:
        sources = [f"{source}={clips / file}" for source, file in files.items()]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "media_tests.lesson.away", system.url, invitation.code, *sources),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        room = cls(SeatId(invitation.seat), process)
        room.listening = asyncio.create_task(room._listen())
        return room

    def forget_gaps(self) -> None:
        self.gaps_ms.clear()

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), GOODBYE_S)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
        if self.listening is not None:
            await self.listening

    async def _listen(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            for track, (decoded, gap_ms) in json.loads(line).items():
                self.decoded[track] = decoded
                self.gaps_ms[track] = max(self.gaps_ms.get(track, 0.0), gap_ms)


async def _sit(server: str, code: str, sources: list[str]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    decoder = Decoder()
    files = tuple(SourceFile.parse(text) for text in sources)
    settings = ClientSettings(server=server, code=code, sources=files, sink="decode")
    client = Client(settings, decoder, tell=lambda line: print(line, file=sys.stderr, flush=True))
    running = asyncio.create_task(client.run(stop))
    try:
        while not running.done():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(running), LINE_S)
            counts = client.board.counts()
            print(json.dumps({track: (c.decoded, c.largest_gap_ms) for track, c in counts.items()}), flush=True)
            for count in counts.values():
                count.largest_gap_ms = 0.0
    finally:
        decoder.close()


if __name__ == "__main__":
    asyncio.run(_sit(sys.argv[1], sys.argv[2], sys.argv[3:]))
