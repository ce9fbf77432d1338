"""`python -m recorder.worker --config var/three-classrooms.toml` works after the bell until SIGINT or SIGTERM."""

import os
import sys

NICENESS = 10
"""A lesson that runs on this machine goes first, also while this process loads."""


def begin() -> int:
    """Steps back, then loads what it works with."""
    os.nice(NICENESS)
    from recorder.net.process import main
    from recorder.net.worker_service import run

    return main("worker", "Makes films of takes, and removes what has had its time.", run)


if __name__ == "__main__":
    sys.exit(begin())
