"""Signaling and node die under two pages: both say so, and come back by themselves."""

import asyncio
from pathlib import Path

from media_tests.browser.chromium import chromium, until
from media_tests.browser.seat import Person, sit_down
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom

PATIENCE_S = 45.0


async def _has_no_banner(person: Person) -> bool:
    return bool(await person.tab.evaluate("() => !document.querySelector('[data-testid=\"connection-banner\"]')"))


async def test_pages_say_what_is_lost_and_come_back_after_all_services_restart(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM), width=390, height=844)
        room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)), width=390, height=844)
        await asyncio.gather(lead.enter(), room.enter())
        await asyncio.gather(
            lead.sees(room, "students", within_s=PATIENCE_S), room.sees(lead, "teacher", within_s=PATIENCE_S)
        )
        assert await _has_no_banner(room)

        services = (system.node, system.signaling)
        await asyncio.gather(*(service.kill() for service in services))
        await asyncio.gather(*(person.tab.shown("connection-banner", PATIENCE_S) for person in (lead, room)))
        await asyncio.gather(*(service.start() for service in services))
        await system.until_ready()

        async def is_calm() -> bool:
            return await _has_no_banner(lead) and await _has_no_banner(room)

        await until("the banners are gone", is_calm, PATIENCE_S)
        await asyncio.gather(
            lead.sees(room, "students", within_s=PATIENCE_S),
            room.sees(lead, "teacher", within_s=PATIENCE_S),
            room.hears(lead, "teacher_mic", within_s=PATIENCE_S),
        )
