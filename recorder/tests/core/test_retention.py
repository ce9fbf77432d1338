"""recorder.core.retention: clocks, stepped."""

import pytest

from recorder.core.retention import DAY_MS, SET_MS, Due, Kept, Pulse, Terms, due, log_before_ms, steady

ENDED_MS = 1_790_000_000_000


def test_a_raw_take_goes_after_ninety_days_to_the_millisecond_and_once() -> None:
    kept = Kept("K1", ENDED_MS, raw=True)
    assert due([kept], Terms(), ENDED_MS + 90 * DAY_MS - 1) == ()
    assert due([kept], Terms(), ENDED_MS + 90 * DAY_MS) == (Due("K1", "raw"),)
    assert due([Kept("K1", ENDED_MS, raw=False)], Terms(), ENDED_MS + 900 * DAY_MS) == ()


def test_segments_go_once_all_that_is_made_of_them_is_stored_and_their_days_are_over() -> None:
    doubled = Kept("K1", ENDED_MS, raw=True, doubled=True)
    assert due([doubled], Terms(), ENDED_MS + 7 * DAY_MS - 1) == ()
    assert due([doubled], Terms(), ENDED_MS + 7 * DAY_MS) == (Due("K1", "segments"),)
    assert due([Kept("K1", ENDED_MS, raw=True)], Terms(), ENDED_MS + 8 * DAY_MS) == ()
    assert due([Kept("K1", ENDED_MS, raw=True, doubled=True, held=True)], Terms(), ENDED_MS + 8 * DAY_MS) == ()
    assert due([doubled], Terms(segment_days=200), ENDED_MS + 90 * DAY_MS) == (Due("K1", "raw"),)


def test_the_shelf_has_a_clock_of_its_own() -> None:
    terms = Terms(raw_days=30, shelf_days=365)
    parts = [
        [each.part for each in due([Kept("K1", ENDED_MS, raw=days < 30)], terms, ENDED_MS + days * DAY_MS)]
        for days in (29, 30, 364, 365)
    ]
    assert parts == [[], [], [], ["all"]]
    assert due([Kept("K1", ENDED_MS, raw=True)], terms, ENDED_MS + 400 * DAY_MS) == (Due("K1", "all"),)


def test_evidence_outlasts_every_clock() -> None:
    held = Kept("K1", ENDED_MS, raw=True, held=True)
    assert due([held], Terms(raw_days=1, shelf_days=1), ENDED_MS + 1000 * DAY_MS) == ()


def test_the_log_is_kept_as_long_as_the_law_asks() -> None:
    assert log_before_ms(Terms(), ENDED_MS) == ENDED_MS - 190 * DAY_MS
    with pytest.raises(ValueError, match="190 days"):
        Terms(log_days=100)
    with pytest.raises(ValueError, match="a day at least"):
        Terms(raw_days=0)


@pytest.mark.parametrize("leap_ms", [-DAY_MS, -SET_MS - 1, SET_MS + 1, 400 * DAY_MS])
def test_a_clock_that_was_set_is_told_from_one_that_went_on(leap_ms: int) -> None:
    before, later = Pulse(ENDED_MS, 5000), Pulse(ENDED_MS + 3_600_000 + SET_MS, 5000 + 3_600_000)
    assert steady(before, later) and not steady(None, later)
    assert not steady(before, Pulse(ENDED_MS + 3_600_000 + leap_ms, 5000 + 3_600_000))
