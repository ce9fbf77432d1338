"""signaling.core.limits"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core.limits import REMEMBERED, Tries, caller_address, full, pace, tries


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


def tried(before: Tries, digest: bytes, now_s: float, *, good: bool = False) -> tuple[Tries, bool]:
    """The tries after a secret was shown, and whether it was looked at."""
    shown = before.shown(digest, now_s)
    return (before, False) if shown is None else (shown.judged(digest, good=good), True)


def test_a_guesser_gets_a_handful_and_then_one_a_second() -> None:
    now, looked_at = tries(0), 0
    for guess in range(6000):
        now, looked = tried(now, b"guess %d" % guess, guess / 100)
        looked_at += looked
    assert looked_at == 30 + 59


def test_who_repeats_a_wrong_secret_locks_nobody_out() -> None:
    now = tries(0)
    for _ in range(1000):
        now, looked = tried(now, b"an old token", 0)
        assert looked
    assert tried(now, b"the key", 0, good=True)[1]


def test_the_right_key_is_let_in_whatever_others_try_beside_it() -> None:
    now, _ = tried(tries(0), b"the key", 0, good=True)
    for guess in range(1000):
        now, _ = tried(now, b"guess %d" % guess, 0)
    assert not tried(now, b"another guess", 0)[1]
    assert tried(now, b"the key", 0, good=True)[1]
    assert tried(now, b"a key that is new here", 1, good=True)[1]


def test_good_secrets_cost_nothing_and_few_are_remembered() -> None:
    now = tries(0)
    for page in range(1000):
        now, looked = tried(now, b"page %d" % page, 0, good=True)
        assert looked
    now, _ = tried(now, b"wrong", 0)
    assert (len(now.right), now.left.level) == (REMEMBERED, 29)


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "address"),
    [
        ("192.0.2.1", ["198.51.100.7"], 0, "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9, 198.51.100.7"], 1, "198.51.100.7"),
        ("192.0.2.1", ["203.0.113.9", "198.51.100.7 , 10.0.0.2"], 2, "198.51.100.7"),
        ("192.0.2.1", ["198.51.100.7"], 3, "198.51.100.7"),
        ("192.0.2.1", [], 1, "192.0.2.1"),
        ("192.0.2.1", ["unknown"], 1, "192.0.2.1"),
        ("192.0.2.1", [""], 1, "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", [], 0, "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", [], 0, "192.0.2.1"),
        ("", [], 0, ""),
    ],
)
def test_an_address_is_what_our_own_proxies_saw(remote: str, forwarded: list[str], proxies: int, address: str) -> None:
    assert caller_address(remote, forwarded, proxies) == address
