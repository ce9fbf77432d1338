"""One lesson after another: the recorder comes after the first bell, is stopped, and has its clock set meanwhile."""

import asyncio
from pathlib import Path

from media_tests.lesson.classrooms import LEAD, LEAD_FILES, Classroom, Classrooms, classrooms
from media_tests.lesson.recording import all_recording, finished, fragments
from media_tests.lesson.system import Service, System, running_system
from media_tests.lesson.taken import Taken
from signaling.messages.ids import track_id

SET_BY_US = 3600 * 1_000_000
STOP_S = 60.0


async def _comes(lesson: Classrooms, log: Path) -> Classroom:
    lead = await lesson.add("lead", LEAD, LEAD_FILES, sent_log=log)
    await lesson.until("the lesson", lambda: lead.client.view.state == "live")
    return lead


async def _is_taken(system: System, lesson: Classrooms, lead: Classroom, more: int) -> None:
    """Waits until each source has so many more fragments and the screen says that all is recorded."""
    root = system.folder / "recordings"
    before = fragments(root, lesson.lesson)
    await lesson.until(
        "more on the disk",
        lambda: (
            all_recording(lead, LEAD_FILES)
            and all(fragments(root, lesson.lesson)[source] >= before[source] + more for source in LEAD_FILES)
        ),
    )


async def _is_stopped(recorder: Service) -> None:
    """Told to, it ends by itself, and has nothing left to write."""
    assert recorder.process is not None
    recorder.process.terminate()
    assert await asyncio.wait_for(recorder.process.wait(), STOP_S) == 0
    assert "event=take_left" in (said := recorder.log.read_text()) and "whole=true" in said, said


async def test_lessons_back_to_back_are_taken_though_the_recorder_is_late_and_its_clock_is_set(tmp_path: Path) -> None:
    root, log = tmp_path / "recordings", (tmp_path / "first.log", tmp_path / "second.log")
    async with running_system(tmp_path, recorder=True) as system, classrooms(system, 1) as first:
        lead = await _comes(first, log[0])
        assert not root.exists()
        await system.recorder.start()
        await _is_taken(system, first, lead, 1)
        await _is_stopped(system.recorder)
        system.recorder = Service("media_tests.lesson.set_clock", system.recorder.config, system.recorder.log)
        await system.recorder.start()
        await _is_taken(system, first, lead, 4)
        async with classrooms(system, 1) as second:
            await system.post(f"/api/lessons/{first.lesson}/end")
            next_lead = await _comes(second, log[1])
            await _is_taken(system, second, next_lead, 2)
            await system.post(f"/api/lessons/{second.lesson}/end")
            await second.until("both manifests", lambda: all(finished(root, it.lesson) for it in (first, second)))
    takes = [Taken(root, lesson.lesson) for lesson in (first, second)]
    assert [len(taken.manifest.software) for taken in takes] == [2, 1]
    for taken, lesson, its_lead, its_log in zip(takes, (first, second), (lead, next_lead), log, strict=True):
        assert taken.complaints() == {}
        assert taken.manifest.state == "closed" and taken.manifest.duration_us < SET_BY_US / 4
        assert not [segment for segment in taken.manifest.segments if segment.salvaged]
        for source, file in LEAD_FILES.items():
            track = track_id(its_lead.seat, source)
            pairing = taken.pairing(track, lesson.clips / file, its_log)
            assert pairing.kept and pairing.strangers == () and taken.unaccounted(track, pairing) == [], source
    # The first take's end lies where it was by the node's clock; the second was begun by the wall clock that was set.
    begun_us = [taken.manifest.started_at_ms * 1000 - taken.origin_us for taken in takes]
    assert abs(begun_us[0] - begun_us[1] - SET_BY_US) < 10_000_000
