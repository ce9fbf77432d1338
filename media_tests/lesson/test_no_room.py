"""A lesson that would not fit on the recorder's disk is held, and each screen says why it is not recorded."""

from pathlib import Path

from media_tests.lesson.classrooms import LEAD, Classroom, classrooms
from media_tests.lesson.recording import told
from media_tests.lesson.system import running_system


def _refusal(lead: Classroom) -> str:
    one = told(lead).get((lead.seat, "teacher"))
    return (one.sentence or "") if one is not None and one.state == "failed" else ""


async def test_a_refusal_for_want_of_room_reaches_the_screen_in_words(tmp_path: Path) -> None:
    async with running_system(tmp_path, recorder=True) as system, classrooms(system, 1) as lesson:
        config = system.recorder.config
        config.write_text(config.read_text().replace("reserve_mib = 1\n", "reserve_mib = 1000000000\n"))
        await system.recorder.start()
        lead = await lesson.add("lead", LEAD, {"teacher": "teacher.mp4"})
        await lesson.until("the screen says that it is not recorded", lambda: bool(_refusal(lead)))
        assert "free" in _refusal(lead), _refusal(lead)
        assert not list((tmp_path / "recordings").glob("takes/*"))
        assert lead.client.seated, "the lesson goes on"
