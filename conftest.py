"""What every test gets: a limit, an ordinary place with the scheduler and, where real processes meet, a second try."""

import os
import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

ROOT = os.path.dirname(__file__)
# Cores decide without chance or time: a test of theirs that fails once is a bug, and is never tried again.
PURE = {"core", "messages", "sdp", "malformed", "scoreboard"}
# Browsers and namespaces on a busy machine miss a bound now and then; a bug misses it three times.
TRIES_AGAIN = 2
# Ten minutes of a lesson, and what stands around them.
PROOF_LIMIT_S = 1500


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("proof") is not None:
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(PROOF_LIMIT_S))
        elif not PURE & set(_folders(item)):
            item.add_marker(pytest.mark.flaky(reruns=TRIES_AGAIN))


def _folders(item: pytest.Item) -> tuple[str, ...]:
    return PurePosixPath(item.path.relative_to(ROOT)).parent.parts


@pytest.fixture(autouse=True)
def _ordinary_scheduling() -> Iterator[None]:
    """A real-time class is inherited by every process that a test starts, and then starves this machine's two cores."""
    yield
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        warnings.warn("this test left the process with real-time scheduling; it was set back", stacklevel=1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names what passed only when tried again, so that it is looked at and not forgotten."""
    again = sorted({report.nodeid for report in terminalreporter.stats.get("rerun", [])})
    if again:
        terminalreporter.section("tried again")
        for name in again:
            terminalreporter.line(name)
