"""What a village's own screen says of its recording: nothing of it by default; else what, and who allowed it."""

from pathlib import Path

from playwright.async_api import Locator, expect

from media_tests.browser.chromium import ChromiumTab, chromium
from media_tests.browser.seat import Person, sit_down
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom

ENABLED = {
    "sources": ["teacher", "teacher_mic", "students", "room_mic"],
    "enabled_by": "李校长",
    "basis": "家长同意书 2026-09",
}
PATIENCE_MS = 60_000


def _line(person: Person) -> Locator:
    assert isinstance(person.tab, ChromiumTab)
    return person.tab.page.get_by_test_id("taken").first


async def _says(room: Person, *words: str) -> None:
    for each in words:
        await expect(_line(room)).to_contain_text(each, timeout=PATIENCE_MS)


async def test_a_room_reads_what_is_taken_of_it_and_who_allowed_that(tmp_path: Path) -> None:
    async with running_system(tmp_path, recorder=True) as system, chromium() as browser:
        await system.recorder.start()
        for policy in (None, ENABLED):
            lesson = await system.open_lesson(rooms=1, policy=policy)
            lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
            room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)))
            await room.tab.shown("enter")
            if policy is None:
                await _says(room, "录制规定：可以录", "不录学生画面")
            for person in (lead, room):
                await person.enter()
            await _is_told(lead, room, taken=policy is not None)
            await system.post(f"/api/lessons/{lesson}/end")
            await room.tab.shown("over")


async def _is_told(lead: Person, room: Person, *, taken: bool) -> None:
    await expect(_line(lead)).to_have_attribute("data-running", "true", timeout=PATIENCE_MS)
    if not taken:
        # Its board and courseware would be; its pupils are not even waited for.
        await expect(_line(room)).to_have_text("等待录制：板书、课件", timeout=PATIENCE_MS)
        await expect(_line(room)).to_have_attribute("data-running", "false")
        await room.tab.press("language-switch")
        return await _says(room, "Waiting to record: ")
    await _says(room, "正在录制：学生画面", "批准人：李校长；依据：家长同意书 2026-09")
    await expect(_line(room)).not_to_contain_text("正在录制：学生画面、")
    await lead.tab.press("floor-give")
    await _says(room, "正在录制：学生画面、学生声音")
    await lead.tab.press("floor-take")
    await _says(room, "已停止录制：学生声音")
    await lead.tab.press("pause-recording")
    await _says(room, "录制已暂停：学生画面")
    await expect(_line(room)).to_have_attribute("data-running", "false")
    await lead.tab.press("pause-recording")
    await room.tab.press("language-switch")
    await _says(room, "Recording now: ", "Enabled by 李校长; basis: 家长同意书 2026-09")
