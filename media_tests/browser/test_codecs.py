"""Who cannot decode the lesson's codec sees an extra copy of the picture, and is seen."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_tests.browser.chromium import WITHOUT_H264, chromium, until
from media_tests.browser.firefox import firefox
from media_tests.browser.seat import Person, link, sit_down
from media_tests.faults.namespace import Namespace, inside, two_hosts
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom


@pytest.fixture
def host() -> Iterator[Namespace]:
    """A host with an address that is not loopback, for Firefox, and no way out."""
    with two_hosts("tc-codec", subnet=64) as pair, inside(pair.near_name):
        yield pair


async def _encodes_only(lead: Person, *codecs: str) -> bool:
    """Whether the camera is encoded as nothing else while each of these goes on; what is over is reported too."""
    before, after = await _encoded(lead), {}

    async def have_gone_on() -> bool:
        after.update(await _encoded(lead))
        return all(after.get(codec, 0) >= before.get(codec, 0) + 15 for codec in codecs)

    await until(f"the camera is encoded as {' and '.join(codecs)}", have_gone_on)
    return {codec for codec, frames in after.items() if frames > before.get(codec, 0)} == set(codecs)


async def _encoded(lead: Person) -> dict[str, int]:
    reports = await lead.stats("publish", type="outbound-rtp", kind="video")
    frames: dict[str, int] = {}
    for report in (report for report in reports if "codecId" in report):
        codec = await lead.codec("publish", report)
        frames[codec] = frames.get(codec, 0) + report["framesEncoded"]
    return frames


async def _seen_codec(person: Person, of: Person, source: str) -> str:
    return await person.codec("subscribe", await person.arriving(of, source))


async def test_a_firefox_without_h264_sees_and_is_seen_in_an_h264_lesson(tmp_path: Path, host: Namespace) -> None:
    async with (
        running_system(tmp_path, media=[f"{host.near}:7000"], pages_host="0.0.0.0") as system,
        chromium() as browser,
        firefox(tmp_path / "geckodriver.log", trusted_host=host.near) as tab,
    ):
        lesson = await system.open_lesson(rooms=2)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        room = Person(await system.invite(lesson, "room", rural_classroom(1)), tab)
        # Firefox gathers the address that the page came to, and no loopback.
        await tab.go_to(link(room.invitation).replace("localhost", host.near))
        await asyncio.gather(lead.enter(), room.enter())
        await asyncio.gather(room.sees(lead, "teacher"), room.hears(lead, "teacher_mic"), lead.sees(room, "students"))
        assert await _seen_codec(room, lead, "teacher") == "video/VP8"
        assert await _seen_codec(lead, room, "students") == "video/VP8"
        assert await _encodes_only(lead, "video/H264", "video/VP8")


async def test_a_copy_is_sent_only_while_a_viewer_needs_it(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        modern = await sit_down(browser, await system.invite(lesson, "attendee", "县教研室"), permitted=False)
        old = await sit_down(
            browser, await system.invite(lesson, "attendee", "市教研室"), permitted=False, scripts=[WITHOUT_H264]
        )

        async def is_plain() -> bool:
            return await _encodes_only(lead, "video/H264")

        await asyncio.gather(lead.enter(), modern.enter())
        await modern.sees(lead, "teacher")
        assert await is_plain()

        await old.enter()
        await old.sees(lead, "teacher")
        assert await _seen_codec(old, lead, "teacher") == "video/VP8"
        await modern.sees(lead, "teacher")
        assert await _seen_codec(modern, lead, "teacher") == "video/H264"
        assert await _encodes_only(lead, "video/H264", "video/VP8")

        await old.tab.press("leave")
        await old.tab.press("leave-dialog-confirm")
        await until("the lead sends one picture only", is_plain)
        await modern.sees(lead, "teacher")
