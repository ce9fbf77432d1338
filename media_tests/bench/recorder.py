"""`python -m media_tests.bench.recorder`: what recording a 1 + 4 lesson costs, and how true and whole its take is."""

import asyncio
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Final

from media_tests.lesson.classrooms import LEAD, LEAD_FILES, classrooms, one_plus_four
from media_tests.lesson.film import clip_sound, looks, make_film
from media_tests.lesson.kills import killed, lost_ms_of
from media_tests.lesson.recording import all_recording, finished, told
from media_tests.lesson.system import Service, running_system
from media_tests.lesson.taken import Taken

EVERYTHING: Final = {
    "sources": ["teacher", "courseware", "teacher_mic", "students", "room_mic"],
    "muted_sound": True,
    "enabled_by": "the benchmark",
    "basis": "made-up pupils",
}
ROOMS: Final = 5
"""All classrooms of a 1 + 4 lesson, each with camera and microphone."""
TRACKS: Final = 3 + 4 * 2
SECONDS: Final = 30.0
KILLS: Final = 6
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
Figures = dict[str, tuple[float, str]]


async def costs(folder: Path) -> Figures:
    """Core and memory while all of a 1 + 4 lesson is taken."""
    async with running_system(folder, recorder=True) as system, classrooms(system, 4, EVERYTHING) as lesson:
        await system.recorder.start()
        await asyncio.sleep(2)
        idle_mib = resident_mib(system.recorder)
        lead, _ = await one_plus_four(lesson)
        await lesson.until(
            "all is recorded", lambda: [one.state for one in told(lead).values()].count("recording") == TRACKS
        )
        await asyncio.sleep(2)
        before, began = cpu_seconds(system.recorder), time.monotonic()
        await asyncio.sleep(SECONDS)
        cores = (cpu_seconds(system.recorder) - before) / (time.monotonic() - began)
        mib = resident_mib(system.recorder)
    return {
        "recorder_core_per_room": (round(cores / ROOMS, 4), "cores"),
        "recorder_mib_per_room": (round((mib - idle_mib) / ROOMS, 2), "MiB"),
        "recorder_mib_idle": (round(idle_mib, 1), "MiB"),
    }


async def truth(folder: Path) -> Figures:
    """A lesson whose recorder is killed again and again: what that loses, and whether its film is in time."""
    chance = Random(KILLS)
    async with running_system(folder, recorder=True) as system, classrooms(system, 1) as lesson:
        await system.recorder.start()
        lead = await lesson.add("lead", LEAD, LEAD_FILES)
        await lesson.until("the take", lambda: all_recording(lead, LEAD_FILES))
        root = folder / "recordings"
        kills = [await killed(lesson, lead, root, "recorder", chance.uniform(1, 3)) for _ in range(KILLS)]
        await asyncio.sleep(10)
        await system.post(f"/api/lessons/{lesson.lesson}/end")
        await lesson.until("the manifest", lambda: finished(root, lesson.lesson))
        clip = lesson.clips / "teacher.opus"
    taken = Taken(root, lesson.lesson)
    lost_ms = sorted(lost_ms_of(taken, lead.seat, kill) for kill in kills)
    film = folder / "film.mp4"
    found = looks(film, make_film(taken, film), clip_sound(clip), 25, every_s=0.5)
    skews_ms = sorted(abs(look.sound_after_picture_us) / 1000 for look in found)
    if len(skews_ms) < 20:
        raise RuntimeError(f"only {len(skews_ms)} places of the film could be read")
    return {
        "recording_lost_ms_on_kill_p95": (round(lost_ms[int(0.95 * KILLS)]), "ms"),
        "recording_av_skew_ms": (round(skews_ms[int(0.95 * len(skews_ms))], 1), "ms"),
    }


def cpu_seconds(service: Service) -> float:
    """Of all its threads, so far."""
    assert service.process is not None
    fields = Path(f"/proc/{service.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def resident_mib(service: Service) -> float:
    assert service.process is not None
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{service.process.pid}/status").read_text())
    assert found is not None
    return int(found.group(1)) / 1024


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(costs(Path(folder) / "costs")) | asyncio.run(truth(Path(folder) / "truth"))
    for name, (value, unit) in figures.items():
        print(json.dumps({"name": name, "value": value, "unit": unit}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
