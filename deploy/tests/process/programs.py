"""Small real programs for the supervisor to hold."""

import os
import sys
import time
from pathlib import Path

from deploy.process.child import Program


def python(name: str, code: str, *arguments: str) -> Program:
    """A child that runs this code."""
    return Program(name, (sys.executable, "-I", "-S", "-c", code, *arguments))


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits for its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def left(found: list[int]) -> list[int]:
    """Who still runs; a killed process is given the moment that it takes to die."""
    deadline = time.monotonic() + 1
    while any(map(alive, found)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return [pid for pid in found if alive(pid)]


def pids(lines: list[tuple[str, str]]) -> list[int]:
    """The process ids that children printed as `pid N`."""
    return [int(line.split()[1]) for _, line in lines if line.startswith("pid ")]


def cleanup(found: list[int]) -> None:
    """Ends what a failed test left behind."""
    for pid in found:
        if alive(pid):
            os.kill(pid, 9)


OBEDIENT = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + OBEDIENT
PARENT = "import os, subprocess, sys; subprocess.Popen([sys.executable, '-I', '-S', '-c', sys.argv[1]]); " + OBEDIENT
