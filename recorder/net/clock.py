"""The machine's clocks."""

import time


def wall_ms() -> int:
    """Milliseconds since 1970: leases are compared between processes, so each must read the same clock."""
    return time.time_ns() // 1_000_000


def since_boot_s() -> float:
    """Seconds since the machine was started, asleep or not; nobody sets it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
