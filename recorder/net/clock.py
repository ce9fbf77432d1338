"""The wall clock."""

import time


def wall_ms() -> int:
    """Milliseconds since 1970: leases are compared between processes, so each must read the same clock."""
    return time.time_ns() // 1_000_000
