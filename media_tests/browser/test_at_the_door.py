"""A page that gets ready while a person looks at the start screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from media_tests.browser.chromium import chromium, until
from media_tests.browser.seat import Person, sit_down
from media_tests.lesson.system import LEAD_CLASSROOM, System, running_system, rural_classroom

# Every message by its type, sent with `>` and received with `<`.
OVERHEAR = """
window.__said = [];
const RealSocket = window.WebSocket;
window.WebSocket = class extends RealSocket {
  constructor(...rest) {
    super(...rest);
    this.addEventListener('message', ({ data }) => window.__said.push('<' + JSON.parse(data).type));
  }
  send(text) {
    window.__said.push('>' + JSON.parse(text).type);
    super.send(text);
  }
};
"""


async def _said(person: Person, *kinds: str) -> list[str]:
    """Those of the page's messages that are of these kinds, in order."""
    return [said for said in await person.tab.evaluate("() => window.__said") if said[1:] in kinds]


async def _offers(person: Person, count: int) -> None:
    async def come() -> bool:
        return len(await _said(person, "door_offer")) == count

    await until(f"{count} offers were brought to the door", come)


@asynccontextmanager
async def _at_the_door(folder: Path) -> AsyncIterator[tuple[System, Person, Person]]:
    """A lead that teaches, and a room's page that has its offer and nobody has entered."""
    async with running_system(folder) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)), scripts=(OVERHEAR,))
        await lead.enter()
        await _offers(room, 1)
        yield system, lead, room


async def test_a_page_that_has_waited_answers_with_its_join(tmp_path: Path) -> None:
    async with _at_the_door(tmp_path) as (_, lead, room):
        await room.enter()
        await room.sees(lead, "teacher")
        await lead.sees(room, "students")
        assert await _said(room, "join", "joined", "subscribe", "subscribe_offer", "subscribe_answer") == [
            ">join",
            ">subscribe_answer",
        ]


@pytest.mark.parametrize("restarted", ["node", "signaling"])
async def test_what_begins_anew_brings_another_offer_to_the_door(tmp_path: Path, restarted: str) -> None:
    """Signaling keeps nothing of a page that has not joined, and a node nothing of its offers."""
    async with _at_the_door(tmp_path) as (system, lead, room):
        service = {"node": system.node, "signaling": system.signaling}[restarted]
        await service.kill()
        await service.start()
        await _offers(room, 2)
        await room.enter()
        await room.sees(lead, "teacher")
        assert await _said(room, "subscribe") == []
