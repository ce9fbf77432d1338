"""What nobody watches is not sent, and is there again when somebody comes: two people in Chromium."""

from pathlib import Path
from typing import Any

from media_tests.browser.chromium import chromium, until
from media_tests.browser.seat import Person, sit_down
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom

QUIET_MS = 1000


async def _layers(person: Person) -> dict[str, dict[str, Any]]:
    """What a page sends of its camera, by layer."""
    return {report["rid"]: report for report in await person.stats("publish", type="outbound-rtp", kind="video")}


async def _until_sent(person: Person, *wanted: str) -> None:
    """Waits until these layers are sent and all others are not."""

    async def sent() -> bool:
        layers = await _layers(person)
        return bool(layers) and {rid for rid, report in layers.items() if report["active"]} == set(wanted)

    await until(f"{wanted} are sent and no others", sent)


async def _until_quiet(person: Person, besides: frozenset[str] = frozenset()) -> None:
    """Waits until for a second nothing has left of the other layers, and nobody has asked anything of them."""
    since_ms, before = 0.0, dict[str, tuple[int, int]]()

    async def are_quiet() -> bool:
        nonlocal since_ms, before
        quiet = {rid: layer for rid, layer in (await _layers(person)).items() if rid not in besides}
        now_ms = max(float(layer["timestamp"]) for layer in quiet.values())
        now = {rid: (layer["bytesSent"], layer.get("pliCount", 0)) for rid, layer in quiet.items()}
        if now != before:
            since_ms, before = now_ms, now
        return now_ms >= since_ms + QUIET_MS

    await until("what nobody watches is quiet", are_quiet)


async def test_what_nobody_watches_is_not_sent_until_somebody_does(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)))
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        await room.enter()
        await _until_sent(room)
        await _until_quiet(room)

        await lead.enter()
        await _until_sent(room, "l", "h")
        await lead.sees(room, "students")

        async def is_rich() -> bool:
            sent = (await _layers(room))["h"].get("frameHeight", 0)
            return bool(sent and (await lead.arriving(room, "students")).get("frameHeight", 0) == sent)

        await until("the lead sees the richest layer", is_rich)
        await room.sees(lead, "teacher")

        await room.tab.press("leave")
        await room.tab.press("leave-dialog-confirm")
        await _until_sent(lead, "l")
        await _until_quiet(lead, besides=frozenset({"l"}))
