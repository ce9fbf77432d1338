"""A page that gets ready while a person looks at the start screen."""

from pathlib import Path

from media_tests.browser.chromium import chromium, until
from media_tests.browser.seat import Person, sit_down
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom

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


async def test_a_page_that_has_waited_answers_with_its_join(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)), scripts=(OVERHEAR,))
        await lead.enter()
        await _offers(room, 1)
        await room.enter()
        await room.sees(lead, "teacher")
        await lead.sees(room, "students")
        assert await _said(room, "join", "joined", "subscribe", "subscribe_offer", "subscribe_answer") == [
            ">join",
            ">subscribe_answer",
        ]


async def test_a_node_that_begins_anew_brings_a_new_offer_to_the_door(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)), scripts=(OVERHEAR,))
        await lead.enter()
        await _offers(room, 1)
        await system.node.kill()
        await system.node.start()
        await _offers(room, 2)
        await room.enter()
        await room.sees(lead, "teacher")
        assert ">subscribe" not in await _said(room, "subscribe")


async def test_a_page_that_loses_its_line_at_the_door_is_brought_another_offer(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)), scripts=(OVERHEAR,))
        await lead.enter()
        await _offers(room, 1)
        # Its WebSocket is lost at the door: signaling keeps nothing of who has not joined.
        await system.signaling.kill()
        await system.signaling.start()
        await _offers(room, 2)
        await room.enter()
        await room.sees(lead, "teacher")
