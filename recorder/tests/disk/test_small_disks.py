"""Disks that are full and disks that sleep, real ones, in a mount namespace of their own: see on_small_disks."""

import subprocess
import sys
from pathlib import Path

INSIDE = Path(__file__).with_name("on_small_disks.py")
ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 160.0


def test_nothing_is_lost_on_a_disk_that_is_full_or_asleep(tmp_path: Path) -> None:
    pytest = [sys.executable, "-m", "pytest", str(INSIDE), "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path}/in"]
    inside = ["unshare", "--mount", "--propagation", "private", *pytest]
    done = subprocess.run(inside, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    need = "This mounts small file systems, which needs root (CAP_SYS_ADMIN) and loop devices."
    assert done.returncode == 0, f"{need}\n{done.stderr[-2000:]}\n{done.stdout[-8000:]}"
