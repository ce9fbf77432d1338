"""Pages that are reloaded, crash, or are killed with their browser."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error

from media_tests.browser.chromium import ChromiumTab, chromium, until
from media_tests.browser.seat import Person, link, sit_down
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom

# RFC 7675 section 5.1: consent lasts 30 s; signaling keeps a lost seat as long.
CONSENT_S = 30.0


def _tab(person: Person) -> ChromiumTab:
    assert isinstance(person.tab, ChromiumTab)
    return person.tab


async def test_a_reloaded_page_has_its_seat_and_its_media_back(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)))
        await asyncio.gather(lead.enter(), room.enter())
        await asyncio.gather(lead.sees(room, "students"), room.sees(lead, "teacher"))

        await _tab(room).page.reload()
        await room.tab.shown("lesson")
        assert (await room.look())["self"]["seat"] == room.seat
        await asyncio.gather(
            lead.sees(room, "students", within_s=10),
            room.sees(lead, "teacher", within_s=10),
            room.hears(lead, "teacher_mic", within_s=10),
        )


async def _crash(person: Person) -> None:
    """Kills the tab's process: neither page nor browser says goodbye for it."""
    page = _tab(person).page
    session = await page.context.new_cdp_session(page)
    crashed = asyncio.Event()
    page.on("crash", lambda _page: crashed.set())
    killing = asyncio.ensure_future(session.send("Page.crash"))
    await asyncio.wait_for(crashed.wait(), 5)
    killing.cancel()
    await asyncio.gather(killing, return_exceptions=True)
    await page.close()


async def test_a_killed_tab_comes_back_to_its_seat(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)))
        await asyncio.gather(lead.enter(), room.enter())
        await lead.sees(room, "students")

        context = _tab(room).page.context
        await _crash(room)
        await until("the lead is told that the picture stands still", lambda: _is_still(lead, room), 5)
        again = Person(room.invitation, ChromiumTab(await context.new_page()))
        await _tab(again).page.goto(link(room.invitation))
        await again.enter()
        assert (await again.look())["self"]["seat"] == room.seat
        await asyncio.gather(lead.sees(room, "students"), again.sees(lead, "teacher"))


async def _is_still(lead: Person, room: Person) -> bool:
    sources = (await lead.look())["sources"]
    return not any(source["seat"] == room.seat and source["flowing"] for source in sources)


async def _kill(browser: Browser) -> None:
    """Kills the browser as the kernel does when memory is short."""
    session = await browser.new_browser_cdp_session()
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    (main,) = (process["id"] for process in processes if process["type"] == "browser")
    os.kill(main, signal.SIGKILL)


async def _is_away(lead: Person, room: Person) -> bool:
    seats = (await lead.look())["seats"]
    is_present = any(seat["seat"] == room.seat and seat["present"] for seat in seats)
    return not is_present and await lead.slot(room, "students") is None


@pytest.mark.proof
async def test_a_killed_browser_frees_its_place(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser, chromium() as doomed:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        room = await sit_down(doomed, await system.invite(lesson, "room", rural_classroom(1)))
        await asyncio.gather(lead.enter(), room.enter())
        await lead.sees(room, "students")

        await _kill(doomed)
        await until("the lead is told that the picture stands still", lambda: _is_still(lead, room), 5)
        await until("the room's place is free", lambda: _is_away(lead, room), CONSENT_S + 5)
        assert not doomed.is_connected()
        with pytest.raises(Error):
            await doomed.new_page()
