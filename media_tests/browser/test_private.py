"""What an assistant and the lead say to one another alone, at their pages; a room looks on and sees nothing of it."""

import asyncio
from pathlib import Path

from playwright.async_api import expect

from media_tests.browser.chromium import ChromiumTab, chromium
from media_tests.browser.seat import Person, sit_down
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom

BODY = "小明不舒服，我陪他出去一下"


def _page(person: Person) -> ChromiumTab:
    assert isinstance(person.tab, ChromiumTab)
    return person.tab


async def test_an_assistant_and_the_lead_have_a_line_of_their_own(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        invited = (("lead", LEAD_CLASSROOM), ("assistant", rural_classroom(1)), ("room", rural_classroom(1)))
        seats = [await system.invite(lesson, role, classroom) for role, classroom in invited]
        lead, aide, room = [await sit_down(browser, seat, permitted=False) for seat in seats]
        await asyncio.gather(*(person.enter() for person in (lead, aide, room)))

        await aide.tab.press("cue")
        await aide.tab.press("cue-cannot_hear")
        line = _page(lead).page.get_by_test_id("cue-line")
        await expect(line).to_contain_text(f"{rural_classroom(1)}：听不清")
        await lead.tab.press("cue-seen")
        await expect(_page(aide).page.get_by_test_id("cue")).to_have_text("主讲已看到")
        await expect(line).to_have_count(0)

        for person in (aide, room):
            await person.tab.press("text-toggle")
        await _page(aide).page.get_by_test_id("text-to").select_option(label="只写给主讲教师")
        await _page(aide).page.locator("[data-testid=text-input] input, input[data-testid=text-input]").fill(BODY)
        await aide.tab.press("text-send")
        for person, words in ((aide, f"只给 {LEAD_CLASSROOM}"), (lead, "只给我")):
            private = _page(person).page.locator("[data-testid=text-line][data-kind=private]")
            await expect(private).to_contain_text(BODY)
            await expect(private).to_contain_text(words)
        # What everyone reads comes after it: by then it would have been here.
        await _page(lead).page.locator("[data-testid=text-input] input, input[data-testid=text-input]").fill("都好吗？")
        await lead.tab.press("text-send")
        await expect(_page(room).page.get_by_test_id("text-line")).to_have_count(1)
        await expect(_page(room).page.get_by_test_id("text-line")).to_contain_text("都好吗？")

        # An assistant who has gone is nobody to whom a line goes, and it must not go to everyone in her place.
        await _page(lead).page.get_by_test_id("text-to").select_option(label=f"只写给助教：{rural_classroom(1)}")
        await aide.tab.press("leave")
        await aide.tab.press("leave-dialog-confirm")
        await lead.tab.shown("text-gone")
