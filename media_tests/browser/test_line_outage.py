"""A viewer's line carries nothing for half a minute; signaling is still there, as over another way."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from media_tests.browser.behind_line import Place, place_behind
from media_tests.browser.seat import Person, Report

# Everybody is in by then, also on a busy machine.
BEGINS_S, LASTS_S = 50.0, 30.0
LINE = f"delay=20ms rate=0s:10mbit,{BEGINS_S:g}s:0kbit,{BEGINS_S + LASTS_S:g}s:10mbit queue=300ms"
SOUND_S, PICTURE_S = 3.0, 5.0
LOOK_S = 0.1

Record = Callable[[str, object], None]


async def _back_s(viewer: Person, lead: Person, source: str, number: str, line_is_back_s: float) -> float:
    """How long after the line a source came again; a connection built anew counts from nothing."""
    loop = asyncio.get_running_loop()
    stalled = await _count(viewer, lead, source, number)
    while True:
        count = await _count(viewer, lead, source, number)
        if count > stalled:
            return loop.time() - line_is_back_s
        stalled = count
        if loop.time() > line_is_back_s + 30:
            raise AssertionError(f"{source} did not come back within 30 s")
        await asyncio.sleep(LOOK_S)


async def _count(viewer: Person, lead: Person, source: str, number: str) -> float:
    report: Report = await viewer.arriving(lead, source)
    return float(report.get(number, 0))


async def _until(begun_s: float, at_s: float) -> None:
    await asyncio.sleep(begun_s + at_s - asyncio.get_running_loop().time())


async def _come_in(place: Place) -> tuple[Person, Person]:
    lesson = await place.system.open_lesson(rooms=1)
    lead, viewer = await place.lead(lesson, place.direct), await place.viewer(lesson)
    await asyncio.gather(lead.enter(), viewer.enter())
    await asyncio.gather(viewer.sees(lead, "teacher"), viewer.hears(lead, "teacher_mic"))
    return lead, viewer


@pytest.mark.proof
@pytest.mark.timeout(240)
async def test_sound_and_picture_are_back_soon_after_half_a_minute(tmp_path: Path, record_property: Record) -> None:
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    async with place_behind(LINE, LINE, 3, tmp_path) as place:
        lead, viewer = await _come_in(place)
        assert loop.time() < begun_s + BEGINS_S - 2, "the machine was too slow for this line"
        before = await viewer.look()
        await _until(begun_s, BEGINS_S + LASTS_S)
        assert (await place.line.account()).lost_down > 0, "the line was cut"
        line_is_back_s = loop.time()
        sound_s, picture_s = await asyncio.gather(
            _back_s(viewer, lead, "teacher_mic", "packetsReceived", line_is_back_s),
            _back_s(viewer, lead, "teacher", "framesDecoded", line_is_back_s),
        )
        after = await viewer.look()
    record_property("sound_back_s", round(sound_s, 2))
    record_property("picture_back_s", round(picture_s, 2))
    assert (after["self"]["seat"], after["self"]["session"]) == (before["self"]["seat"], before["self"]["session"])
    assert sound_s <= SOUND_S and picture_s <= PICTURE_S, (sound_s, picture_s)
