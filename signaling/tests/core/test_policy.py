"""signaling.core.policy"""

import pytest

from signaling.core.policy import checked
from signaling.core.refusal import Refusal
from signaling.messages.events import RecordingPolicy
from signaling.messages.ids import Source


def test_without_a_word_no_pupil_is_taken() -> None:
    assert {"students", "room_mic"}.isdisjoint(checked(RecordingPolicy()).sources)


@pytest.mark.parametrize("source", ["students", "room_mic"])
@pytest.mark.parametrize(
    ("enabled_by", "basis"), [(None, None), ("王老师", None), (None, "consent"), ("  ", "consent")]
)
def test_pupils_are_taken_only_with_a_name_and_a_basis(
    source: Source, enabled_by: str | None, basis: str | None
) -> None:
    with pytest.raises(Refusal) as refused:
        checked(RecordingPolicy(("teacher", source), enabled_by, basis))
    assert refused.value.code == "policy_without_basis"
    assert source in refused.value.sentence and "enabled_by" in refused.value.sentence


def test_a_named_person_with_a_basis_may_enable_it() -> None:
    policy = RecordingPolicy(("students", "students"), " 王老师 ", "consent register 2026-09")
    assert checked(policy) == RecordingPolicy(("students",), "王老师", "consent register 2026-09")


def test_nothing_at_all_may_be_taken() -> None:
    assert checked(RecordingPolicy(())).sources == ()
