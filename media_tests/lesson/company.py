"""A lesson's company of our own clients in the test's process: a lead and rooms that publish clips and count frames."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from classroom_client.demo.clips import make_clips
from classroom_client.devices.board import Count
from classroom_client.devices.decoder import Decoder
from classroom_client.net.client import Client
from classroom_client.net.settings import ClientSettings, SourceFile
from media_tests.lesson.system import LEAD_CLASSROOM, ROOT, System, rural_classroom
from signaling.messages.client import ServerMessage
from signaling.messages.ids import SeatId, Source, TrackId, track_id

CLIPS: Final = ROOT / "var" / "clips"


@dataclass(slots=True)
class Member:
    """One client on its seat, and all that signaling has told it."""

    seat: SeatId
    client: Client
    heard: list[ServerMessage] = field(default_factory=list)

    @property
    def counts(self) -> Mapping[TrackId, Count]:
        return self.client.board.counts()

    def frames(self, of: "Member", source: Source) -> int:
        """Complete frames of another member's source that arrived here."""
        count = self.counts.get(track_id(of.seat, source))
        return 0 if count is None else count.frames


@dataclass(slots=True)
class Company:
    """The lead and the rooms of one lesson."""

    lesson: str
    lead: Member
    rooms: list[Member]

    @property
    def members(self) -> list[Member]:
        return [self.lead, *self.rooms]

    def pictures(self) -> dict[tuple[SeatId, SeatId], int]:
        """Frames by (receiver, sender): every room's of the lead's teacher, the lead's of every room's pupils."""
        lead = {(self.lead.seat, room.seat): self.lead.frames(room, "students") for room in self.rooms}
        return lead | {(room.seat, self.lead.seat): room.frames(self.lead, "teacher") for room in self.rooms}

    async def sees(self, more: int, since: Mapping[tuple[SeatId, SeatId], int], within_s: float) -> float:
        """Waits until every picture has gone on by `more` frames; answers how long that took, in seconds."""
        began_s = time.monotonic()
        while behind := {k: n - since.get(k, 0) for k, n in self.pictures().items() if n - since.get(k, 0) < more}:
            if time.monotonic() - began_s > within_s:
                raise AssertionError(f"not within {within_s:g} s: {more} frames everywhere; only {behind}")
            await asyncio.sleep(0.02)
        return time.monotonic() - began_s


@asynccontextmanager
async def company(system: System, rooms: int = 2) -> AsyncIterator[Company]:
    """Opens a lesson, seats everyone, and sends them home at the end."""
    clips = await asyncio.to_thread(make_clips, CLIPS, print)
    lesson = await system.open_lesson(rooms=rooms)
    stop, decoder = asyncio.Event(), Decoder()
    lead = await _seated(
        system,
        lesson,
        ("lead", LEAD_CLASSROOM),
        decoder,
        _files(clips, teacher="teacher.mp4", teacher_mic="teacher.opus"),
    )
    others = [
        await _seated(
            system,
            lesson,
            ("room", rural_classroom(n)),
            decoder,
            _files(clips, students=f"room-{n}.mp4", room_mic=f"room-{n}.opus"),
        )
        for n in range(1, rooms + 1)
    ]
    tasks = [asyncio.create_task(member.client.run(stop)) for member in (lead, *others)]
    try:
        yield Company(lesson, lead, others)
    finally:
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        decoder.close()


def _files(clips: Path, **names: str) -> tuple[SourceFile, ...]:
    return tuple(SourceFile.parse(f"{source}={clips / name}") for source, name in names.items())


async def _seated(
    system: System, lesson: str, place: tuple[str, str], decoder: Decoder, sources: tuple[SourceFile, ...]
) -> Member:
    invitation = await system.invite(lesson, *place)
    settings = ClientSettings.checked(server=system.url, code=invitation.code, sources=sources, sink="count")
    heard: list[ServerMessage] = []
    client = Client(settings, decoder, tell=lambda _line: None, heard=heard.append)
    return Member(SeatId(invitation.seat), client, heard)
