"""A whole system whose recorder has a small disk, a real one; run by test_no_room in a mount namespace of its own."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from media_tests.lesson.classrooms import LEAD, LEAD_FILES, PATIENCE_S, Classroom, classrooms
from media_tests.lesson.recording import all_recording, finished, told
from media_tests.lesson.system import MASTER_KEY, System, running_system
from recorder.core.keys import MasterKey
from recorder.core.manifest import Manifest
from recorder.core.space import MIB
from recorder.disk.files import Disk
from recorder.disk.takes import Takes
from recorder.tests.disk.on_small_disks import Filler, mounted
from signaling.messages.client import Space
from signaling.messages.ids import LessonId, Source

PICTURE: Source = "teacher"
VOICE: Source = "teacher_mic"


async def recorder_of(system: System, good: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What the operator reads of the recorder, once it is so."""
    said: dict[str, Any] = {}
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not (said.get("level") and good(said)):
                await asyncio.sleep(0.1)
                async with system.http.get(f"{system.url}/api/recorder") as answer:
                    said = dict(await answer.json())
    except TimeoutError:
        raise AssertionError(f"the operator reads {said}\n{system.logs()}") from None
    return said


def space(lead: Classroom) -> Space | None:
    return next((each for each in reversed(lead.messages) if isinstance(each, Space)), None)


def level(lead: Classroom) -> str:
    last = space(lead)
    return "" if last is None else last.level


def manifest(recordings: Path, lesson: str) -> Manifest:
    takes = Takes(recordings, MasterKey.from_hex(MASTER_KEY))
    (take,) = [take for found, take in takes.finished() if found == lesson]
    return takes.manifest(LessonId(lesson), take)


async def test_operator_and_lead_are_warned_before_the_disk_fills_and_a_new_take_is_refused(tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    with mounted(recordings, "-t", "tmpfs", "-o", "size=200m", "tmpfs"):
        async with running_system(tmp_path, recorder=True) as system:
            await system.recorder.start()
            async with classrooms(system, 1) as first:
                filler = Filler(recordings)
                lead = await first.add("lead", LEAD, LEAD_FILES)
                await first.until("it is recorded", lambda: all_recording(lead, (PICTURE, VOICE)))

                said = await recorder_of(system, lambda told: told["level"] == "enough" and told["lasts_s"])
                assert abs(said["lasts_s"] - (said["free_bytes"] - MIB) / said["bytes_per_s"]) < 2

                filler.leave(60 * MIB)
                said = await recorder_of(system, lambda told: told["level"] == "short")
                assert "The next lesson would be refused" in said["sentence"]
                async with classrooms(system, 1) as late:
                    other = await late.add("lead", LEAD, {PICTURE: LEAD_FILES[PICTURE]})
                    await late.until("its screen says why it is not recorded", lambda: level(other) == "full")
                    refused = told(other)[other.seat, PICTURE]
                    assert refused.state == "failed" and "Not recorded: this lesson may need" in str(refused.sentence)
                    said = await recorder_of(system, lambda told: told["refused"] == [late.lesson])
                    assert all_recording(lead, (PICTURE, VOICE)), "the lesson that runs is taken on"

                    rate = max(said["bytes_per_s"], 1)
                    filler.leave(MIB + 45 * rate)
                    said = await recorder_of(system, lambda told: (told["lasts_s"] or 99) < 60)
                    assert said["level"] == "short" and "The disk lasts 0 min" in said["sentence"]
                    await first.until("the lead is warned", lambda: level(lead) == "short")
                    assert all_recording(lead, (PICTURE, VOICE)), "before it fills"

                    await first.until("it stops before the disk is full", lambda: level(lead) == "full", 90)
                    free = Disk().free_bytes(recordings)
                    assert free > MIB // 2, "the reserve is hardly touched"
                    await asyncio.sleep(2)
                    assert abs(Disk().free_bytes(recordings) - free) < MIB // 8, "and nothing more is written into it"

                    filler.go()
                    await first.until("the warning goes", lambda: level(lead) == "enough")
                    await first.until("it is recorded again", lambda: all_recording(lead, (PICTURE, VOICE)))
                    await late.until("so is the one that was refused", lambda: all_recording(other, (PICTURE,)))
                    await system.post(f"/api/lessons/{first.lesson}/end")
                    await first.until("the manifest", lambda: finished(recordings, first.lesson))
                    assert "disk_full" in {gap.cause for gap in manifest(recordings, first.lesson).gaps}
