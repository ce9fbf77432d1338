"""A take keeps time, by the publisher's log and by what is burned into the clips, through joins and rejoins."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import pytest

from classroom_client.core.playback import Pace
from media_tests.lesson.classrooms import LEAD, LEAD_FILES, Classroom, Classrooms, classrooms
from media_tests.lesson.film import HELD_UP_MS, Look, Punctuality, clip_sound, due_us, looks, make_film
from media_tests.lesson.recording import all_recording, finished
from media_tests.lesson.system import running_system
from media_tests.lesson.taken import Sent, Taken, sent_by
from signaling.messages.ids import Source

FPS: Final = 25
OFF_PPM: Final = 100.0
"""The worst crystal of a classroom's PC."""
DRIFT_MS: Final = 40
SKEW_MS: Final = 40
LESSON_S: Final = 45 * 60.0
Record = Callable[[str, object], None]


class OffPace(Pace):
    """Times by a crystal that is too fast."""

    def wait_ms(self, media_ms: float, now_ms: float) -> float:
        return super().wait_ms(media_ms / (1 + OFF_PPM / 1e6), now_ms)


class Teacher:
    """The lead, who leaves and comes back as another client; the logs of all of them."""

    def __init__(self, lesson: Classrooms, folder: Path) -> None:
        self._lesson: Final = lesson
        self._folder: Final = folder
        self._logs: list[Path] = []

    async def teach(self, seconds: float) -> None:
        """Comes, is recorded for so long, and goes."""
        log = self._folder / f"sent-{len(self._logs)}.log"
        self._logs.append(log)
        lead: Classroom = await self._lesson.add("lead", LEAD, LEAD_FILES, sent_log=log, pace=OffPace)
        await self._lesson.until("the take", lambda: all_recording(lead, LEAD_FILES))
        until = time.monotonic() + seconds
        await asyncio.sleep(max(0.0, until - time.monotonic()))
        await lead.leave()

    def sent(self, source: Source) -> list[list[Sent]]:
        """What each of the clients sent; each began its clips anew."""
        return [sent for log in self._logs if (sent := sent_by(log, source))]


@pytest.mark.timeout(3400)
@pytest.mark.parametrize(
    "stays_s",
    [(4.0, 5.0), pytest.param((600.0, 60.0, 1200.0, 840.0), marks=pytest.mark.proof)],
    ids=["short", "45_min"],
)
async def test_a_film_keeps_the_publishers_time(
    tmp_path: Path, record_property: Record, stays_s: tuple[float, ...]
) -> None:
    root = tmp_path / "recordings"
    async with running_system(tmp_path, recorder=True) as system, classrooms(system, 1) as lesson:
        await system.recorder.start()
        teacher = Teacher(lesson, tmp_path)
        for stay_s in stays_s:
            await teacher.teach(stay_s)
        await system.post(f"/api/lessons/{lesson.lesson}/end")
        await lesson.until("the manifest", lambda: finished(root, lesson.lesson))
        clip, every_s = lesson.clips / "teacher.opus", 0.5 if sum(stays_s) < 60 else 5.0
    taken = Taken(root, lesson.lesson)
    every = await asyncio.to_thread(_looks, taken, tmp_path / "film.mp4", clip, every_s)
    punctual = Punctuality.of(teacher.sent("teacher"), FPS, OFF_PPM)
    fair = punctual.fair(every, taken.origin_us)
    # Ten seconds on a busy machine may have no fair look; three quarters of an hour have.
    found, allowed_ms = (fair, HELD_UP_MS) if len(fair) >= len(every) / 4 else (every, punctual.worst_ms)
    record_property("looks", f"{len(found)} of {len(every)}")
    record_property("publisher_late_ms", round(punctual.worst_ms, 1))
    assert len(every) >= sum(stays_s) / every_s / 4
    assert found is fair or sum(stays_s) < 60
    skews_ms = [look.sound_after_picture_us / 1000 for look in found]
    seen, heard = _errors_ms(taken, found, teacher)
    record_property("recording_av_skew_ms", round(max(map(abs, skews_ms)), 1))
    record_property("recording_av_skew_median_ms", round(median(skews_ms), 1))
    record_property("recording_drift_ms_45min", round(max(*seen, *heard) - min(*seen, *heard), 1))
    record_property("picture_drift_ms", round(max(seen) - min(seen), 1))
    record_property("sound_drift_ms", round(max(heard) - min(heard), 1))
    assert max(map(abs, skews_ms)) <= SKEW_MS + allowed_ms, skews_ms
    assert max(*seen, *heard) - min(*seen, *heard) <= DRIFT_MS + allowed_ms, (seen, heard)


def _looks(taken: Taken, film: Path, clip: Path, every_s: float) -> list[Look]:
    return list(looks(film, make_film(taken, film), clip_sound(clip), FPS, every_s))


def _errors_ms(taken: Taken, found: Sequence[Look], teacher: Teacher) -> tuple[list[float], list[float]]:
    """How long after they were due pictures and sounds lie in the film."""
    seen, heard = [], []
    pictures, sounds = teacher.sent("teacher"), teacher.sent("teacher_mic")
    for look in found:
        at_us = look.at_us + taken.origin_us
        seen += _error_ms(pictures, at_us, look.seen_us, 1_000_000 // FPS)
        heard += _error_ms(sounds, at_us, look.heard_us, 20_000)
    return seen, heard


def _error_ms(clients: Sequence[Sequence[Sent]], at_us: int, place_us: int, tick_us: int) -> list[float]:
    (sent,) = [each for each in clients if each[0].at_us - 500_000 <= at_us <= each[-1].at_us + 500_000]
    due = due_us(sent, at_us, place_us, tick_us, OFF_PPM)
    return [] if due is None else [(at_us - due) / 1000]
