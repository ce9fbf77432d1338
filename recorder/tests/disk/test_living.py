"""recorder.disk.living: two workers of one machine, and one that dies."""

import os
import subprocess
import sys
from pathlib import Path

from recorder.disk.living import KEPT_S, Living

HOLDS = (
    "import sys; from pathlib import Path; from recorder.disk.living import Living; "
    "living = Living(Path(sys.argv[1]), 'other'); print('holds', flush=True); sys.stdin.read()"
)


def test_a_worker_is_gone_once_it_was_killed_and_not_before(tmp_path: Path) -> None:
    living = Living(tmp_path, "me")
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None and other.stdout.readline() == "holds\n"
        assert not living.gone("other") and not living.gone("me")
    finally:
        other.kill()
        other.communicate(timeout=30)
    assert living.gone("other") and living.gone("other")


def test_of_a_worker_that_left_or_is_elsewhere_nothing_is_known(tmp_path: Path) -> None:
    living, other = Living(tmp_path, "me"), Living(tmp_path, "other")
    other.close()
    assert not living.gone("other") and not living.gone("of-another-machine")


def test_a_dead_workers_file_stays_as_long_as_a_lease_can_be_its(tmp_path: Path) -> None:
    dead = tmp_path / "dead.lock"
    dead.touch()
    os.utime(dead, (0, 0))
    assert Living(tmp_path, "second").gone("dead"), "it was seen just now"
    os.utime(dead, (0, dead.stat().st_mtime - KEPT_S - 1))
    Living(tmp_path, "third")
    assert not dead.exists()
