"""recorder.core.intake"""

from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.core.intake import Intake


def drained(intake: Intake[int]) -> list[object]:
    found: list[object] = []
    while (item := intake.take()) is not None:
        found.append(item)
    return found


def test_what_does_not_fit_is_one_overflow_until_half_is_gone() -> None:
    intake = Intake[int](100)
    assert [intake.put(number, 30) for number in range(6)] == [True, True, True, False, False, False]
    assert intake.take() == 0 and not intake.put(6, 30)
    assert intake.take() == 1 and intake.put(7, 30)
    assert drained(intake) == [2, "overflow", 7] and intake.dropped == 4


def test_what_must_not_be_lost_fits_always() -> None:
    intake = Intake[int](10)
    assert not intake.put(1, 11) and intake.put(2, 1, must=True)
    assert drained(intake) == ["overflow", 2] and intake.take() is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 60) | st.none()))
def test_every_loss_has_its_place_among_what_was_kept(steps: list[int | None]) -> None:
    intake, expected, out = Intake[int](100), list[object](), list[object]()
    for number, size in enumerate(steps):
        if size is None:
            item = intake.take()
            out += [] if item is None else [item]
        elif intake.put(number, size):
            expected.append(number)
        elif expected[-1:] != ["overflow"]:
            expected.append("overflow")
    assert out + drained(intake) == expected
