"""A tiny process beside the supervisor that ends what a killed supervisor leaves behind.

It reads `+group` and `-group` lines from a pipe of which the supervisor holds the only other end. When that closes,
each process group still named is asked to end, and killed three seconds later. It runs with `python -I -S`.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_S = 3.0


def main() -> None:
    """Follows standard input to its end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end(follow(sys.stdin))


def follow(lines: Iterable[str]) -> set[int]:
    """The groups that were named and not taken back."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    return groups


def end(groups: set[int]) -> None:
    """Asks, waits for no longer than the grace, kills."""
    deadline = time.monotonic() + GRACE_S
    alive = {group for group in groups if _signalled(group, signal.SIGTERM)}
    while alive and time.monotonic() < deadline:
        time.sleep(0.05)
        alive = {group for group in alive if _signalled(group, 0)}
    for group in alive:
        _signalled(group, signal.SIGKILL)


def _signalled(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
