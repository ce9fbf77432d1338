"""The one place where signaling looks at a clock."""

import time

from signaling.core.outcome import Instant


def instant() -> Instant:
    """Now."""
    return Instant(time.monotonic(), time.time_ns() // 1_000_000)
