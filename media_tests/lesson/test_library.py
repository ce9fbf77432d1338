"""From a finished take to a film in a browser: signaling, worker and library as processes, Chromium as the viewer."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page

from deploy.core.configuration import Secrets, Tables, first_configuration, written
from media_tests.browser.chromium import chromium, film_begins, open_tab
from media_tests.lesson.system import Service, free_port
from recorder.tests.filmed import LESSON, MASTER, RATE, shots, taken
from recorder.tests.footage import PictureCodec
from recorder.tests.playing import complaints

PATIENCE_S = 90.0
SEEKS = 50
# The columns of recorder.tests.filmed, read from what is on the screen.
SHOWN = """
(video) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [192, 108];
  const paper = canvas.getContext('2d');
  paper.drawImage(video, 0, 0, 192, 108);
  const row = paper.getImageData(0, 54, 192, 1).data;
  return [...Array(12).keys()].reduce((sum, bit) => sum + (row[(bit * 16 + 8) * 4] > 128 ? 1 << bit : 0), 0);
}
"""
SEEK = """
async ([time, wanted]) => {
  const video = document.querySelector('video'), shown = SHOWN;
  const sought = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
  video.currentTime = time;
  await sought;
  const deadline = performance.now() + 10_000;
  while (shown(video) !== wanted && performance.now() < deadline) await new Promise((r) => setTimeout(r, 10));
  return [shown(video), video.currentTime];
}
""".replace("SHOWN", SHOWN.strip())
PLAY_TO_THE_END = """
async () => {
  const video = document.querySelector('video');
  const over = new Promise((resolve, reject) => {
    video.addEventListener('ended', () => resolve(video.currentTime), { once: true });
    video.addEventListener('error', () => reject(new Error(video.error.message)), { once: true });
  });
  [video.currentTime, video.playbackRate, video.muted] = [0, 4, true];
  await video.play();
  return over;
}
"""


OPEN = """
async (url) => {
  const video = document.querySelector('video');
  const ready = new Promise((resolve, reject) => {
    video.addEventListener('canplay', resolve, { once: true });
    video.addEventListener('error', () => reject(new Error(`${url}: ${video.error.message}`)), { once: true });
  });
  video.src = url;
  await ready;
}
"""


class County:
    """One machine's configuration and the processes that use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url, self.library_url = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.secrets = Secrets(
            "operators-key-of-this-test",
            "to-signaling-in-this-test",
            "to-node-in-this-test",
            MASTER.secret.hex(),
            "of-the-recorder-here",
        )
        config = folder / "three-classrooms.toml"
        config.write_text(written(self._tables()), "utf-8")
        names = ("signaling", "recorder.library", "recorder.worker")
        self.signaling, self.library, self.worker = (Service(name, config, folder / f"{name}.log") for name in names)

    def _tables(self) -> Tables:
        tables = first_configuration(self.secrets, self.folder)
        told = {
            "signaling": {
                "listen": self.url[7:],
                "public_url": self.url,
                "node_url": f"http://127.0.0.1:{free_port()}",
            },
            "library": {"listen": self.library_url[7:], "public_url": self.library_url},
            "recorder": {"folder": str(self.folder)},
        }
        return {name: {**table, **told.get(name, {})} for name, table in tables.items()}

    async def operators(self, method: str, path: str, http: aiohttp.ClientSession) -> Any:
        """The operator's call, to signaling."""
        headers = {"Authorization": f"Bearer {self.secrets.operator_key}"}
        async with http.request(method, self.url + path, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


@asynccontextmanager
async def county(folder: Path) -> AsyncIterator[County]:
    opened = County(folder)
    services = (opened.signaling, opened.library, opened.worker)
    try:
        for service in services:
            await service.start()
        yield opened
    finally:
        for service in services:
            await service.stop()


async def entered(place: County, http: aiohttp.ClientSession) -> str:
    """A session of the operator's, once both services answer."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                code = (await place.operators("POST", "/api/library-code", http))["code"]
                body = {"code": code, "bearer": True}
                async with http.post(place.library_url + "/api/library/session", json=body) as answer:
                    assert answer.status == 200, await answer.text()
                    return str((await answer.json())["token"])
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


async def answered(url: str, token: str, http: aiohttp.ClientSession) -> Any:
    async with http.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
        return await answer.json() if answer.status == 200 else None


async def test_a_take_becomes_a_film_that_chromium_plays_and_seeks(tmp_path: Path) -> None:
    taken(tmp_path, shots("h264"))
    async with county(tmp_path) as place, aiohttp.ClientSession() as http:
        token = await entered(place, http)
        one, _ = await shelved(place, token, http)
        link = (await place.operators("POST", "/api/library-code", http))["link"]
        async with chromium() as browser:
            tab = await open_tab(browser, link, permitted=False, width=1366, height=768, scripts=())
            await seek_and_play(tab.page)
            await decide(tab.page)
            await delete(tab.page)
        assert await answered(one, token, http) is None
        stones = await answered(place.library_url + "/api/library/tombstones", token, http)
        assert [stone["resource"] for stone in stones] == ["R0123456789"]
        assert not (tmp_path / "takes" / LESSON / "key.json").exists()


@pytest.mark.parametrize(
    "seeks", [pytest.param(5, id="short"), pytest.param(SEEKS, id="fifty", marks=pytest.mark.proof)]
)
@pytest.mark.parametrize("codec", ["vp8", "vp9", "av1"])
async def test_what_other_codecs_become_shows_the_right_picture_wherever_it_is_sought(
    tmp_path: Path, codec: PictureCodec, seeks: int
) -> None:
    taken(tmp_path, shots(codec))
    async with county(tmp_path) as place, aiohttp.ClientSession() as http:
        token = await entered(place, http)
        one, found = await shelved(place, token, http)
        (track,) = (each["name"] for each in found["tracks"] if "-teacher." in each["name"])
        link = (await place.operators("POST", "/api/library-code", http))["link"]
        async with chromium() as browser:
            page = (await open_tab(browser, link, permitted=False, width=1366, height=768, scripts=())).page
            await opened(page)
            for name in (found["film"]["name"], track):
                url = f"{one}/files/{name}"
                assert complaints(await content(url, token, http)) == "", name
                await page.evaluate(OPEN, url)
                await seek(page, seeks)
                assert abs(await page.evaluate(PLAY_TO_THE_END) - 8) <= 0.1, name


async def shelved(place: County, token: str, http: aiohttp.ClientSession) -> tuple[str, Any]:
    """The one lesson's address and entry, once the worker has made it."""
    one = place.library_url + "/api/library/resources/R0123456789"
    async with asyncio.timeout(PATIENCE_S):
        while (found := await answered(one, token, http)) is None:
            await asyncio.sleep(0.1)
    assert found["playable"] and found["trouble"] == "", found
    return one, found


async def content(url: str, token: str, http: aiohttp.ClientSession) -> bytes:
    async with http.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read()


async def opened(page: Page) -> None:
    """Searches, and opens the one card that is found."""
    await page.get_by_test_id("search-text").fill("语文")
    await page.get_by_test_id("search-go").click()
    assert "#code" not in page.url, "no code stays in the address"
    await page.get_by_test_id("card").first.click()
    await page.get_by_test_id("film").wait_for()
    await film_begins(page)


async def seek_and_play(page: Page) -> None:
    await opened(page)
    assert await page.get_by_test_id("chapter").count() == 2
    assert await page.get_by_test_id("missing").inner_text() == "0:03–0:05 教师画面：录制暂停"
    await seek(page, SEEKS)
    assert abs(await page.evaluate(PLAY_TO_THE_END) - 8) <= 0.1


async def seek(page: Page, seeks: int) -> None:
    """What is on the screen is the picture of that moment, wherever it is."""
    chance = random.Random(3)
    for picture in [chance.randrange(8 * RATE) for _ in range(seeks)]:
        # From 3 to 5 s nothing was taken: the last picture stands.
        wanted = 74 if 75 <= picture < 125 else picture
        time_s = (picture + 0.5) / RATE
        shown = await page.evaluate(SEEK, [time_s, wanted])
        assert shown[0] == wanted and abs(shown[1] - time_s) < 0.001, (picture, shown)


async def decide(page: Page) -> None:
    """An objection stops the film where it stands, and evidence cannot be deleted; both end as they began."""
    for what, sign in (("object", "why-not"), ("hold", "hold-on")):
        await page.get_by_test_id(what).click()
        await page.get_by_test_id(f"{what}-why").fill("a guardian called")
        await page.get_by_test_id(f"{what}-really").click()
        await page.get_by_test_id(sign).wait_for()
        assert await page.get_by_test_id("film").count() == (what == "hold")
        assert await page.get_by_test_id("delete").count() == (what == "object")
        await page.get_by_test_id(f"{what}-undo").click()
        await page.get_by_test_id(what).wait_for()
    await page.get_by_test_id("log-show").click()
    await page.get_by_test_id("log").get_by_text("a guardian called").first.wait_for()


async def delete(page: Page) -> None:
    await page.get_by_test_id("delete").click()
    await page.get_by_test_id("delete-why").fill("a guardian withdrew")
    await page.get_by_test_id("delete-really").click()
    await page.get_by_test_id("deleted").wait_for()
    await page.get_by_test_id("work-link").click()
    await page.get_by_test_id("stone").get_by_text("a guardian withdrew").wait_for()
