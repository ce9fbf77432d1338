"""A lead and rooms in Chromium: picture, sound, codec, cipher and floor."""

import asyncio
from pathlib import Path

import pytest

from media_tests.browser.chromium import WITHOUT_CAMERA, WITHOUT_H264, chromium, until
from media_tests.browser.seat import Person, sit_down
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom

# The budget of a floor command.
FLOOR_S = 0.3


async def _are_all_packets_under_gcm(person: Person) -> bool:
    # Chromium 150 wrote the name without its prefix.
    ciphers = [
        report["srtpCipher"].removeprefix("SRTP_")
        for side in ("publish", "subscribe")
        for report in await person.stats(side, type="transport")
    ]
    return ciphers == ["AEAD_AES_128_GCM"] * 2


@pytest.mark.parametrize("mime_type, scripts", [("video/H264", ()), ("video/VP8", (WITHOUT_H264,))])
async def test_lead_and_room_see_and_hear_each_other(tmp_path: Path, mime_type: str, scripts: tuple[str, ...]) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM), scripts=scripts)
        room = await sit_down(browser, await system.invite(lesson, "room", rural_classroom(1)), scripts=scripts)
        await asyncio.gather(lead.enter(), room.enter())
        await asyncio.gather(lead.sees(room, "students"), room.sees(lead, "teacher"), room.hears(lead, "teacher_mic"))
        await lead.tab.press("floor-give")
        await lead.hears(room, "room_mic")

        for person, other, source in ((lead, room, "students"), (room, lead, "teacher")):
            assert await person.codec("subscribe", await person.arriving(other, source)) == mime_type
            assert await _are_all_packets_under_gcm(person)
        sent = await lead.stats("publish", type="outbound-rtp", kind="video")
        assert {await lead.codec("publish", layer) for layer in sent if "codecId" in layer} == {mime_type}

        async def sends_three() -> bool:
            return {one["rid"] for one in await lead.stats("publish", type="outbound-rtp", kind="video")} == set("lmh")

        # A browser that lacks the time for a layer leaves it out for a while.
        await until("the lead's camera is sent in three layers", sends_three)


async def _sound_but_of(person: Person, lead: Person) -> int:
    """Bytes of sound that have arrived in any slot but the lead's."""
    reports = await person.stats("subscribe", type="inbound-rtp", kind="audio")
    leads = await person.slot(lead, "teacher_mic")
    return sum(int(report["bytesReceived"]) for report in reports if report["mid"] != leads)


async def test_a_room_is_heard_only_while_it_holds_the_floor(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, chromium() as browser:
        lesson = await system.open_lesson(rooms=2)
        seats = [("lead", LEAD_CLASSROOM), ("room", rural_classroom(1)), ("room", rural_classroom(2))]
        lead, speaker, other = [
            await sit_down(browser, await system.invite(lesson, *seat), scripts=[WITHOUT_CAMERA]) for seat in seats
        ]
        await asyncio.gather(lead.enter(), speaker.enter(), other.enter())
        await other.hears(lead, "teacher_mic")

        async def sends_sound() -> bool:
            (sent,) = await speaker.stats("publish", type="outbound-rtp", kind="audio") or [{"packetsSent": 0}]
            return int(sent["packetsSent"]) > 50

        await until("the room sends its sound all the time", sends_sound)
        assert [await _sound_but_of(person, lead) for person in (lead, other)] == [0, 0]

        await speaker.tab.press("floor")
        await lead.tab.shown("queue-give")
        await lead.tab.press("queue-give")
        await asyncio.gather(lead.hears(speaker, "room_mic"), other.hears(speaker, "room_mic"))

        await speaker.tab.press("floor")

        async def is_released() -> bool:
            return (await lead.look())["floor"]["holder"] is None

        await until("the floor is free", is_released)
        await asyncio.sleep(FLOOR_S)
        before = [await _sound_but_of(person, lead) for person in (lead, other)]
        assert min(before) > 0
        await asyncio.sleep(1)
        assert [await _sound_but_of(person, lead) for person in (lead, other)] == before
