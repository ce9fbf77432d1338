"""Another network: pages look for other paths under other ICE credentials; keys, streams and pictures stay."""

import asyncio
from pathlib import Path

from media_tests.browser.chromium import chromium, until
from media_tests.browser.seat import Person, Report, Side, sit_down
from media_tests.lesson.system import LEAD_CLASSROOM, running_system


async def _transport(person: Person, side: Side) -> Report:
    (transport,) = await person.stats(side, type="transport")
    return transport


async def _sends_by_the_newest_credentials(person: Person, side: Side, before: Report) -> bool:
    now = await _transport(person, side)
    pairs = await person.stats(side, type="candidate-pair", id=now.get("selectedCandidatePairId"))
    local = await person.stats(side, type="local-candidate", id=pairs[0]["localCandidateId"]) if pairs else []
    fragments = {candidate["usernameFragment"] for candidate in local}
    return fragments == {now["iceLocalUsernameFragment"]} != {before["iceLocalUsernameFragment"]}


async def test_another_network_moves_living_connections_and_interrupts_nothing(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        viewer = await sit_down(browser, await system.invite(lesson, "attendee", "县教研室"), permitted=False)
        await asyncio.gather(lead.enter(), viewer.enter())
        await viewer.sees(lead, "teacher")
        connected = system.node.log.read_text().count("peer_connected")
        seen = await viewer.arriving(lead, "teacher")
        ends: tuple[tuple[Person, Side], ...] = ((lead, "publish"), (viewer, "subscribe"))
        before = [await _transport(*end) for end in ends]
        for person in (lead, viewer):
            await person.tab.evaluate("() => void window.dispatchEvent(new Event('online'))")

        async def have_moved() -> bool:
            moved = [await _sends_by_the_newest_credentials(*end, at) for end, at in zip(ends, before, strict=True)]
            return all(moved)

        await until("both use a path of the new credentials", have_moved)
        await viewer.sees(lead, "teacher")
        still = await viewer.arriving(lead, "teacher")
        assert still["ssrc"] == seen["ssrc"] and still["framesDecoded"] > seen["framesDecoded"]
        after = [await _transport(*end) for end in ends]
        assert [at["localCertificateId"] for at in after] == [at["localCertificateId"] for at in before]
        assert system.node.log.read_text().count("peer_connected") == connected
