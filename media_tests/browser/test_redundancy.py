"""Sound with earlier sound in it (RED), on a line that loses one packet in ten: one viewer takes it, one does not."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from media_tests.browser.behind_line import Place, node_counters, place_behind
from media_tests.browser.seat import Person, Report

LINE = "delay=20ms loss=10%"
WARM_UP_S = 6.0
WINDOW_S = 10.0

Record = Callable[[str, object], None]

# The offer without repairs of sound, which would hide what copies are good for.
WITHOUT_NACK = """
const set = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
  return set.call(this, { type, sdp: sdp.replace(/a=rtcp-fb:111 nack\\r\\n/g, '') });
};
"""
# The same without redundant sound, as a browser that does not know it.
WITHOUT_RED = """
const take = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
  const plain = sdp.replace(/^(m=audio.*) 63\\b/gm, '$1').replace(/a=(rtpmap|fmtp|rtcp-fb):63 .*\\r\\n/g, '');
  return take.call(this, { type, sdp: plain });
};
"""


async def _codecs(person: Person) -> set[str]:
    lines = await person.tab.evaluate(
        "() => window.__connections.filter((it) => it.connectionState === 'connected')"
        ".flatMap((it) => it.localDescription.sdp.match(/a=(?:rtpmap|rtcp-fb|fmtp):(?:63|111) .*/g) ?? [])"
    )
    return {str(line).strip() for line in lines}


def _concealed(before: Report, after: Report) -> float:
    concealed, total = (
        float(after.get(name, 0)) - float(before.get(name, 0)) for name in ("concealedSamples", "totalSamplesReceived")
    )
    return concealed / total


async def _concealments(place: Place, lead: Person, viewers: tuple[Person, ...]) -> list[float]:
    async def sounds() -> list[Report]:
        return await asyncio.gather(*(viewer.arriving(lead, "teacher_mic") for viewer in viewers))

    await asyncio.sleep(WARM_UP_S)
    before = await sounds()
    await asyncio.sleep(WINDOW_S)
    return [_concealed(*pair) for pair in zip(before, await sounds(), strict=True)]


async def test_redundant_sound_is_heard_where_plain_sound_has_holes(tmp_path: Path, record_property: Record) -> None:
    async with place_behind(LINE, LINE, 7, tmp_path) as place:
        lesson = await place.system.open_lesson(rooms=1)
        lead = await place.lead(lesson)
        red, plain = await asyncio.gather(
            place.viewer(lesson, WITHOUT_NACK),
            place.viewer(lesson, WITHOUT_NACK, WITHOUT_RED, name="市教研室"),
        )
        await asyncio.gather(*(person.enter() for person in (lead, red, plain)))
        await asyncio.gather(*(viewer.hears(lead, "teacher_mic") for viewer in (red, plain)))
        taken, refused = await _codecs(red), await _codecs(plain)
        assert "a=rtpmap:63 red/48000/2" in taken and "a=rtpmap:63 red/48000/2" not in refused
        assert not [line for line in taken | refused if line.endswith(" nack")]
        assert any(line.startswith("a=fmtp:111 ") and "stereo=1" in line for line in taken)

        with_red, without = await _concealments(place, lead, (red, plain))
        counters = await node_counters(place.system)

    found = {"with_red": with_red, "without_red": without} | {
        name: counters[name] for name in ("track_redundant", "track_copied", "track_in_band_fec", "slot_redundant")
    }
    for name, value in found.items():
        record_property(name, round(value, 4))
    # The page's first choice is really sent, what the uplink loses is found in it, and the encoder was told of losses.
    assert counters["track_redundant"] > 300 and counters["track_copied"] > 20, found
    assert counters["track_in_band_fec"] > 0 and counters["slot_redundant"] > 300, found
    assert without > 0.04 and with_red < 0.02 and with_red * 4 < without, found
