"""What every test gets: a limit that fits it, and an ordinary place with the scheduler."""

import os
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A busy machine may take a second for what takes a millisecond: slowness is the benchmarks' matter.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# Ten minutes of a lesson, and what stands around them.
PROOF_LIMIT_S = 1500


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("proof") is not None and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(PROOF_LIMIT_S))


@pytest.fixture(autouse=True)
def _ordinary_scheduling() -> Iterator[None]:
    """A real-time class is inherited by every process that a test starts, and then starves this machine's two cores."""
    yield
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        warnings.warn("this test left the process with real-time scheduling; it was set back", stacklevel=1)
