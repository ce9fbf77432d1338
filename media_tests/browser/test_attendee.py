"""A viewer whose browser was never asked for a camera."""

from pathlib import Path

from media_tests.browser.chromium import ChromiumTab, chromium, until
from media_tests.browser.seat import Person, sit_down
from media_tests.lesson.system import LEAD_CLASSROOM, running_system

LOCAL_CANDIDATES = """() => window.__connections
  .filter((connection) => connection.localDescription !== null)
  .flatMap((connection) => connection.localDescription.sdp.split('\\n'))
  .filter((line) => line.startsWith('a=candidate:'))"""


async def _says(person: Person, what: str) -> bool:
    """What the line about the recording says on a screen."""
    assert isinstance(person.tab, ChromiumTab)
    return await person.tab.page.get_by_test_id("taken").get_attribute(f"data-{what}") == "true"


async def _is_paused(lead: Person, viewer: Person, paused: bool) -> None:
    """Waits until every screen says so, and the lead's by what the recorder writes."""

    async def is_so() -> bool:
        told = [await _says(person, "paused") for person in (lead, viewer)]
        return told == [paused] * 2 and await _says(lead, "running") != paused

    await until(f"every screen says paused: {paused}", is_so)


async def test_a_viewer_without_permission_sees_and_hears_the_lesson_while_the_lead_has_its_recording_paused(
    tmp_path: Path,
) -> None:
    async with running_system(tmp_path, recorder=True) as system, chromium() as browser:
        await system.recorder.start()
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

        await _is_paused(lead, viewer, False)
        await lead.tab.press("pause-recording")
        await _is_paused(lead, viewer, True)
        await viewer.sees(lead, "teacher")
        await lead.tab.press("pause-recording")
        await _is_paused(lead, viewer, False)
