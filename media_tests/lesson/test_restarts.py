"""Signaling, the node, or both die without a goodbye: the lesson comes back by itself within 5 s of their return."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from media_tests.lesson.classrooms import LEAD, LEAD_FILES, PATIENCE_S, Classroom, Classrooms, classrooms, room_files
from media_tests.lesson.system import System, running_system
from signaling.messages.client import FloorGive, FloorRequest
from signaling.messages.ids import SeatId

BACK_S = 5.0
Pictures = Mapping[tuple[SeatId, SeatId], int]


async def _gathered(lesson: Classrooms) -> tuple[Classroom, list[Classroom]]:
    """A lead and two rooms that see each other."""
    lead = await lesson.add("lead", LEAD, LEAD_FILES)
    rooms = [await lesson.add("room", f"第{number}教学点", room_files(number)) for number in (1, 2)]
    await _more(lesson, lead, rooms, 15)
    return lead, rooms


def _pictures(lead: Classroom, rooms: list[Classroom]) -> Pictures:
    """Frames by (receiver, sender): every room's of the lead, the lead's of every room."""
    seen = {(lead.seat, room.seat): lead.frames(room, "students") for room in rooms}
    return seen | {(room.seat, lead.seat): room.frames(lead, "teacher") for room in rooms}


async def _more(
    lesson: Classrooms, lead: Classroom, rooms: list[Classroom], frames: int, within_s: float = PATIENCE_S
) -> None:
    """Waits until every picture has gone on by this many frames."""
    before = _pictures(lead, rooms)

    def went_on() -> bool:
        return all(now - before[key] >= frames for key, now in _pictures(lead, rooms).items())

    await lesson.until(f"{frames} more frames everywhere", went_on, within_s)


async def _restart(system: System, *, node: bool = False, signaling: bool = False) -> None:
    """Kills, starts, and waits until signaling has reached the node: from then on the time is the lesson's own."""
    services = [service for service, chosen in ((system.node, node), (system.signaling, signaling)) if chosen]
    await asyncio.gather(*(service.kill() for service in services))
    await asyncio.gather(*(service.start() for service in services))
    await system.until_ready()


async def test_media_goes_on_while_signaling_is_away(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, classrooms(system, 2) as lesson:
        lead, rooms = await _gathered(lesson)
        await system.signaling.kill()
        # Two seconds of a room's 15 frames/s, less what was under way.
        await _more(lesson, lead, rooms, 25, within_s=4)


async def test_all_are_seated_again_and_the_floor_is_kept_after_signaling_restarts(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, classrooms(system, 2) as lesson:
        lead, rooms = await _gathered(lesson)
        holder, listener = rooms
        await holder.client.wish(FloorRequest)
        await lesson.until("the request", lambda: holder.seat in lead.client.view.floor.requests)
        await lead.client.wish(lambda message_id: FloorGive(message_id, holder.seat))
        await lesson.until("the floor", lambda: holder.client.view.floor.holder == holder.seat)
        await _restart(system, signaling=True)
        await lesson.until("seated again", lambda: all(room.client.seated for room in lesson.all), BACK_S)
        await _more(lesson, lead, rooms, 10)
        assert lead.client.view.floor.holder == holder.seat
        heard = listener.frames(holder, "room_mic")
        await lesson.until("the holder is heard", lambda: listener.frames(holder, "room_mic") > heard + 25)


@pytest.mark.parametrize("signaling", [False, True], ids=["node", "both"])
async def test_pictures_are_back_after_the_node_restarts(tmp_path: Path, signaling: bool) -> None:
    async with running_system(tmp_path) as system, classrooms(system, 2) as lesson:
        lead, rooms = await _gathered(lesson)
        await _restart(system, node=True, signaling=signaling)
        await _more(lesson, lead, rooms, 5, within_s=BACK_S)
