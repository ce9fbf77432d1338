"""recorder.core.resume"""

import pytest

from recorder.core.form import FormatError
from recorder.core.index import IndexTip
from recorder.core.manifest import folded
from recorder.core.records import ClockSet, Record
from recorder.core.resume import clock_now
from recorder.core.timeline import NodeTime
from recorder.tests.story import RECORDS, at

OPENED_MS = 1_790_000_000_000
STORY: tuple[Record, ...] = (RECORDS[0], ClockSet(at(0), "boot", 7_000_000), *RECORDS[1:])
MANIFEST = folded(STORY, IndexTip())


def test_while_the_machine_runs_the_clock_goes_on_exactly() -> None:
    clock = clock_now(STORY, MANIFEST, "boot", NodeTime(7_000_000 + 9_000_000), wall_ms=5)
    assert (clock.at_us, clock.origin) == (at(9000), 7_000_000)


def test_after_a_boot_the_wall_clock_must_do() -> None:
    clock = clock_now(STORY, MANIFEST, "next boot", NodeTime(1_000), OPENED_MS + 60_000)
    assert clock.at_us == at(60_000) and clock.origin == 1_000 - at(60_000)


@pytest.mark.parametrize("wall_ms", [0, OPENED_MS, OPENED_MS + 4_000])
def test_a_wall_clock_that_was_set_back_puts_nothing_before_what_is_there(wall_ms: int) -> None:
    assert clock_now(STORY, MANIFEST, "next boot", NodeTime(1_000), wall_ms).at_us == MANIFEST.duration_us


def test_an_index_without_a_clock_says_so() -> None:
    with pytest.raises(FormatError, match="by which clock"):
        clock_now(RECORDS, MANIFEST, "boot", NodeTime(0), 0)
