"""Signaling, the node, or both die without a goodbye: the lesson comes back by itself within 5 s of their return."""

import asyncio
from pathlib import Path

import pytest

from media_tests.browser.chromium import until
from media_tests.lesson.company import Company, company
from media_tests.lesson.system import System, running_system
from signaling.messages.client import FloorGive, FloorRequest

BACK_S = 5.0


async def _gather(lesson: Company) -> None:
    await lesson.sees(15, {}, within_s=20)


async def test_media_goes_on_while_signaling_is_away(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, company(system) as lesson:
        await _gather(lesson)
        await system.signaling.kill()
        # Two seconds of the room's 15 frames/s, less what was under way.
        await lesson.sees(25, lesson.pictures(), within_s=4)


async def test_everyone_is_seated_again_and_the_floor_is_kept_after_signaling_restarts(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, company(system) as lesson:
        await _gather(lesson)
        room = lesson.rooms[0]
        await room.client.wish(lambda message: FloorRequest(message))
        await until("the room asks", lambda: _true(room.seat in lesson.lead.client.view.floor.requests), 3)
        await lesson.lead.client.wish(lambda message: FloorGive(message, room.seat))
        await until("the room has the floor", lambda: _true(room.client.view.floor.holder == room.seat), 3)
        await _restart(system, signaling=True)
        await until("all are seated again", lambda: _true(all(m.client.seated for m in lesson.members)), BACK_S)
        await lesson.sees(10, lesson.pictures(), within_s=3)
        assert lesson.lead.client.view.floor.holder == room.seat
        heard = lesson.rooms[1].frames(room, "room_mic")
        await until("the floor holder is heard", lambda: _true(lesson.rooms[1].frames(room, "room_mic") > heard), 2)


@pytest.mark.parametrize("signaling", [False, True], ids=["node", "both"])
async def test_pictures_are_back_after_the_node_restarts(tmp_path: Path, signaling: bool) -> None:
    async with running_system(tmp_path) as system, company(system) as lesson:
        await _gather(lesson)
        before = lesson.pictures()
        await _restart(system, node=True, signaling=signaling)
        before = {key: max(before[key], frames) for key, frames in lesson.pictures().items()}
        await lesson.sees(5, before, within_s=BACK_S)


async def _restart(system: System, *, node: bool = False, signaling: bool = False) -> None:
    """Kills, starts, and waits until signaling has reached the node: from then on the time is the lesson's own."""
    services = [service for service, chosen in ((system.node, node), (system.signaling, signaling)) if chosen]
    await asyncio.gather(*(service.kill() for service in services))
    await asyncio.gather(*(service.start() for service in services))
    await system.until_ready()


async def _true(value: bool) -> bool:
    return value
