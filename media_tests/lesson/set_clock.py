"""`python -m media_tests.lesson.set_clock --config FILE`: the recorder of a machine whose clock is set back an hour."""

import time
from typing import Final

from recorder.__main__ import main

SET_BACK_NS: Final = 3600 * 10**9
AFTER_NS: Final = 2 * 10**9


def set_back() -> None:
    """From some seconds on the wall clock shows an hour less, as one without NTP that somebody corrects."""
    true_ns, began_ns = time.time_ns, time.monotonic_ns()

    def shown_ns() -> int:
        return true_ns() - (SET_BACK_NS if time.monotonic_ns() - began_ns > AFTER_NS else 0)

    vars(time)["time_ns"] = shown_ns


if __name__ == "__main__":
    set_back()
    main()
