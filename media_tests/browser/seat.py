"""A person at the lesson page, in whatever browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from playwright.async_api import Browser

from media_tests.browser.chromium import open_tab, until
from media_tests.lesson.system import Invitation

Side = Literal["publish", "subscribe"]
Report = dict[str, Any]


class Tab(Protocol):
    """What a test needs of a browser's page."""

    async def evaluate(self, function: str) -> Any: ...

    async def press(self, control: str) -> None: ...

    async def shown(self, part: str, within_s: float = 60) -> None: ...


@dataclass(frozen=True, slots=True)
class Person:
    """One seat in one tab."""

    invitation: Invitation
    tab: Tab

    @property
    def seat(self) -> str:
        return self.invitation.seat

    async def enter(self) -> None:
        """Presses the one big button and waits for the lesson."""
        await self.tab.shown("enter")
        await self.tab.press("enter")
        await self.tab.shown("lesson")

    async def look(self) -> dict[str, Any]:
        """The page's own state of the lesson."""
        return dict(await self.tab.evaluate("() => JSON.parse(JSON.stringify(window.__lesson.state()))"))

    async def stats(self, side: Side, **wanted: Any) -> list[Report]:
        """The browser's statistics of one connection that have all the wanted values."""
        both = await self.tab.evaluate("async () => JSON.parse(JSON.stringify(await window.__lesson.getStats()))")
        return [r for r in both[side] if all(r.get(key) == value for key, value in wanted.items())]

    async def slot(self, of: "Person", source: str) -> str | None:
        """The mid in which another person's source arrives here."""
        slots = (await self.look())["slots"]
        return next((slot["mid"] for slot in slots if slot["seat"] == of.seat and slot["source"] == source), None)

    async def arriving(self, of: "Person", source: str) -> Report:
        """Receiving statistics of the slot of another person's source; empty before its first packet."""
        mid = await self.slot(of, source)
        reports = [] if mid is None else await self.stats("subscribe", type="inbound-rtp", mid=mid)
        return reports[0] if reports else {}

    async def sees(self, of: "Person", source: str, frames: int = 15, within_s: float = 60) -> None:
        """Waits until this many more frames of it have been decoded."""
        await self._grows(of, source, "framesDecoded", frames, within_s)

    async def hears(self, of: "Person", source: str, within_s: float = 60) -> None:
        """Waits until half a second more of it has come out and was not silence."""
        await self._grows(of, source, "totalAudioEnergy", 1e-4, within_s)
        await self._grows(of, source, "totalSamplesReceived", 24_000, within_s)

    async def _grows(self, of: "Person", source: str, number: str, by: float, within_s: float) -> None:
        before: float | None = None

        async def grown() -> bool:
            nonlocal before
            value = float((await self.arriving(of, source)).get(number, 0))
            before = value if before is None else min(before, value)
            return value >= before + by

        try:
            await until(f"{number} of {source} grows by {by:g}", grown, within_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; {await self.arriving(of, source)}; {await self.look()}") from None

    async def codec(self, side: Side, report: Report) -> str:
        """The MIME type of a stream."""
        (codec,) = await self.stats(side, type="codec", id=report["codecId"])
        return str(codec["mimeType"])


async def sit_down(
    browser: Browser,
    invitation: Invitation,
    *,
    permitted: bool = True,
    width: int = 1366,
    height: int = 768,
    scripts: Sequence[str] = (),
) -> Person:
    """Opens the join link in a context of its own; its person permits camera and microphone or is never asked."""
    tab = await open_tab(browser, link(invitation), permitted=permitted, width=width, height=height, scripts=scripts)
    return Person(invitation, tab)


def link(invitation: Invitation) -> str:
    """The join link, with the page open to tests."""
    address, _, fragment = invitation.link.partition("#")
    return f"{address}?debug=1#{fragment}"
