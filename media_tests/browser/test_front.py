"""A school whose firewall lets nothing out but TCP to one port: page, lesson and library come through it."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_tests.browser.chromium import chromium, open_tab
from media_tests.browser.seat import Person, Side, sit_down
from media_tests.browser.trust import home_that_trusts
from media_tests.faults.namespace import Namespace, inside, two_hosts
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom

PORT = 443
NETWORK = "203.0.113"
"""Chromium takes no candidate at port 443 of a private address."""


@pytest.fixture
def firewalled() -> Iterator[Namespace]:
    """Services at the near end; from the far end nothing reaches them but TCP at one port."""
    with two_hosts("tc-front", network=NETWORK) as pair, inside(pair.near_name):
        for program in ("iptables", "ip6tables"):
            allow = ["-i", "near0", "-p", "tcp", "--dport", str(PORT), "-j", "ACCEPT"]
            subprocess.run([program, "-A", "INPUT", *allow], check=True)
            subprocess.run([program, "-A", "INPUT", "-i", "near0", "-j", "DROP"], check=True)
        yield pair


async def remote(person: Person, side: Side) -> tuple[str, str, int]:
    """How and where packets go."""
    (transport,) = await person.stats(side, type="transport")
    (pair,) = await person.stats(side, type="candidate-pair", id=transport["selectedCandidatePairId"])
    (candidate,) = await person.stats(side, type="remote-candidate", id=pair["remoteCandidateId"])
    return str(candidate["protocol"]), str(candidate["address"]), int(candidate["port"])


async def test_everything_comes_through_one_tcp_port(tmp_path: Path, firewalled: Namespace) -> None:
    media = [f"{firewalled.near}:7000"]
    async with running_system(tmp_path, media=media, recorder=True, front=firewalled.near) as system:
        assert system.authority is not None
        await system.library.start()
        lesson = await system.open_lesson(rooms=1)
        invited = [
            await system.invite(lesson, *who) for who in (("lead", LEAD_CLASSROOM), ("room", rural_classroom(1)))
        ]
        assert all(each.link.startswith(f"https://{firewalled.near}/lesson/") for each in invited)
        trusting = home_that_trusts(system.authority, tmp_path / "home")
        with inside(firewalled.far_name):
            far = chromium(environment={**trusting})
            browser = await far.__aenter__()
        try:
            lead, room = [await sit_down(browser, each) for each in invited]
            await asyncio.gather(lead.enter(), room.enter())
            await asyncio.gather(
                room.sees(lead, "teacher"), room.hears(lead, "teacher_mic"), lead.sees(room, "students")
            )
            assert await remote(lead, "publish") == ("tcp", firewalled.near, PORT)
            assert await remote(room, "subscribe") == ("tcp", firewalled.near, PORT)
            shelf = (await system.post("/api/library-code"))["link"]
            assert shelf.startswith(f"https://{firewalled.near}/library/#code=")
            library = await open_tab(browser, shelf, permitted=False, width=1366, height=768, scripts=())
            await library.shown("work-link")
            await library.press("work-link")
            await library.page.locator("a.back").wait_for()
            assert await library.evaluate("() => location.pathname") == "/library/work"
            await library.page.reload()
            await library.page.locator("a.back").wait_for()
        finally:
            await far.__aexit__(None, None, None)
