"""Routine is what says so itself; everything else is shown."""

import pytest

from deploy.core.lines import is_routine


@pytest.mark.parametrize(
    "line",
    [
        "timestamp=2026-11-22T21:42:56Z level=info event=node_ready name=node-1",
        '{"lessons": 0, "event": "lessons_loaded", "level": "info", "timestamp": "2026"}',
        '{"level":"debug","event":"x"}',
        "level=debug event=x",
    ],
)
def test_information_is_routine(line: str) -> None:
    assert is_routine(line)


@pytest.mark.parametrize(
    "line",
    [
        "timestamp=2026 level=warning event=signaling_gone",
        '{"event": "x", "level": "error"}',
        "Traceback (most recent call last):",
        "signaling: [signaling] listen: wrong",
        "floor level=informal sea-level",
        "",
    ],
)
def test_trouble_and_plain_words_are_not(line: str) -> None:
    assert not is_routine(line)
