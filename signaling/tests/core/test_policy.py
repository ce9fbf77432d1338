"""signaling.core.policy"""

import pytest

from signaling.core.lesson import folded
from signaling.core.policy import checked, recorder_slots
from signaling.core.refusal import Refusal
from signaling.messages import events as ev
from signaling.messages.events import RecordingPolicy
from signaling.messages.ids import LessonId, Source


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


@pytest.mark.parametrize(
    ("enabled_by", "basis", "named"),
    [("王" * 501, "consent", "enabled_by"), ("王老师", "x" * 501, "basis"), ("王老师", "one\ntwo", "basis")],
)
def test_what_screens_show_as_the_reason_is_a_line(enabled_by: str, basis: str, named: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked(RecordingPolicy(("students",), enabled_by, basis))
    assert refused.value.code == "wrong_message" and refused.value.sentence.startswith(named)


def test_a_named_person_with_a_basis_may_enable_it() -> None:
    policy = RecordingPolicy(("students", "students"), " 王老师 ", "consent register 2026-09")
    assert checked(policy) == RecordingPolicy(("students",), "王老师", "consent register 2026-09")


def test_muted_sound_is_pupils_sound() -> None:
    with pytest.raises(Refusal) as refused:
        checked(RecordingPolicy(("teacher",), "王老师", "consent", muted_sound=True))
    assert refused.value.code == "wrong_message"
    with pytest.raises(Refusal) as refused:
        checked(RecordingPolicy(("room_mic",), muted_sound=True))
    assert refused.value.code == "policy_without_basis" and "muted_sound" in refused.value.sentence
    assert checked(RecordingPolicy(("room_mic",), "王老师", "consent", muted_sound=True)).muted_sound


@pytest.mark.parametrize(
    ("policy", "rooms", "slots"),
    [
        (RecordingPolicy(), 4, (3 + 2 * 4, 2)),
        (RecordingPolicy(("teacher", "teacher_mic")), 4, (1, 1)),
        (RecordingPolicy(("students", "room_mic"), "王老师", "consent"), 2, (3, 3)),
        (RecordingPolicy(), 16, (32, 2)),
        (RecordingPolicy(()), 4, (0, 0)),
    ],
)
def test_the_recorder_has_a_slot_for_all_that_may_be_taken(
    policy: RecordingPolicy, rooms: int, slots: tuple[int, int]
) -> None:
    rural = tuple(f"村{number}" for number in range(rooms))
    lesson = folded([ev.LessonCreated(LessonId("L1"), "第3节", "dedicated", "主校", rural, policy, "operator")])
    assert recorder_slots(lesson) == slots


def test_nothing_at_all_may_be_taken() -> None:
    assert checked(RecordingPolicy(())).sources == ()
