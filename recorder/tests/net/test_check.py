"""recorder.net.check: `three-classrooms check` reads what it finds and ends with a word and an exit code."""

import subprocess
import sys
from pathlib import Path

from deploy.core.configuration import Secrets, first_configuration, written
from recorder.tests.filmed import LEAD, MASTER, NAME, Shot, sound, taken

ROOT = Path(__file__).resolve().parents[3]


def test_damage_is_told_and_is_the_exit_code(tmp_path: Path) -> None:
    folder = taken(tmp_path / "recordings", (Shot(LEAD, "teacher_mic", "opus", 0, 200, sound(200)),))
    config = tmp_path / "three-classrooms.toml"
    secrets = Secrets("operators-key", "to-signaling", "to-node", MASTER.secret.hex(), "of-the-recorder")
    config.write_text(written(first_configuration(secrets, tmp_path)), "utf-8")
    command = [sys.executable, "-m", "deploy", "check", "--config", str(config)]
    good = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (good.returncode, good.stderr) == (0, "") and f"{NAME}: 1 files are as they were." in good.stdout
    (folder / "segments" / "0001-SLEAD000000-teacher_mic.webm.sealed").write_bytes(b"spoiled")
    bad = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert bad.returncode == 1 and "teacher_mic.webm.sealed is not what was stored." in bad.stdout
    assert bad.stdout.endswith("1 takes were read, 1 are damaged or cannot be read.\n")
