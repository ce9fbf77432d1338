"""A viewer whose browser was never asked for a camera."""

from pathlib import Path

from media_tests.browser.chromium import chromium
from media_tests.browser.seat import sit_down
from media_tests.lesson.system import LEAD_CLASSROOM, running_system

LOCAL_CANDIDATES = """() => window.__connections
  .filter((connection) => connection.localDescription !== null)
  .flatMap((connection) => connection.localDescription.sdp.split('\\n'))
  .filter((line) => line.startsWith('a=candidate:'))"""


async def test_a_viewer_without_permission_sees_and_hears_the_lesson(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        viewer = await sit_down(browser, await system.invite(lesson, "attendee", "县教研室"), permitted=False)
        await lead.enter()
        await viewer.enter()
        await viewer.sees(lead, "teacher")
        await viewer.hears(lead, "teacher_mic")

        candidates = await viewer.tab.evaluate(LOCAL_CANDIDATES)
        assert candidates, "the browser hides its addresses behind names"
        assert all(line.split()[4].endswith(".local") for line in candidates), candidates
