"""Who gets no camera is told why and what to do, and can enter without one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from media_tests.browser.chromium import ChromiumTab, chromium, open_tab
from media_tests.browser.seat import Person, link
from media_tests.faults.namespace import Namespace, inside, two_hosts
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom


@pytest.fixture
def host() -> Iterator[Namespace]:
    """A host with an address that is not loopback: there http:// is no secure context."""
    with two_hosts("tc-refuse", subnet=66) as pair, inside(pair.near_name):
        yield pair


async def _is_told(tab: ChromiumTab, code: str, *words: str) -> None:
    trouble = tab.page.get_by_test_id("device-trouble")
    await expect(trouble).to_have_attribute("data-code", code, timeout=60_000)
    for word in words:
        await expect(trouble).to_contain_text(word)


async def test_a_refused_camera_is_explained_and_keeps_nobody_out(tmp_path: Path, host: Namespace) -> None:
    async with (
        running_system(tmp_path, media=[f"{host.near}:7000"], pages_host="0.0.0.0") as system,
        chromium() as browser,
    ):
        lesson = await system.open_lesson(rooms=1)
        lead = await system.invite(lesson, "lead", LEAD_CLASSROOM)
        room = await system.invite(lesson, "room", rural_classroom(1))
        far = link(room).replace("localhost", host.near)
        insecure = await open_tab(browser, far, permitted=True, width=1366, height=768, scripts=[])
        denied = await open_tab(browser, link(lead), permitted=False, width=1366, height=768, scripts=[])
        # The address to go to instead, and the certificate that this takes.
        await _is_told(insecure, "device.insecure", f"https://{host.near}", "证书")
        await _is_told(denied, "device.denied", "重试")
        await denied.page.get_by_test_id("language-switch").first.click()
        await _is_told(denied, "device.denied", "Try again")
        for invitation, tab in ((lead, denied), (room, insecure)):
            await Person(invitation, tab).enter()
