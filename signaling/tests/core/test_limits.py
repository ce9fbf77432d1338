"""signaling.core.limits"""

from hypothesis import given
from hypothesis import strategies as st

from signaling.core.limits import full, pace


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = full(rate=2, burst=3, now_s=0)
    given_at: list[float] = []
    for quarter in range(40):
        after = bucket.taken(quarter / 4)
        if after is not None:
            bucket, given_at = after, [*given_at, quarter / 4]
    assert given_at[:3] == [0, 0.25, 0.5]
    assert len(given_at) == 3 + 2 * 10 - 1


@given(st.lists(st.floats(0, 5), max_size=200), st.floats(0, 1e6))
def test_no_bucket_gives_more_than_burst_and_rate(waits: list[float], start_s: float) -> None:
    bucket, now_s, taken = full(5, 10, start_s), start_s, 0
    for wait in waits:
        now_s += wait
        after = bucket.taken(now_s)
        bucket, taken = after or bucket, taken + (after is not None)
    assert taken <= 10 + 5 * (now_s - start_s) + 1e-6


def test_a_clock_that_stands_or_steps_back_fills_nothing() -> None:
    bucket = full(1, 1, 100).taken(100)
    assert bucket is not None and bucket.taken(100) is None and bucket.taken(50) is None


def test_first_refused_then_hung_up() -> None:
    now, verdicts = pace(0), []
    for _ in range(400):
        now, verdict = now.after(0)
        verdicts.append(verdict)
    assert verdicts == ["take"] * 60 + ["refuse"] * 240 + ["hang_up"] * 100


def test_a_busy_page_is_never_refused() -> None:
    now = pace(0)
    for message in range(600):
        now, verdict = now.after(message / 10)
        assert verdict == "take"
