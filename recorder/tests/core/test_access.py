"""recorder.core.access: the whole table, written out once more by hand."""

import pytest

from recorder.core.access import MAY, Act, Holding, Viewer, decide
from signaling.messages.ids import LessonId, Role

OWN, OTHER = LessonId("L1"), LessonId("L2")

# own lesson, other lesson of the region, other region; each without pupils and with them
TABLE: dict[tuple[Act, Role], str] = {
    ("find", "operator"): "yes yes | yes yes | yes yes",
    ("find", "lead"): "yes yes | yes yes | no no",
    ("find", "assistant"): "yes yes | yes yes | no no",
    ("find", "room"): "yes yes | no no | no no",
    ("find", "listener"): "yes yes | no no | no no",
    ("find", "attendee"): "yes no | yes no | no no",
    ("find", "reviewer"): "yes yes | yes yes | no no",
    ("find", "patrol"): "yes yes | yes yes | no no",
    ("find", "recorder"): "no no | no no | no no",
    ("play", "operator"): "yes yes | yes yes | yes yes",
    ("play", "lead"): "yes yes | yes no | no no",
    ("play", "assistant"): "yes yes | yes no | no no",
    ("play", "room"): "yes yes | no no | no no",
    ("play", "listener"): "yes yes | no no | no no",
    ("play", "attendee"): "yes no | no no | no no",
    ("play", "reviewer"): "yes no | yes no | no no",
    ("play", "patrol"): "yes no | yes no | no no",
    ("play", "recorder"): "no no | no no | no no",
}
PLACES = [(OWN, "east"), (OTHER, "east"), (OTHER, "west")]
OPERATORS: tuple[Act, ...] = ("delete", "object", "hold", "read_log", "see_work")


def viewer(role: Role) -> Viewer:
    return Viewer("T1", role, "east", "一小", None if role == "operator" else OWN, "S1")


@pytest.mark.parametrize(("act", "role"), TABLE)
def test_the_table(act: Act, role: Role) -> None:
    cells = [cell.split() for cell in TABLE[act, role].split("|")]
    for (lesson, region), wanted in zip(PLACES, cells, strict=True):
        found = [decide(viewer(role), act, Holding(lesson, region, pupils)).allowed for pupils in (False, True)]
        assert found == [cell == "yes" for cell in wanted], (lesson, region)


@pytest.mark.parametrize("act", OPERATORS)
def test_the_rest_is_the_operators(act: Act) -> None:
    roles: list[Role] = ["operator", "lead", "assistant", "room", "listener", "attendee", "reviewer", "patrol"]
    assert [role for role in roles if decide(viewer(role), act, Holding(OWN, "east")).allowed] == ["operator"]


def test_nothing_is_allowed_that_this_file_does_not_name() -> None:
    assert set(MAY) == {act for act, _ in TABLE} | set(OPERATORS)


@pytest.mark.parametrize("pupils", [False, True])
def test_an_objection_keeps_everybody_from_playing(pupils: bool) -> None:
    """A pupil may be heard on the teacher's microphone, too."""
    for role in ("operator", "lead", "room"):
        verdict = decide(viewer(role), "play", Holding(OWN, "east", pupils, objection=True))
        assert (verdict.allowed, verdict.code) == (False, "objection") and "guardian objected" in verdict.why
    assert decide(viewer("operator"), "delete", Holding(OWN, "east", pupils=True, objection=True)).allowed


def test_a_refusal_says_what_stands_in_the_way() -> None:
    assert "Pupils are seen or heard" in decide(viewer("lead"), "play", Holding(OTHER, "east", pupils=True)).why
    assert decide(viewer("room"), "delete", Holding(OWN)).why == "The role room may not delete this here."


def test_evidence_is_not_deleted_and_can_be_watched() -> None:
    held = Holding(OWN, "east", held=True)
    assert decide(viewer("operator"), "play", held).allowed
    verdict = decide(viewer("operator"), "delete", held)
    assert (verdict.allowed, verdict.code) == (False, "held") and "release it" in verdict.why
