"""Lines on earth and by satellite, by the browser's own statistics; `line_cases.py` has lines and bounds."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from media_tests.browser.behind_line import figures, lesson_behind, looks
from media_tests.browser.line_cases import CASES, SATELLITE_SHORT, Case

# Buffers of a new viewer have not yet met a loss, and repairs follow the way only once it is known.
WARM_UP_S = 5.0
SHORT_S = 12.0
LONG_S = 60.0
# An emulator later than this was another line than the one asked for.
LATEST_MS = 5.0

Record = Callable[[str, object], None]

ROWS = [
    pytest.param(SATELLITE_SHORT, SHORT_S, id=f"{SATELLITE_SHORT.name}_short"),
    *(pytest.param(case, LONG_S, id=case.name, marks=[pytest.mark.proof, pytest.mark.timeout(300)]) for case in CASES),
]


@pytest.mark.parametrize(("case", "seconds"), ROWS)
async def test_a_line_is_borne(tmp_path: Path, record_property: Record, case: Case, seconds: float) -> None:
    async with lesson_behind(case, tmp_path) as lesson:
        await asyncio.sleep(WARM_UP_S)
        found = figures(await looks(lesson, seconds))
    for name, value in found.items():
        record_property(name, round(value, 4))
    assert found["emulator_losses"] == 0 and found["emulator_late_p99_ms"] <= LATEST_MS, found
    missed = [bound for bound in case.bounds if not bound.holds(found[bound.figure])]
    assert not missed, f"{missed}; {found}"
