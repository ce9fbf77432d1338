"""recorder.core.intake"""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.core.intake import Intake

LOST = -1


def drained(intake: Intake[int]) -> list[int]:
    found = []
    while (item := intake.take()) is not None:
        found.append(item)
    return found


def test_what_does_not_fit_is_one_loss_until_half_is_gone() -> None:
    intake = Intake[int](100)
    assert [intake.put(number, 30, LOST) for number in range(6)] == [True, True, True, False, False, False]
    assert intake.take() == 0 and not intake.put(6, 30, LOST)
    assert intake.take() == 1 and not intake.put(7, 30, LOST)
    assert intake.take() == 2 and intake.put(8, 30, LOST)
    assert drained(intake) == [LOST, 8] and intake.dropped == 5


def test_what_must_not_be_lost_fits_always() -> None:
    intake = Intake[int](10)
    assert not intake.put(1, 11, LOST)
    intake.push(2)
    assert drained(intake) == [LOST, 2] and intake.take() is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 60) | st.none()))
def test_every_loss_has_its_place_among_what_was_kept(steps: list[int | None]) -> None:
    intake, expected, out = Intake[int](100), list[int](), list[int]()
    for number, size in enumerate(steps):
        if size is None:
            item = intake.take()
            out += [] if item is None else [item]
        elif intake.put(number, size, LOST):
            expected.append(number)
        elif expected[-1:] != [LOST]:
            expected.append(LOST)
    kept = [item for item, after in pairwise([*out, *drained(intake), None]) if not item == after == LOST]
    assert kept == expected


def test_the_oldest_are_taken_together() -> None:
    intake = Intake[int](100)
    assert [intake.put(number, 40, LOST) for number in range(3)] == [True, True, False]
    assert intake.take_all(2) == [0, 1] and intake.take_all(9) == [LOST] and intake.take_all(9) == []
