"""signaling.core.priorities"""

import pytest

from signaling.core.priorities import PRIORITIES, priority_of
from signaling.messages.ids import VIDEO_SOURCES, Priority, Role, SeatId, Source, kind_of

LEAD, EAST, WEST = (SeatId(name) for name in ("lead", "east", "west"))
ROLES: dict[SeatId, Role] = {LEAD: "lead", EAST: "room", WEST: "room"}


@pytest.mark.parametrize(
    ("seat", "source", "holder", "priority"),
    [
        (LEAD, "courseware", None, "courseware"),
        (LEAD, "board", EAST, "courseware"),
        (LEAD, "teacher", EAST, "teacher"),
        (LEAD, "students", None, "other_room"),
        (EAST, "students", None, "other_room"),
        (EAST, "students", WEST, "other_room"),
        (EAST, "students", EAST, "floor_holder"),
        (EAST, "courseware", EAST, "courseware"),
        (EAST, "courseware", WEST, "other_room"),
    ],
)
def test_a_picture_is_worth_what_it_teaches(
    seat: SeatId, source: Source, holder: SeatId | None, priority: Priority
) -> None:
    assert priority_of((seat, source), ROLES, holder) == priority


def test_only_pictures_stand_in_the_table_and_all_that_a_lead_may_show() -> None:
    assert set(PRIORITIES["lead"]) == set(VIDEO_SOURCES)
    assert {kind_of(source) for sources in PRIORITIES.values() for source in sources} == {"video"}


def test_who_is_no_longer_there_is_worth_least() -> None:
    assert priority_of((SeatId("gone"), "students"), ROLES, None) == "other_room"
