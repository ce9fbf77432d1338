"""A lesson that would not fit on the recorder's disk is held, and each screen says why it is not recorded."""

import subprocess
import sys
from pathlib import Path

from media_tests.lesson.classrooms import LEAD, Classroom, classrooms
from media_tests.lesson.recording import told
from media_tests.lesson.system import ROOT, running_system

INSIDE = Path(__file__).with_name("on_a_small_disk.py")
PATIENCE_S = 300.0


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


def test_before_a_disk_fills_operator_and_lead_are_warned_and_a_new_take_is_refused(tmp_path: Path) -> None:
    pytest = [sys.executable, "-m", "pytest", str(INSIDE), "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path}/in"]
    inside = ["unshare", "--mount", "--propagation", "private", *pytest]
    done = subprocess.run(inside, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    need = "This mounts a small file system, which needs root (CAP_SYS_ADMIN)."
    assert done.returncode == 0, f"{need}\n{done.stderr[-2000:]}\n{done.stdout[-8000:]}"
