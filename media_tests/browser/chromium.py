"""Debian's Chromium, driven as a person would."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
)
# Not --use-fake-ui-for-media-stream: it would share a fake screen too, and give every page its permission.
FAKE_DEVICES = ("--use-fake-device-for-media-stream=fps=25",)

# No test traffic leaves the machine: a page that names an ICE server fails, but for the test's own.
KEEP_CONNECTIONS = """
window.__connections = [];
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(configuration, ...rest) {
    const strangers = configuration?.iceServers?.flatMap((each) => each.urls).filter((url) => url !== window.__relay);
    if (strangers?.length !== 0) throw new Error('a page must name its ICE servers, none but that of the test');
    super(configuration, ...rest);
    window.__connections.push(this);
  }
};
"""

WITHOUT_CAMERA = "localStorage.setItem('three-classrooms.camera', 'none');"

# A browser that was built without H.264, as Firefox and some Linux builds of Chromium are.
WITHOUT_H264 = """
const others = (codecs) => codecs.filter((codec) => !/h264/i.test(codec.mimeType));
for (const side of [RTCRtpSender, RTCRtpReceiver]) {
  const capabilities = side.getCapabilities.bind(side);
  side.getCapabilities = (kind) => {
    const known = capabilities(kind);
    return known && { ...known, codecs: others(known.codecs) };
  };
}
const createAnswer = RTCPeerConnection.prototype.createAnswer;
RTCPeerConnection.prototype.createAnswer = function (...rest) {
  for (const transceiver of this.getTransceivers()) {
    if (transceiver.receiver.track.kind !== 'video') continue;
    transceiver.setCodecPreferences(RTCRtpReceiver.getCapabilities('video').codecs);
  }
  return createAnswer.apply(this, rest);
};
"""


@dataclass(frozen=True, slots=True)
class ChromiumTab:
    """One page in a browser context of its own."""

    page: Page

    async def evaluate(self, function: str) -> Any:
        return await self.page.evaluate(function)

    async def press(self, control: str) -> None:
        await self.page.get_by_test_id(control).first.click()

    async def shown(self, part: str, within_s: float = 60) -> None:
        """Waits until a part of the page is visible."""
        await self.page.get_by_test_id(part).first.wait_for(timeout=within_s * 1000)


def chromium_path() -> str:
    """Where Chromium is; says how to install it when it is not there."""
    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError("the program `chromium` is missing; install it with: apt-get install chromium")
    return path


@asynccontextmanager
async def chromium(
    *, arguments: Sequence[str] = (), environment: dict[str, str | float | bool] | None = None
) -> AsyncIterator[Browser]:
    """One headless browser with Chromium's own synthetic camera and microphone."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(),
            headless=True,
            args=[*QUIET, *FAKE_DEVICES, *arguments],
            env=environment,
        )
        try:
            yield browser
        finally:
            await browser.close()


async def open_tab(
    browser: Browser, address: str, *, permitted: bool, width: int, height: int, scripts: Sequence[str]
) -> ChromiumTab:
    """A person of one's own: cookies are not shared between seats."""
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        permissions=["camera", "microphone"] if permitted else [],
    )
    for script in (KEEP_CONNECTIONS, *scripts):
        await context.add_init_script(f"(() => {{{script}}})()")
    page = await context.new_page()
    await page.goto(address)
    return ChromiumTab(page)


async def until(law: str, holds: Callable[[], Awaitable[bool]], within_s: float = 60) -> None:
    """Asks until it holds; the law is what the failure says."""
    deadline_s = asyncio.get_running_loop().time() + within_s
    while not await holds():
        if asyncio.get_running_loop().time() > deadline_s:
            raise AssertionError(f"not within {within_s:g} s: {law}")
        await asyncio.sleep(0.1)


async def film_begins(page: Page) -> None:
    """The player shows a picture. Asked from here: our policy forbids the page to poll a text as code."""

    async def shows() -> bool:
        return bool(await page.evaluate("(document.querySelector('video')?.readyState ?? 0) >= 2"))

    await until("the film shows a picture", shows)


async def screenshot(tab: ChromiumTab, path: Path) -> None:
    """What a person sees now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    await tab.page.screenshot(path=str(path))
