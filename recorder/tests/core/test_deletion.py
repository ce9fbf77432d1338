"""recorder.core.deletion"""

import pytest

from recorder.core.deletion import LONGEST_REASON, ReasonError, reason


@pytest.mark.parametrize("text", ["", " \n ", "x" * (LONGEST_REASON + 1)])
def test_nobody_deletes_without_a_reason_that_can_be_kept(text: str) -> None:
    with pytest.raises(ReasonError):
        reason(text)


def test_a_reason_is_one_line() -> None:
    assert reason(" a guardian\nwithdrew ") == "a guardian withdrew"
