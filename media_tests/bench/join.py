"""`python -m media_tests.bench.join`: from joining a running 1 + 4 lesson to the first frame on Chromium's screen."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from playwright.async_api import Browser

from media_tests.browser.chromium import chromium, open_tab
from media_tests.browser.seat import Person, link
from media_tests.lesson.classrooms import classrooms, one_plus_four
from media_tests.lesson.system import System, running_system

# Enough that p95 hangs on the third slowest, not on one.
JOINS = 60
# Nobody enters before the start screen can be read; until then the page still loads and makes itself ready.
READING_S = 2.0
VIEWER = "县教研室"


async def _join(browser: Browser, system: System, lesson: str) -> float:
    """One person comes, sees, and goes; milliseconds from the join to the first frame that was shown."""
    invitation = await system.invite(lesson, "attendee", VIEWER)
    tab = await open_tab(browser, link(invitation), permitted=False, width=1366, height=768, scripts=())
    try:
        await asyncio.sleep(READING_S)
        await Person(invitation, tab).enter()
        await tab.page.wait_for_function("() => window.__lesson.marks().first_frame_ms", timeout=20_000)
        marks = await tab.evaluate("() => window.__lesson.marks()")
        return float(marks["first_frame_ms"]) - float(marks["join_ms"])
    finally:
        await tab.page.context.close()


async def measured(folder: Path) -> list[float]:
    """Milliseconds of every join, after two that warm the browser up."""
    async with running_system(folder) as system, classrooms(system) as lesson, chromium() as browser:
        lead, rooms = await one_plus_four(lesson)
        await lesson.until("the lesson runs", lambda: all(room.frames(lead, "teacher") > 25 for room in rooms), 40)
        return [await _join(browser, system, lesson.lesson) for _ in range(JOINS + 2)][2:]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        joins_ms = asyncio.run(measured(Path(folder)))
    print(f"{len(joins_ms)} joins, ms: {' '.join(f'{ms:.0f}' for ms in joins_ms)}", file=sys.stderr)
    for name, value in (("p50", median(joins_ms)), ("p95", quantiles(joins_ms, n=20)[-1])):
        print(json.dumps({"name": f"join_first_frame_{name}_ms", "value": round(value, 1), "unit": "ms"}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
