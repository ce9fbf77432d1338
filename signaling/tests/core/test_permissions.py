"""signaling.core.permissions"""

from typing import get_args

import pytest

from signaling.core.permissions import (
    IN_LESSONS,
    INVITABLE,
    MESSAGE_ACTIONS,
    OUTSIDE_LESSONS,
    Who,
    actions_of,
    allowed,
    may,
    publishable,
    slots_of,
)
from signaling.messages import client
from signaling.messages.ids import Mode, Role

ROLES: tuple[Role, ...] = get_args(Role)


def test_every_client_message_but_hello_has_a_row() -> None:
    types = {form.__dataclass_fields__["type"].default for form in get_args(client.ClientMessage)} - {"hello"}
    assert set(MESSAGE_ACTIONS) == types
    assert types <= set(IN_LESSONS["dedicated"])


def test_nobody_may_do_what_is_in_no_table() -> None:
    assert allowed("dedicated", "fly") == frozenset()
    assert not any(may(None, role, "floor_give") for role in ROLES)


@pytest.mark.parametrize("mode", ["master_teacher", "famous_school"])
def test_modes_that_are_not_there_yet_allow_nothing(mode: Mode) -> None:
    assert IN_LESSONS[mode] == {} and INVITABLE[mode] == frozenset()
    assert not any(may(mode, role, action) for role in ROLES for action in MESSAGE_ACTIONS)
    assert all(publishable(mode, role) == () for role in ROLES)


def test_what_is_outside_of_lessons_is_not_inside_as_well() -> None:
    assert not set(OUTSIDE_LESSONS) & set(IN_LESSONS["dedicated"])


@pytest.mark.parametrize("who", ["reviewer", "patrol", "nobody"])
def test_who_has_no_seat_in_a_dedicated_lesson_may_do_nothing_there(who: Who) -> None:
    assert not any(may("dedicated", who, action) for action in IN_LESSONS["dedicated"])


def test_the_protocols_table_of_roles() -> None:
    common = {"join", "leave", "subscribe", "subscribe_answer"}
    lead = {"publish", "floor_give", "floor_take", "end", "send_text", "pause_recording", "pause_lesson"}
    lead |= {"resume_lesson", "shut_down", "send_private", "cue_seen"}
    assert set(actions_of("dedicated", "lead")) == common | lead
    assert set(actions_of("dedicated", "assistant")) == common | {
        "hand",
        "send_text",
        "send_private",
        "send_cue",
        "pause_lesson",
    }
    floor = {"floor_request", "floor_release"}
    assert set(actions_of("dedicated", "room")) == common | floor | {"publish", "hand", "send_text", "send_cue"}
    assert set(actions_of("dedicated", "listener")) == common
    assert set(actions_of("dedicated", "attendee")) == common
    assert set(actions_of("dedicated", "recorder")) == common


def test_the_protocols_table_of_sources() -> None:
    assert len(publishable("dedicated", "lead")) == 7
    assert publishable("dedicated", "room") == ("students", "board", "courseware", "room_mic")
    assert [role for role in ROLES if publishable("dedicated", role)] == ["lead", "room"]


@pytest.mark.parametrize(("rooms", "slots"), [(1, (4, 4)), (4, (4, 4)), (9, (9, 9))])
def test_the_lead_has_a_slot_per_room(rooms: int, slots: tuple[int, int]) -> None:
    assert slots_of("lead", rooms) == slots
    assert slots_of("room", rooms) == (5, 5)
