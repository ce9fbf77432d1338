"""signaling.core.session"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core.session import Outbox, Replies
from signaling.messages.client import Done, Floor, FloorChanged


def filled(count: int, kept: int = 8) -> Outbox:
    outbox = Outbox(kept)
    for _ in range(count):
        outbox.numbered(FloorChanged(0, Floor()))
    return outbox


def test_numbers_rise_by_one() -> None:
    outbox = Outbox()
    assert [outbox.numbered(FloorChanged(0, Floor())).seq for _ in range(3)] == [1, 2, 3]


@given(st.integers(0, 30), st.integers(-3, 40))
def test_what_was_missed_is_given_whole_or_not_at_all(sent: int, last_seq: int) -> None:
    missed = filled(sent).since(last_seq)
    if last_seq < 0 or last_seq > sent or sent - last_seq > 8:
        assert missed is None
    else:
        assert missed is not None and [m.seq for m in missed] == list(range(last_seq + 1, sent + 1))


@pytest.mark.parametrize("sent", [8, 9])
def test_the_last_that_are_kept_can_be_had(sent: int) -> None:
    missed = filled(sent).since(sent - 8)
    assert missed is not None and len(missed) == 8
    assert filled(sent).since(sent) == ()


def test_replies_are_kept_up_to_a_bound_and_the_oldest_goes() -> None:
    replies = Replies(kept=2)
    for name in ("a", "b", "c"):
        replies.keep(name, Done(name))
    assert "a" not in replies and "b" in replies
    assert replies.get("c") == Done("c")


def test_an_id_that_waits_is_known_and_has_no_answer() -> None:
    replies = Replies()
    replies.keep("a", None)
    assert "a" in replies and replies.get("a") is None
