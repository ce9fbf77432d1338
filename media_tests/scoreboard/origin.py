"""Which commit is measured, and on what machine."""

import os
import platform
import subprocess
from pathlib import Path

from media_tests.scoreboard.board import Origin

ROOT = Path(__file__).resolve().parents[2]


def here() -> Origin:
    """This tree on this machine."""
    return Origin(_git("rev-parse", "HEAD"), bool(_git("status", "--porcelain", "--untracked-files=no")), machine())


def behind(commit: str) -> int | None:
    """How many commits came since; None for one that does not lead to this tree."""
    argv = ["git", "merge-base", "--is-ancestor", commit, "HEAD"]
    if subprocess.run(argv, cwd=ROOT, capture_output=True, check=False).returncode:
        return None
    return int(_git("rev-list", "--count", f"{commit}..HEAD"))


def machine() -> str:
    """Processor, cores, memory and kernel: enough to know whether two rows can be compared."""
    cores = len(os.sched_getaffinity(0))
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {cores} cores, {gibibytes:.0f} GiB, {platform.system()} {platform.release()}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
