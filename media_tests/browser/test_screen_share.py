"""The lead's shared screen: courseware that every room sees, until it ends."""

import asyncio
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import Page

from media_tests.browser.chromium import ChromiumTab, chromium, until
from media_tests.browser.seat import Person, sit_down
from media_tests.lesson.recording import courseware_marks
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom

# Magenta is in no fake camera's picture; the moving bar makes every frame a new one.
SLIDES = """<title>slides</title><body style="margin:0;background:#f0f">
<style>@keyframes go { to { width: 20vw } }</style>
<div style="width:10vw;height:5vh;background:#000;animation:go 2s infinite alternate"></div>"""
PICK_SLIDES = "--auto-select-tab-capture-source-by-title=slides"

STAGE_COLOUR = """() => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d');
  return [...document.querySelectorAll('video')].map((video) => {
    if (video.videoWidth === 0) return [0, 0, 0];
    pen.drawImage(video, video.videoWidth * 0.7, video.videoHeight * 0.7, 1, 1, 0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  });
}"""


TAKEN = """() => {
  const line = document.querySelector('[data-testid="taken"]');
  return [line.dataset.running === 'true', line.textContent.trim()];
}"""


async def _shows_slides(person: Person) -> bool:
    colours = await person.tab.evaluate(STAGE_COLOUR)
    return any(red > 200 and green < 60 and blue > 200 for red, green, blue in colours)


async def _open_slides(beside: Person) -> Page:
    assert isinstance(beside.tab, ChromiumTab)
    page = await beside.tab.page.context.new_page()
    await page.goto(f"data:text/html;charset=utf-8,{quote(SLIDES)}")
    return page


async def test_a_shared_screen_is_seen_until_it_ends(tmp_path: Path) -> None:
    async with running_system(tmp_path, recorder=True) as system, chromium(arguments=[PICK_SLIDES]) as browser:
        await system.recorder.start()
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)))
        slides = await _open_slides(lead)
        await asyncio.gather(lead.enter(), room.enter())
        await room.sees(lead, "teacher")

        async def is_shown() -> bool:
            return await _shows_slides(room)

        async def is_gone() -> bool:
            return await room.slot(lead, "courseware") is None and not await _shows_slides(room)

        async def is_said_to_be_recorded() -> bool:
            running, words = await lead.tab.evaluate(TAKEN)
            return bool(running) and "课件" in words.partition("；")[0].removeprefix("正在录制：").split("、")

        async def nothing_is_said_to_be_recorded() -> bool:
            return not (await lead.tab.evaluate(TAKEN))[0]

        async def all_are_chapters() -> bool:
            return courseware_marks(tmp_path / "recordings", lesson) == ["started", "ended"] * 2

        for ended_by_the_browser in (False, True):
            await lead.tab.press("share")
            await room.sees(lead, "courseware")
            await until("the room shows the slides", is_shown)
            await until("the lead's screen says that they are recorded", is_said_to_be_recorded)
            await (slides.close() if ended_by_the_browser else lead.tab.press("share"))
            await until("the slot is empty and the picture gone", is_gone, 5)
        await room.sees(lead, "teacher")
        await until("each showing is a chapter of the take", all_are_chapters)
        await system.recorder.kill()
        await until("the screen says that nothing is recorded any more", nothing_is_said_to_be_recorded)
