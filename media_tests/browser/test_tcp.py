"""A classroom whose network lets no datagram through: the lesson comes over TCP alone."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_tests.browser.chromium import chromium, until
from media_tests.browser.firefox import firefox
from media_tests.browser.seat import Person, Side, link, sit_down
from media_tests.faults.namespace import Namespace, inside, two_hosts
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom

PORT = 7000


@pytest.fixture
def host() -> Iterator[Namespace]:
    """A host of the test's own that loses every datagram, with an address that is not loopback and no way out."""
    with two_hosts("tc-tcp", subnet=68) as pair, inside(pair.near_name):
        for program in ("iptables", "ip6tables"):
            subprocess.run([program, "-A", "INPUT", "-p", "udp", "-j", "DROP"], check=True)
        yield pair


async def _protocol(person: Person, side: Side) -> str:
    """How packets travel: Chromium's transport names the pair in use, Firefox's pair says it itself."""
    chosen = {report.get("selectedCandidatePairId") for report in await person.stats(side, type="transport")}
    pairs = await person.stats(side, type="candidate-pair")
    used = {str(pair["localCandidateId"]) for pair in pairs if pair["id"] in chosen or pair.get("selected")}
    candidates = await person.stats(side, type="local-candidate")
    return " and ".join(sorted({str(report["protocol"]) for report in candidates if report["id"] in used}))


async def _is_calm(person: Person) -> bool:
    return bool(await person.tab.evaluate("() => !document.querySelector('[data-testid=\"connection-banner\"]')"))


async def test_a_lesson_comes_over_tcp_alone(tmp_path: Path, host: Namespace) -> None:
    async with running_system(tmp_path, media=[f"{host.near}:{PORT}"], tcp=True) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        viewer = await sit_down(browser, await system.invite(lesson, "attendee", "县教研室"), permitted=False)
        await asyncio.gather(lead.enter(), viewer.enter())
        await asyncio.gather(viewer.sees(lead, "teacher"), viewer.hears(lead, "teacher_mic"))
        assert (await _protocol(lead, "publish"), await _protocol(viewer, "subscribe")) == ("tcp", "tcp")
        assert await _is_calm(lead)
        assert await _is_calm(viewer)


async def test_a_firefox_takes_part_over_tcp_alone(tmp_path: Path, host: Namespace) -> None:
    media = [f"{host.near}:{PORT}"]
    async with (
        running_system(tmp_path, media=media, pages_host="0.0.0.0", tcp=True) as system,
        chromium() as browser,
        firefox(tmp_path / "geckodriver.log", trusted_host=host.near) as tab,
    ):
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        room = Person(await system.invite(lesson, "room", rural_classroom(1)), tab)
        await tab.go_to(link(room.invitation).replace("localhost", host.near))
        await asyncio.gather(lead.enter(), room.enter())
        await asyncio.gather(room.sees(lead, "teacher"), room.hears(lead, "teacher_mic"), lead.sees(room, "students"))
        assert (await _protocol(room, "publish"), await _protocol(room, "subscribe")) == ("tcp", "tcp")
        assert await _is_calm(room)


async def test_where_datagrams_pass_they_are_used(tmp_path: Path) -> None:
    async with running_system(tmp_path, tcp=True) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        await lead.enter()
        viewer = await sit_down(browser, await system.invite(lesson, "attendee", "县教研室"), permitted=False)
        await viewer.enter()
        await viewer.sees(lead, "teacher")

        async def travels_by_datagrams() -> bool:
            return await _protocol(viewer, "subscribe") == "udp"

        await until("packets travel by UDP", travels_by_datagrams)
