"""The power goes at each instant of the work after the bell, on a real mount of a namespace's own: see on_cut_power."""

import subprocess
import sys
from pathlib import Path

INSIDE = Path(__file__).with_name("on_cut_power.py")
ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 600.0


def test_nothing_acknowledged_is_lost_and_nothing_deleted_comes_back(tmp_path: Path) -> None:
    pytest = [sys.executable, "-m", "pytest", str(INSIDE), "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path}/in"]
    inside = ["unshare", "--mount", "--propagation", "private", *pytest]
    done = subprocess.run(inside, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    need = "This mounts a file system of its own, which needs root (CAP_SYS_ADMIN) and /dev/fuse."
    assert done.returncode == 0, f"{need}\n{done.stderr[-2000:]}\n{done.stdout[-8000:]}"
