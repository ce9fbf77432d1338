"""The whole way: a lesson with a policy is taught, ends, is worked on, found, opened, watched and logged."""

import asyncio
import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page

from media_tests.browser.chromium import chromium, film_begins, open_tab
from media_tests.lesson.classrooms import LEAD_FILES, Classrooms, classrooms, room_files
from media_tests.lesson.system import LEAD_CLASSROOM, System, running_system, rural_classroom
from recorder.disk.take_files import INDEX
from recorder.tests.playing import complaints
from signaling.messages import client as say
from signaling.messages.client import Taking

PLAN: Mapping[str, Any] = {
    "school": "市实验小学",
    "teacher": "王晓明",
    "policy": {
        "sources": ["teacher", "courseware", "teacher_mic", "room_mic"],
        "enabled_by": "李校长",
        "basis": "家长同意书 2026-09",
    },
}
WATCH = """
async ([url, places]) => {
  const video = document.createElement('video');
  const once = (name) => new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener('error', () => reject(new Error(`${url}: ${video.error.message}`)), { once: true });
  });
  document.body.append(video);
  [video.muted, video.preload] = [true, 'auto'];
  const ready = once('canplaythrough');
  video.src = url;
  await ready;
  for (const place of places) {
    const sought = once('seeked');
    video.currentTime = place * video.duration;
    await sought;
    if (Math.abs(video.currentTime - place * video.duration) > 0.05) throw new Error(`${url}: no seek to ${place}`);
  }
  const ended = once('ended');
  [video.currentTime, video.playbackRate] = [0, 4];
  await video.play();
  await ended;
  return [video.currentTime, video.duration];
}
"""


class Shelf:
    """The library as one of its visitors sees it."""

    def __init__(self, system: System, token: str) -> None:
        self._system, self._headers = system, {"Authorization": f"Bearer {token}"}

    @classmethod
    async def entered(cls, system: System, by: str | None = None) -> "Shelf":
        """With a code that signaling gives to a seat's token, or to the operator."""
        headers = {} if by is None else {"Authorization": f"Bearer {by}"}
        path = "/api/library-code" if by is None else "/api/session/library-code"
        async with system.http.post(system.url + path, headers=headers) as answer:
            code = (await answer.json())["code"]
        async with asyncio.timeout(60):
            while True:
                try:
                    body = {"code": code, "bearer": True}
                    async with system.http.post(f"{system.library_url}/api/library/session", json=body) as answer:
                        assert answer.status == 200, await answer.text()
                        return cls(system, str((await answer.json())["token"]))
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.1)

    async def get(self, path: str) -> tuple[int, bytes]:
        url = f"{self._system.library_url}/api/library{path}"
        async with self._system.http.get(url, headers=self._headers) as answer:
            return answer.status, await answer.read()

    async def read(self, path: str) -> Any:
        status, content = await self.get(path)
        assert status == 200, (path, content)
        return json.loads(content)

    async def finds(self, **query: str) -> list[str]:
        found = await self.read("/resources?" + "&".join(f"{name}={value}" for name, value in query.items()))
        return [each["id"] for each in found["resources"]]


@pytest.mark.parametrize(("seconds", "seeks"), [(4, 4), pytest.param(40, 50, marks=pytest.mark.proof)])
async def test_a_lesson_is_taught_taken_found_watched_and_logged(tmp_path: Path, seconds: int, seeks: int) -> None:
    async with running_system(tmp_path, recorder=True) as system, classrooms(system, 1, **PLAN) as lesson:
        for service in (system.recorder, system.worker, system.library):
            await service.start()
        attendee = await seat_token(system, lesson.lesson, "attendee", "观摩教师")
        # Whoever opens this after the bell meets a closed door, and the way from there to the library.
        assistant = await system.invite(lesson.lesson, "assistant", "市实验小学 教务处")
        await teach(lesson, seconds)
        operator = await Shelf.entered(system)
        shelved = await until_shelved(operator, system)
        await found_by_what_people_remember(operator, shelved)
        files = [shelved["film"]["name"], *(track["name"] for track in shelved["tracks"])]
        assert {name.partition("-")[2].partition(".")[0] for name in files[1:]} == set(PLAN["policy"]["sources"])
        for name in files:
            status, content = await operator.get(f"/resources/{shelved['id']}/files/{name}")
            assert status == 200 and complaints(content) == "", name
        async with chromium() as browser:
            tab = await open_tab(browser, assistant.link, permitted=False, width=1366, height=768, scripts=())
            await tab.shown("over-library")
            await tab.press("library")
            await tab.press("card")
            await watch(tab.page, shelved, files, seeks)
        await refused(await Shelf.entered(system, attendee), shelved["id"])
        lines = await operator.read(f"/resources/{shelved['id']}/playbacks")
        played = {
            line["file"]
            for line in lines
            if (line["role"], line["act"], line["allowed"]) == ("assistant", "play", True)
        }
        assert played == set(files), lines


async def seat_token(system: System, lesson: str, role: str, classroom: str) -> str:
    code = (await system.invite(lesson, role, classroom)).code
    return str((await system.post("/api/session", {"code": code, "bearer": True}))["token"])


async def teach(lesson: Classrooms, seconds: int) -> None:
    """The lead with all its sources, and the room while it has the floor; then the bell."""
    lead = await lesson.add("lead", LEAD_CLASSROOM, LEAD_FILES)
    room = await lesson.add("room", rural_classroom(1), room_files(1))

    def taken() -> set[str]:
        told = [message for message in lead.messages if isinstance(message, Taking)]
        return {state.source for state in told[-1].sources if state.state == "recording"} if told else set()

    await lesson.until("the lead is recorded", lambda: taken() >= set(LEAD_FILES))
    await lesson.until("the room is there", lambda: room.client.seated)
    await lead.client.wish(lambda id: say.FloorGive(id, room.seat))
    await lesson.until("the room is recorded", lambda: "room_mic" in taken())
    root = lesson.system.folder / "recordings"
    await lesson.until("there is enough of all", lambda: least_safe_s(root) >= seconds, 60 + 2 * seconds)
    await lesson.system.post(f"/api/lessons/{lesson.lesson}/end")


def least_safe_s(root: Path) -> float:
    """How much is on the disk of the track of which there is least."""
    (index,) = root.glob(f"takes/*/K*/{INDEX}")
    told = [json.loads(line) for line in index.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    of = {record["segment"]: record["track"] for record in told if record["type"] == "segment_opened"}
    safe = dict.fromkeys((record["track"] for record in told if record["type"] == "track_added"), 0)
    for record in told:
        if record["type"] == "fragment_written":
            safe[of[record["segment"]]] += record["end_us"] - record["start_us"]
    return min(safe.values(), default=0) / 1e6


async def until_shelved(operator: Shelf, system: System) -> Any:
    try:
        async with asyncio.timeout(90):
            while not (ids := await operator.finds()) or await operator.read("/jobs"):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"{await operator.read('/jobs')}\n{system.logs()}") from None
    shelved = await operator.read(f"/resources/{ids[0]}")
    assert len(ids) == 1 and shelved["trouble"] == ""
    return shelved


async def found_by_what_people_remember(operator: Shelf, shelved: Any) -> None:
    day = datetime.fromtimestamp(shelved["held_at_ms"] / 1000, UTC) + timedelta(hours=8)
    for query in (
        {"text": "荷塘月色"},
        {"text": "荷塘 王晓明 第1教学点"},
        {"school": "實驗小學"},
        {"teacher": "王晓明"},
        {"text": f"{day.year}年{day.month}月{day.day}日"},
        {"from_ms": str(shelved["held_at_ms"]), "until_ms": str(shelved["held_at_ms"] + 1)},
    ):
        assert await operator.finds(**query) == [shelved["id"]], query
    assert await operator.finds(text="数学") == await operator.finds(teacher="李") == []
    assert (shelved["enabled_by"], shelved["basis"]) == ("李校长", "家长同意书 2026-09")
    assert ("floor", rural_classroom(1)) in [(chapter["what"], chapter["who"]) for chapter in shelved["chapters"]]


async def watch(page: Page, shelved: Any, files: list[str], seeks: int) -> None:
    """The player shows the film; every file plays to its end and seeks wherever it is asked to."""
    await page.get_by_test_id("film").wait_for()
    await film_begins(page)
    assert "#code" not in page.url and await page.get_by_test_id("title").inner_text() == shelved["title"]
    chance = random.Random(7)

    async def whole(name: str) -> None:
        url = f"/api/library/resources/{shelved['id']}/files/{name}"
        places = [chance.random() for _ in range(seeks)]
        at_s, length_s = await page.evaluate(WATCH, [url, places])
        assert abs(at_s - length_s) < 0.1, (name, at_s, length_s)

    async with asyncio.timeout(170):
        await asyncio.gather(*map(whole, files))


async def refused(attendee: Shelf, resource: str) -> None:
    """Pupils are heard in it, so an attendee does not even learn that it is there."""
    assert await attendee.finds() == []
    for path in (f"/resources/{resource}", f"/resources/{resource}/files/film.mp4"):
        assert (await attendee.get(path))[0] == 404
    assert (await attendee.get("/jobs"))[0] == 403
