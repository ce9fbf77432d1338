import pytest

from sfu.core import publishing, reconcile
from sfu.core.tables import Refusal, frozen
from sfu.tests.core import lesson as given
from signaling.messages.ids import LessonId, SeatId


def test_a_frozen_table_is_a_copy_that_nobody_changes() -> None:
    original = {"a": 1}
    table = frozen(original)
    original["b"] = 2
    assert dict(table) == {"a": 1}
    with pytest.raises(TypeError):
        table["c"] = 3  # type: ignore[index]


def test_who_asks_for_what_is_not_here_gets_a_sentence() -> None:
    node = reconcile.desired(given.NODE, given.desired(1)).node
    for lesson, seat, sentence in (
        (LessonId("L0"), given.LEAD, "lesson L0 is not held by this node"),
        (given.LESSON, SeatId("S0"), "lesson L1234567890 has no seat S0"),
    ):
        with pytest.raises(Refusal) as refusal:
            node.rights_of(lesson, seat)
        assert str(refusal.value) == refusal.value.sentence == sentence


def test_the_inventory_names_what_was_negotiated_before_anything_flows() -> None:
    node = reconcile.desired(given.NODE, given.desired(1)).node
    node = publishing.offer_publish(node, given.offer(given.LEAD, ("1", "teacher")), given.chance()).node
    (peer,) = node.inventory()
    assert [(track.codec, track.flowing) for track in peer.tracks] == [("h264", False)]
