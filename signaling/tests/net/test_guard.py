"""signaling.net.guard"""

from signaling.net.guard import Guard


def test_each_address_is_counted_by_itself_and_the_oldest_is_forgotten() -> None:
    guard = Guard(most=2)
    for guess in range(40):
        admitted = guard.admits("a", str(guess), 0)
        guard.judge("a", str(guess), good=False, now_s=0)
    assert not admitted and guard.admits("b", "guess", 0)
    assert not guard.admits("a", "one more", 0)
    assert guard.admits("c", "guess", 0) and len(guard._tries) == 2
    assert guard.admits("b", "guess", 0) and guard.admits("a", "one more", 0)


def test_no_secret_is_kept() -> None:
    guard = Guard()
    guard.admits("a", "the-operators-key", 0)
    guard.judge("a", "the-operators-key", good=True, now_s=0)
    assert "the-operators-key" not in repr(guard._tries)


def test_bytes_that_are_no_text_are_a_secret_like_any() -> None:
    assert Guard().admits("a", "\udcff", 0)
