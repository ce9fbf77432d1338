"""`python -m media_tests.bench.lesson`: what the demonstration lesson costs, and its delay from send to screen."""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

from media_tests.bench.demonstration import demonstration
from media_tests.bench.glass import (
    SentTimes,
    heard_sound,
    picture_delays,
    read_sound,
    seen_pictures,
    sound_delays,
    watch_pictures,
)

SECONDS = 30.0


async def measured(folder: Path) -> dict[str, tuple[float, str]]:
    """The figures by name, with their units."""
    async with demonstration(folder) as lesson:
        before, began = lesson.cpu_seconds(), time.monotonic()
        await asyncio.sleep(SECONDS)
        cores = (lesson.cpu_seconds() - before) / (time.monotonic() - began)
        await watch_pictures(lesson.page)
        mid = await lesson.slot("teacher_mic")
        heard = [await heard_sound(lesson.page, mid) for _ in range(5)]
        seen = await seen_pictures(lesson.page)
        await lesson.stop()
        shown = picture_delays(seen, SentTimes.read(lesson.sent_log, "teacher"), "T")
        speech, spoken = read_sound(lesson.clips / "teacher.opus"), SentTimes.read(lesson.sent_log, "teacher_mic")
        sounds = [delay_ms for _, delay_ms in sound_delays(heard, speech, spoken)]
    pictures = [delay_ms for _, delay_ms in shown]
    if len(pictures) < 20:
        raise RuntimeError(f"only {len(pictures)} of {len(seen)} marks could be read")
    middle = sorted(pictures)[len(pictures) // 2]
    figures = {
        "demo_cores": (round(cores, 3), "cores"),
        "glass_to_glass_p50_ms": (round(middle, 1), "ms"),
        "glass_to_glass_p95_ms": (round(quantiles(pictures, n=20)[-1], 1), "ms"),
    }
    if sounds:
        heard_ms = sorted(sounds)[len(sounds) // 2]
        figures["mouth_to_ear_p50_ms"] = (round(heard_ms, 1), "ms")
        figures["sound_after_picture_ms"] = (round(heard_ms - middle, 1), "ms")
    return figures


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measured(Path(folder) / "var"))
    for name, (value, unit) in figures.items():
        print(json.dumps({"name": name, "value": value, "unit": unit}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
