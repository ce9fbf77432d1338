"""A node with several addresses, of which only one can be reached."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_tests.browser.chromium import chromium
from media_tests.browser.seat import Person, sit_down
from media_tests.faults.namespace import inside, two_hosts
from media_tests.lesson.system import LEAD_CLASSROOM, running_system

PORT = 7000
ADDRESSES = ("127.0.0.1", "127.0.0.2", "::1")


@pytest.fixture
def lonely_host() -> Iterator[None]:
    """A host of the test's own, so that its packet filter harms nobody."""
    with two_hosts("tc-addr", subnet=67) as pair, inside(pair.near_name):
        yield


def _block(address: str) -> None:
    """Loses everything that is sent to this address of the node."""
    program = "ip6tables" if ":" in address else "iptables"
    for protocol in ("udp", "tcp"):
        rule = ["-A", "INPUT", "-d", address, "-p", protocol, "--dport", str(PORT), "-j", "DROP"]
        subprocess.run([program, *rule], check=True)


async def _node_address(person: Person) -> str:
    """Where the receiving connection's packets come from; a browser takes no answer from any other address."""
    (transport,) = await person.stats("subscribe", type="transport")
    (pair,) = await person.stats("subscribe", type="candidate-pair", id=transport["selectedCandidatePairId"])
    (remote,) = await person.stats("subscribe", type="remote-candidate", id=pair["remoteCandidateId"])
    return str(remote["address"])


@pytest.mark.parametrize("usable", ADDRESSES)
async def test_one_usable_address_of_three_is_enough(tmp_path: Path, lonely_host: None, usable: str) -> None:
    for address in ADDRESSES:
        if address != usable:
            _block(address)
    media = [f"[{address}]:{PORT}" if ":" in address else f"{address}:{PORT}" for address in ADDRESSES]
    async with running_system(tmp_path, media=media) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        viewer = await sit_down(browser, await system.invite(lesson, "attendee", "县教研室"), permitted=False)
        await asyncio.gather(lead.enter(), viewer.enter())
        await asyncio.gather(viewer.sees(lead, "teacher"), viewer.hears(lead, "teacher_mic"))
        assert await _node_address(viewer) == usable
