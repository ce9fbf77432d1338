"""A viewer behind a line that loses one packet in twenty, by the browser's own statistics."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from media_tests.browser.chromium import chromium
from media_tests.browser.seat import Person, Report, sit_down
from media_tests.faults.link import Independent, LinkConditions
from media_tests.faults.relay import Relay
from media_tests.lesson.system import LEAD_CLASSROOM, System, free_port, running_system

HALF_RTT_MS = 20.0
LOSS = 0.05
MOST_CONCEALED = 0.01
MOST_FROZEN = 0.01
# The jitter buffers of a new viewer have not yet met a loss.
WARM_UP_S = 3.0

Record = Callable[[str, object], None]


@dataclass(frozen=True, slots=True)
class Reception:
    """The browser's counters of one picture and one sound, and the line's."""

    sound: Report
    picture: Report
    lost: int
    carried: int


@asynccontextmanager
async def _behind_a_bad_line(folder: Path) -> AsyncIterator[tuple[System, Relay]]:
    """A system that peers reach only through the relay."""
    port = free_port(socket.SOCK_DGRAM)
    up = LinkConditions(delay_ms=HALF_RTT_MS)
    down = LinkConditions(delay_ms=HALF_RTT_MS, loss=Independent(LOSS))
    relay = await Relay.start(("127.0.0.1", port), up, down, seed=20)
    announced = "{}:{}".format(*relay.address)
    try:
        async with running_system(folder, media=[f"127.0.0.1:{port}"], announce=[announced]) as system:
            yield system, relay
    finally:
        relay.close()


async def _received(viewer: Person, lead: Person, relay: Relay) -> Reception:
    sound, picture = await viewer.arriving(lead, "teacher_mic"), await viewer.arriving(lead, "teacher")
    return Reception(sound, picture, relay.downlink.lost, relay.downlink.carried)


async def _is_audio_nack_negotiated(viewer: Person) -> bool:
    offers = await viewer.tab.evaluate("() => window.__connections.map((it) => it.remoteDescription.sdp)")
    audio = [section for section in re.split(r"(?m)^m=", offers[-1])[1:] if section.startswith("audio")]
    return bool(audio) and all(re.search(r"(?m)^a=rtcp-fb:\d+ nack\r?$", section) for section in audio)


def _figures(before: Reception, after: Reception) -> dict[str, float]:
    """What became of sound and picture between two moments."""

    def grown(kind: str, number: str) -> float:
        first, last = getattr(before, kind), getattr(after, kind)
        return float(last.get(number, 0) - first.get(number, 0))

    lost, carried = after.lost - before.lost, after.carried - before.carried
    elapsed_s = (after.picture["timestamp"] - before.picture["timestamp"]) / 1000
    samples = grown("sound", "totalSamplesReceived")
    return {
        "lost": lost / (lost + carried),
        "concealed": grown("sound", "concealedSamples") / samples,
        "concealed_in_silence": grown("sound", "silentConcealedSamples") / samples,
        "frozen": grown("picture", "totalFreezesDuration") / elapsed_s,
        "frames_per_s": grown("picture", "framesDecoded") / elapsed_s,
        "audio_nacks": grown("sound", "nackCount"),
        "video_repairs": grown("picture", "retransmittedPacketsReceived"),
    }


@pytest.mark.parametrize(
    "seconds", [20, pytest.param(600, marks=pytest.mark.proof)], ids=["twenty_seconds", "ten_minutes"]
)
async def test_losing_one_packet_in_twenty_is_hardly_heard_or_seen(
    tmp_path: Path, record_property: Record, seconds: int
) -> None:
    async with _behind_a_bad_line(tmp_path) as (system, relay), chromium() as browser:
        lesson = await system.open_lesson(rooms=1)
        lead = await sit_down(browser, await system.invite(lesson, "lead", LEAD_CLASSROOM), width=640, height=480)
        viewer = await sit_down(
            browser, await system.invite(lesson, "attendee", "县教研室"), permitted=False, width=640, height=480
        )
        await asyncio.gather(lead.enter(), viewer.enter())
        await asyncio.gather(viewer.sees(lead, "teacher"), viewer.hears(lead, "teacher_mic"))
        assert await viewer.codec("subscribe", await viewer.arriving(lead, "teacher")) == "video/H264"
        assert await _is_audio_nack_negotiated(viewer)

        await asyncio.sleep(WARM_UP_S)
        before = await _received(viewer, lead, relay)
        await asyncio.sleep(seconds)
        figures = _figures(before, await _received(viewer, lead, relay))

    for name, value in {**figures, "relay_lateness_ms": relay.worst_lateness_s * 1000}.items():
        record_property(name, round(value, 4))
    assert figures["lost"] == pytest.approx(LOSS, abs=0.02), "the line is as bad as it should be"
    assert figures["audio_nacks"] > 0 and figures["video_repairs"] > 0, figures
    assert figures["concealed"] <= MOST_CONCEALED, figures
    assert figures["frozen"] <= MOST_FROZEN, figures
