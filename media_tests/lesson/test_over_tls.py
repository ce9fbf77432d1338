"""A lesson is held, taken and found over HTTPS, with a certificate of an authority that the system does not know."""

from pathlib import Path

from media_tests.lesson.classrooms import LEAD, LEAD_FILES, classrooms
from media_tests.lesson.recording import all_recording, told
from media_tests.lesson.system import running_system, rural_classroom
from media_tests.lesson.test_journey import Shelf, until_shelved
from signaling.messages.ids import Source

LEADS: tuple[Source, ...] = ("teacher", "teacher_mic")
PUPILS: tuple[Source, ...] = ("students",)
POLICY = {"sources": [*LEADS, *PUPILS], "enabled_by": "李校长", "basis": "家长同意书 2026-09"}


async def test_all_services_find_each_other_over_https(tmp_path: Path) -> None:
    async with (
        running_system(tmp_path, recorder=True, tls=True) as system,
        classrooms(system, 1, POLICY) as lesson,
    ):
        for service in (system.recorder, system.worker, system.library):
            await service.start()
        lead = await lesson.add("lead", LEAD, LEAD_FILES)
        room = await lesson.add("room", rural_classroom(1), {"students": "room-1.mp4"})
        await lesson.until("the lead is recorded", lambda: all_recording(lead, LEADS))
        await lesson.until("the room's own screen says so too", lambda: all_recording(room, PUPILS))
        assert {seat for seat, _ in told(room)} == {room.seat}, "a room is told of itself"
        await system.post(f"/api/lessons/{lesson.lesson}/end")
        shelved = await until_shelved(await Shelf.entered(system), system)
        assert shelved["playable"] and set(shelved["sources"]) == {*LEADS, *PUPILS}
