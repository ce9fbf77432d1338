"""What each role sees on every screen and in both languages: nothing is cut off; pictures of it to look at."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import imageio_ffmpeg
import pytest

from media_tests.browser.chromium import ChromiumTab, chromium, film_begins, screenshot, until
from media_tests.browser.seat import Person, sit_down
from media_tests.lesson.classrooms import Classrooms, classrooms, room_files
from media_tests.lesson.recording import fragments
from media_tests.lesson.system import LEAD_CLASSROOM, ROOT, System, running_system, rural_classroom

SCREENS: Final = {"1920": (1920, 1080), "1366": (1366, 768), "390": (390, 844)}
# What nobody looks at is drawn small: drawing is what costs.
SMALL: Final = SCREENS["390"]
LANGUAGES: Final = ("zh", "en")
PICTURES: Final = ROOT / "var" / "screenshots"
SLIDES: Final = """<title>slides</title><body style="margin:0;background:#fffdf4;color:#222;font:6vw serif;
text-align:center;padding-top:4vw">春晓<div style="font-size:4.5vw;line-height:1.8;margin-top:2vw">
春眠不觉晓，处处闻啼鸟。<br>夜来风雨声，花落知多少。</div>"""

# Two frames, for the new size and its layout; then buttons grow and shrink for a tenth of a second.
LAID_OUT = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const changing = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
  await Promise.allSettled(changing.map((transition) => transition.finished));
}"""

# Buttons and marks that are cut off, outside their window, under another button, or too small for a finger (44 px).
FAULTS = """() => {
  const faults = [];
  const page = document.documentElement;
  if (page.scrollWidth > innerWidth) faults.push(`the page is ${page.scrollWidth} wide in ${innerWidth}`);
  const seen = [...document.querySelectorAll('button, a, input, select, h1, [data-testid]')]
    .filter((part) => part.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
    .map((part) => ({ part, name: part.dataset.testid ?? part.textContent.trim(), box: part.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && box.height > 0);
  for (const { part, name, box } of seen) {
    if (box.left < -1 || box.right > innerWidth + 1) faults.push(`${name} leaves the window`);
    if (part.tagName !== 'BUTTON') continue;
    if (Math.min(box.width, box.height) < 43.5) faults.push(`${name} is only ${box.width} by ${box.height}`);
    if (part.scrollWidth > part.clientWidth + 1) faults.push(`${name} is cut off`);
    const middle = [box.left + box.width / 2, box.top + box.height / 2];
    const above = middle[1] < innerHeight ? document.elementFromPoint(...middle) : null;
    if (above && !part.contains(above) && !above.contains(part)) faults.push(`${name} is under ${above.className}`);
  }
  return faults;
}"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A lesson that is recorded, with the three roles at pages and three more rooms from clips."""

    system: System
    lead: Person
    room: Person
    attendee: Person
    others: Classrooms

    @property
    def roles(self) -> Mapping[str, Person]:
        return {"lead": self.lead, "room": self.room, "attendee": self.attendee}


async def _camera_file(clip: Path, folder: Path) -> Path:
    """A clip as Chromium's fake camera takes it (y4m is twenty times larger), at few frames for a light test."""
    file = folder / f"{clip.stem}.mjpeg"
    command = ("-loglevel", "error", "-nostdin", "-t", "4", "-i", str(clip), "-r", "5", "-q:v", "5", str(file))
    process = await asyncio.create_subprocess_exec(imageio_ffmpeg.get_ffmpeg_exe(), *command)
    assert await process.wait() == 0
    return file


@asynccontextmanager
async def _stage(folder: Path) -> AsyncIterator[Stage]:
    async with running_system(folder, recorder=True) as system, classrooms(system) as others:
        await system.recorder.start()
        teacher = await _camera_file(others.clips / "teacher.mp4", folder)
        pupils = await _camera_file(others.clips / "room-1.mp4", folder)
        async with (
            chromium(
                arguments=[
                    f"--use-file-for-fake-video-capture={teacher}",
                    "--auto-select-tab-capture-source-by-title=slides",
                ]
            ) as town,
            chromium(arguments=[f"--use-file-for-fake-video-capture={pupils}"]) as village,
        ):
            lead = await sit_down(
                town, await system.invite(others.lesson, "lead", LEAD_CLASSROOM), width=SMALL[0], height=SMALL[1]
            )
            room = await sit_down(
                village, await system.invite(others.lesson, "room", rural_classroom(1)), width=SMALL[0], height=SMALL[1]
            )
            attendee = await sit_down(town, await system.invite(others.lesson, "attendee", "县教研室"), permitted=False)
            for number in (2, 3, 4):
                await others.add("room", rural_classroom(number), room_files(number))
            yield Stage(system, lead, room, attendee, others)


def _tab(person: Person) -> ChromiumTab:
    assert isinstance(person.tab, ChromiumTab)
    return person.tab


async def _resize(person: Person, size: tuple[int, int]) -> None:
    await _tab(person).page.set_viewport_size({"width": size[0], "height": size[1]})
    await person.tab.evaluate(LAID_OUT)


async def _faults(people: Mapping[str, Person], scene: str, with_pictures: bool) -> list[str]:
    """Looks at one scene on every screen and in both languages."""
    faults = []
    for role, person in people.items():
        for language in LANGUAGES:
            for screen, size in SCREENS.items():
                name = f"{scene}-{role}-{screen}-{language}"
                await _resize(person, size)
                faults += [f"{name}: {fault}" for fault in await person.tab.evaluate(FAULTS)]
                if with_pictures:
                    await screenshot(_tab(person), PICTURES / f"{name}.png")
            await person.tab.press("language-switch")
        await _resize(person, SMALL)
    return faults


async def _share_slides(lead: Person) -> None:
    slides = await _tab(lead).page.context.new_page()
    await slides.goto(f"data:text/html;charset=utf-8,{quote(SLIDES)}")
    await lead.tab.press("share")


async def _pause(stage: Stage) -> None:
    """The lead has the recording paused, and every screen says that it is."""

    async def is_recorded() -> bool:
        taking = (await stage.lead.look())["taking"]
        return any(source["state"] == "recording" for source in (taking or {}).get("sources", ()))

    await until("the lead is recorded", is_recorded)
    await stage.lead.tab.press("pause-recording")
    for person in stage.roles.values():
        await _tab(person).page.locator("[data-testid=taken][data-paused=true]").wait_for()


async def _after_the_bell(stage: Stage) -> list[str]:
    """The recording goes on, the lesson ends, and its lead looks for it in the library."""
    system, lead = stage.system, stage.lead
    for service in (system.worker, system.library):
        await service.start()
    await lead.tab.press("pause-recording")
    paused = fragments(system.folder / "recordings", stage.others.lesson)["teacher"]

    async def goes_on() -> bool:
        return fragments(system.folder / "recordings", stage.others.lesson)["teacher"] > paused + 3

    await until("the recording goes on", goes_on)
    await lead.tab.press("end")
    await lead.tab.press("end-dialog-confirm")
    for person in stage.roles.values():
        await person.tab.shown("over")
    faults = await _faults(stage.roles, "over", True)

    await lead.tab.press("library")
    await lead.tab.shown("card", 180)
    faults += await _faults({"lead": lead}, "shelf", True)
    await lead.tab.press("card")
    await _tab(lead).page.get_by_test_id("missing").get_by_text("教师画面：录制暂停").first.wait_for()
    await film_begins(_tab(lead).page)
    return faults + await _faults({"lead": lead}, "player", True)


@pytest.mark.parametrize(
    "with_pictures",
    [False, pytest.param(True, marks=[pytest.mark.proof, pytest.mark.timeout(600)])],
    ids=["layout", "pictures"],
)
async def test_every_role_sees_the_whole_lesson_on_every_screen(tmp_path: Path, with_pictures: bool) -> None:
    async with _stage(tmp_path) as stage:
        for person in stage.roles.values():
            await person.tab.shown("enter")
        faults = await _faults(stage.roles, "start", with_pictures)

        await asyncio.gather(*(person.enter() for person in stage.roles.values()))
        await asyncio.gather(
            *(person.sees(stage.lead, "teacher", 1, within_s=60) for person in (stage.room, stage.attendee))
        )
        if with_pictures:
            faults += await _faults(stage.roles, "lesson", with_pictures)
            await _share_slides(stage.lead)
        await stage.room.tab.press("hand")
        await stage.room.tab.press("floor")
        await stage.lead.tab.shown("queue-give")
        await stage.lead.tab.press("queue-give")

        async def is_heard() -> bool:
            return bool((await stage.attendee.look())["floor"]["holder"] == stage.room.seat)

        await until("the room has the floor", is_heard)
        await stage.room.tab.press("cue")
        await stage.room.tab.press("cue-cannot_hear")
        await stage.lead.tab.shown("cue-line")
        await stage.room.tab.press("cue")
        await stage.room.tab.shown("cue-choice")
        if with_pictures:
            await stage.attendee.sees(stage.lead, "courseware", 3, within_s=60)
            faults += await _faults(stage.roles, "floor", with_pictures)
        await stage.lead.tab.press("pause-lesson")
        for person in stage.roles.values():
            await person.tab.shown("stop-banner")
        faults += await _faults(stage.roles, "stopped", with_pictures)
        await stage.lead.tab.press("pause-lesson")
        await _pause(stage)
        faults += await _faults(stage.roles, "paused", with_pictures)
        if with_pictures:
            faults += await _after_the_bell(stage)
        assert not faults, "\n".join(faults)
