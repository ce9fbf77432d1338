"""Schools with IPv6 alone, with both, and a node behind one-to-one NAT."""

import asyncio
import subprocess
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from media_tests.browser.chromium import chromium
from media_tests.browser.seat import sit_down
from media_tests.browser.test_front import remote
from media_tests.browser.trust import home_that_trusts
from media_tests.faults.namespace import inside, ipv6_of, two_hosts
from media_tests.faults.router import routed
from media_tests.lesson.system import LEAD_CLASSROOM, System, running_system, rural_classroom

PORT = 7000


async def _lesson(system: System, folder: Path, where: str) -> set[tuple[str, str, int]]:
    """A lead and a room in a namespace see and hear each other; returns how and where their packets go."""
    assert system.authority is not None
    environment = home_that_trusts(system.authority, folder / "home")
    async with AsyncExitStack() as closing:
        with inside(where):
            browser = await closing.enter_async_context(chromium(environment={**environment}))
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)))
        await asyncio.gather(lead.enter(), room.enter())
        await asyncio.gather(room.sees(lead, "teacher"), room.hears(lead, "teacher_mic"), lead.sees(room, "students"))
        return {await remote(lead, "publish"), await remote(room, "subscribe")}


@pytest.mark.parametrize("versions", [(6,), (4, 6)], ids=["IPv6 alone", "both"])
async def test_a_school_is_reached_whatever_its_network_speaks(tmp_path: Path, versions: tuple[int, ...]) -> None:
    with two_hosts("tc-six", subnet=70) as pair, inside(pair.near_name):
        here = ipv6_of(pair.near)
        if 4 not in versions:
            subprocess.run(["ip", "-n", pair.far_name, "-4", "address", "flush", "dev", "far0"], check=True)
        async with running_system(tmp_path, media=[f"auto:{PORT}"], front=here) as system:
            ways = await _lesson(system, tmp_path, pair.far_name)
    assert {(protocol, port) for protocol, _, port in ways} == {("udp", PORT)}
    addresses = {address.strip("[]") for _, address, _ in ways}
    assert addresses <= ({here} if versions == (6,) else {here, pair.near})


async def test_a_node_behind_one_to_one_nat_is_reached_at_the_address_that_it_announces(tmp_path: Path) -> None:
    with routed("tc-dnat", client_side="198.51.100", node_side="10.92.0") as hosts, inside(hosts.node_name):
        to_node = ("-t", "nat", "-A", "PREROUTING", "-d", hosts.near, "-j", "DNAT", "--to-destination", hosts.node)
        hosts.rule(*to_node)
        subprocess.run(["ip", "-n", hosts.client_name, "route", "del", "10.92.0.0/24"], check=True)
        options = {"media": [f"{hosts.node}:{PORT}"], "announce": [f"{hosts.near}:{PORT}"], "front": hosts.near}
        async with running_system(tmp_path, **options) as system:
            assert await _lesson(system, tmp_path, hosts.client_name) == {("udp", hosts.near, PORT)}
