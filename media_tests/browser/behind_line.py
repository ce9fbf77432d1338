"""A lesson of two of whom one sits behind an emulated line, and what the browser counts of it."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser

from media_tests.browser.chromium import chromium
from media_tests.browser.line_cases import Case
from media_tests.browser.seat import Person, Report, sit_down
from media_tests.faults.emulator import Account, Emulator, emulator
from media_tests.lesson.system import LEAD_CLASSROOM, System, free_media_port, running_system

NTP_TO_UNIX_MS = 2_208_988_800_000
STEP_S = 1.0

# Takes the node's own address instead of the line's, which is the only one that it announces.
_DIRECT = """
const set = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function ({{ type, sdp }}) {{
  return set.call(this, {{ type, sdp: sdp.replaceAll(' 127.0.0.1 {line} ', ' 127.0.0.1 {node} ') }});
}};
"""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Two people, one of them behind the line."""

    system: System
    line: Emulator
    lead: Person
    viewer: Person


@dataclass(frozen=True, slots=True)
class Look:
    """All counters at one moment."""

    sound: Report
    picture: Report
    sent: Sequence[Report]
    """The lead's layers."""
    counters: dict[str, float]
    """The node's, of the lead's tracks, added up by name."""
    account: Account


@dataclass(frozen=True, slots=True)
class Place:
    """A running system whose media go through a line, unless a page takes the node's own address."""

    system: System
    line: Emulator
    browser: Browser
    direct: str
    """The script of a page that does."""

    async def sit(self, lesson: str, role: str, classroom: str, *, permitted: bool, scripts: Sequence[str]) -> Person:
        """A person at a small window."""
        invitation = await self.system.invite(lesson, role, classroom)
        return await sit_down(self.browser, invitation, permitted=permitted, width=640, height=480, scripts=scripts)

    async def lead(self, lesson: str, *scripts: str) -> Person:
        return await self.sit(lesson, "lead", LEAD_CLASSROOM, permitted=True, scripts=scripts)

    async def viewer(self, lesson: str, *scripts: str, name: str = "县教研室") -> Person:
        return await self.sit(lesson, "attendee", name, permitted=False, scripts=scripts)


@asynccontextmanager
async def place_behind(
    up: str, down: str, seed: int, folder: Path, *, arguments: Sequence[str] = ()
) -> AsyncIterator[Place]:
    """The line, the system behind it, and a browser."""
    port = free_media_port()
    async with emulator(("127.0.0.1", port), up, down, seed) as line:
        announced = "{}:{}".format(*line.address)
        media = [f"127.0.0.1:{port}"]
        async with (
            running_system(folder, media=media, announce=[announced], tcp=False) as system,
            chromium(arguments=arguments) as browser,
        ):
            yield Place(system, line, browser, _DIRECT.format(line=line.address[1], node=port))


@asynccontextmanager
async def lesson_behind(case: Case, folder: Path) -> AsyncIterator[Lesson]:
    """Both are in, see and hear."""
    async with place_behind(case.up, case.down, case.seed, folder) as place:
        lesson = await place.system.open_lesson(rooms=1)
        is_viewers = case.behind == "viewer"
        lead = await place.lead(lesson, *((place.direct,) if is_viewers else ()))
        viewer = await place.viewer(lesson, *(() if is_viewers else (place.direct,)))
        await asyncio.gather(lead.enter(), viewer.enter())
        await asyncio.gather(viewer.sees(lead, "teacher"), viewer.hears(lead, "teacher_mic"))
        yield Lesson(place.system, place.line, lead, viewer)


async def look(lesson: Lesson) -> Look:
    """Asks everybody at once."""
    sound, picture, sent, counters, account = await asyncio.gather(
        lesson.viewer.arriving(lesson.lead, "teacher_mic"),
        lesson.viewer.arriving(lesson.lead, "teacher"),
        lesson.lead.stats("publish", type="outbound-rtp", kind="video"),
        node_counters(lesson.system),
        lesson.line.account(),
    )
    return Look(sound, picture, sent, counters, account)


async def looks(lesson: Lesson, seconds: float) -> list[Look]:
    """One a second."""
    found = [await look(lesson)]
    for _ in range(round(seconds / STEP_S)):
        await asyncio.sleep(STEP_S)
        found.append(await look(lesson))
    return found


async def node_counters(system: System) -> dict[str, float]:
    """What the node tells of tracks and slots, each name added up over all of them."""
    token = re.search(r'^node_token = "(.*)"', (system.folder / "three-classrooms.toml").read_text(), re.M)
    assert token is not None
    async with system.http.get(f"{system.node_url}/metrics", headers={"Authorization": f"Bearer {token[1]}"}) as answer:
        text = await answer.text()
    found: dict[str, float] = {}
    for name, value in re.findall(r"^sfu_((?:track|slot)_\w+?)_total\{.*\} (\S+)$", text, re.M):
        found[name] = found.get(name, 0.0) + float(value)
    return found


def figures(seen: Sequence[Look]) -> dict[str, float]:
    """What became of sound and picture between the first and the last look."""
    first, last = seen[0], seen[-1]
    seconds = (float(last.picture["timestamp"]) - float(first.picture["timestamp"])) / 1000

    def sound(number: str) -> float:
        return float(last.sound.get(number, 0)) - float(first.sound.get(number, 0))

    def picture(number: str) -> float:
        return float(last.picture.get(number, 0)) - float(first.picture.get(number, 0))

    def counted(name: str) -> float:
        return last.counters.get(name, 0) - first.counters.get(name, 0)

    down = last.account.down["pushed"] - first.account.down["pushed"]
    delays = sorted(delay for each in seen if (delay := _glass_to_glass_ms(each)) is not None)
    return {
        "seconds": seconds,
        "lost": (last.account.lost_down - first.account.lost_down) / max(1, down),
        "heard": 1 - sound("concealedSamples") / sound("totalSamplesReceived"),
        "decoded": _decoded(seen),
        "frozen": picture("totalFreezesDuration") / seconds,
        "freezes": picture("freezeCount"),
        "frames_per_s": picture("framesDecoded") / seconds,
        "sent_per_s": _sent(seen) / seconds,
        "height": float(last.picture.get("frameHeight", 0)),
        "glass_to_glass_ms": delays[int(0.95 * (len(delays) - 1))] if delays else float("inf"),
        "keyframe_requests_per_s": counted("track_keyframe_requests_sent") / seconds,
        "keyframes_asked_by_viewer": picture("pliCount"),
        "copied": counted("track_copied"),
        "redundant_in": counted("track_redundant"),
        "redundant_out": counted("slot_redundant"),
        "in_band_fec": counted("track_in_band_fec"),
        "repairs": counted("slot_repairs"),
        "emulator_late_p99_ms": last.account.late_p99_ms,
        "emulator_losses": float(last.account.own_losses),
    }


def _decoded(seen: Sequence[Look]) -> float:
    """Of the frames that were sent in the layer that was shown, while that was the same."""
    sent = decoded = 0.0
    for before, after in zip(seen, seen[1:], strict=False):
        was, now = _shown(before), _shown(after)
        if was is not None and now is not None and was["rid"] == now["rid"]:
            sent += float(now["framesSent"]) - float(was["framesSent"])
            decoded += float(after.picture["framesDecoded"]) - float(before.picture["framesDecoded"])
    return decoded / sent if sent else 0.0


def _sent(seen: Sequence[Look]) -> float:
    """In the layer of most frames: a busy machine sends fewer, and what it does not send freezes everybody."""
    return max(
        float(after["framesSent"]) - float(before["framesSent"])
        for before in seen[0].sent
        for after in seen[-1].sent
        if before["ssrc"] == after["ssrc"] and "framesSent" in before
    )


def _shown(at: Look) -> Report | None:
    height = at.picture.get("frameHeight")
    return next((layer for layer in at.sent if layer.get("frameHeight") == height and "rid" in layer), None)


def _glass_to_glass_ms(at: Look) -> float | None:
    """By the sender's clock, which is this machine's: when what is shown now was taken."""
    shown = at.picture.get("estimatedPlayoutTimestamp")
    return None if shown is None else float(at.picture["timestamp"]) - (float(shown) - NTP_TO_UNIX_MS)
