"""The emergency stop and the emergency end, from the command to the last frame that comes to anyone."""

import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path

from media_tests.lesson.classrooms import Classroom, classrooms, one_plus_four
from media_tests.lesson.recording import all_recording, fragments
from media_tests.lesson.system import running_system
from signaling.messages import client as wire

LONGEST_S = 1.0
"""What issue 5 allows."""
WATCHED_S = 3.0


def _arrived(room: Classroom) -> int:
    return sum(count.frames for count in room.client.board.counts().values())


async def _last_frames(rooms: list[Classroom], command: Awaitable[object]) -> list[float]:
    """How long after the command each room's last frame came."""
    began = time.monotonic()
    last, before = [0.0] * len(rooms), [_arrived(room) for room in rooms]
    order = asyncio.ensure_future(command)
    while (now_s := time.monotonic() - began) < WATCHED_S:
        for place, room in enumerate(rooms):
            if (frames := _arrived(room)) != before[place]:
                before[place], last[place] = frames, now_s
        await asyncio.sleep(0.005)
    await order
    return last


async def test_a_pause_reaches_every_room_within_a_second_and_a_shutdown_too(tmp_path: Path) -> None:
    async with running_system(tmp_path, recorder=True) as system, classrooms(system) as lesson:
        await system.recorder.start()
        lead, rooms = await one_plus_four(lesson)
        everyone = [lead, *rooms]
        await lesson.until("pictures", lambda: all(room.frames(lead, "teacher") > 10 for room in rooms))
        await lesson.until("pupils", lambda: all(lead.frames(room, "students") > 10 for room in rooms))
        await lesson.until("the recording", lambda: all_recording(lead, ["teacher"]))

        last_s = await _last_frames(everyone, lead.client.wish(wire.PauseLesson))
        print("pause: last frame after", [round(one, 3) for one in last_s])
        assert all(one <= LONGEST_S for one in last_s)
        assert all(any(isinstance(m, wire.Pause) and m.paused for m in room.messages) for room in everyone)
        # What nobody is sent is not recorded either; what had come before was written within two seconds.
        written = fragments(system.folder / "recordings", lesson.lesson)
        await asyncio.sleep(WATCHED_S)
        assert fragments(system.folder / "recordings", lesson.lesson) == written

        await lead.client.wish(wire.ResumeLesson)
        before = [room.frames(lead, "teacher") for room in rooms]
        await lesson.until(
            "pictures again",
            lambda: all(r.frames(lead, "teacher") > n + 10 for r, n in zip(rooms, before, strict=True)),
        )
        last_s = await _last_frames(everyone, lead.client.wish(wire.ShutDown))
        print("shutdown: last frame after", [round(one, 3) for one in last_s])
        assert all(one <= LONGEST_S for one in last_s)
        await lesson.until("all are away", lambda: all(room.ended.done() for room in everyone))
