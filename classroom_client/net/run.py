"""One client for the length of a lesson, with a line every ten seconds about what arrives."""

import asyncio
from collections.abc import Callable, Mapping

from classroom_client.core.diagnosis import Trouble
from classroom_client.devices.board import Count
from classroom_client.devices.decoder import Decoder
from classroom_client.net.client import Client
from classroom_client.net.settings import ClientSettings
from signaling.messages.ids import TrackId

REPORT_S = 10.0


def _print(line: str) -> None:
    print(line, flush=True)


async def run(settings: ClientSettings, stop: asyncio.Event, tell: Callable[[str], None] = _print) -> Trouble | None:
    """Takes the seat, publishes, counts or decodes; returns what ended it, or None when it was stopped."""
    decoder = Decoder()
    client = Client(settings, decoder, tell=tell)
    report = asyncio.create_task(_report(client, tell))
    try:
        trouble = await client.run(stop)
    finally:
        report.cancel()
        decoder.close()
    tell(_summary(client.board.counts()))
    if trouble is not None:
        tell(trouble.sentence)
    return trouble


async def _report(client: Client, tell: Callable[[str], None]) -> None:
    before: dict[TrackId, int] = {}
    while True:
        await asyncio.sleep(REPORT_S)
        counts = {track: count.frames for track, count in client.board.counts().items()}
        rates = (f"{track} {(frames - before.get(track, 0)) / REPORT_S:.1f}/s" for track, frames in counts.items())
        tell(f"receiving: {', '.join(rates) or 'nothing yet'}")
        before = counts


def _summary(counts: Mapping[TrackId, Count]) -> str:
    parts = (f"{track} {count.frames} frames ({count.decoded} decoded)" for track, count in counts.items())
    return f"received: {', '.join(parts) or 'nothing'}"
