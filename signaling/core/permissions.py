"""Who may do what: one table, role by action by mode, for messages and for routes."""

from collections.abc import Mapping
from typing import Final, Literal

from signaling.messages.ids import Mode, Role, Source

Who = Role | Literal["nobody", "calendar"]
"""A role, one who has shown neither key nor seat, or a calendar program with the key of a feed."""

Action = str
"""A message's type, or the name of a route in the route table."""

_SEATS: Final[frozenset[Who]] = frozenset({"lead", "assistant", "room", "listener", "attendee"})
_TEACHERS: Final[frozenset[Who]] = frozenset({"lead", "assistant", "room"})
_MEMBERS: Final[frozenset[Who]] = _SEATS | {"recorder"}
"""Who sits in a lesson; the recorder has no invitation, its seat is made for it."""
_OPERATOR: Final[frozenset[Who]] = frozenset({"operator"})
_LEAD: Final[frozenset[Who]] = frozenset({"lead"})
_ROOM: Final[frozenset[Who]] = frozenset({"room"})
_ANYONE: Final[frozenset[Who]] = _SEATS | _OPERATOR | {"reviewer", "patrol", "recorder", "nobody", "calendar"}

_DEDICATED: Final[Mapping[Action, frozenset[Who]]] = {
    "join": _MEMBERS,
    "leave": _MEMBERS,
    "publish": frozenset({"lead", "room"}),
    "subscribe": _MEMBERS,
    "subscribe_answer": _MEMBERS,
    "hand": frozenset({"assistant", "room"}),
    "floor_request": _ROOM,
    "floor_release": _ROOM,
    "floor_give": _LEAD,
    "floor_take": _LEAD,
    "send_text": _TEACHERS,
    "read_text": _TEACHERS,
    "send_private": _LEAD | {"assistant"},
    "send_cue": frozenset({"assistant", "room"}),
    "cue_seen": _LEAD,
    "pause_recording": _LEAD,
    "pause_lesson": _LEAD | {"assistant"},
    "resume_lesson": _LEAD,
    "shut_down": _LEAD,
    "end": _LEAD,
    "read_lesson": _MEMBERS | _OPERATOR,
    "end_lesson": _LEAD | _OPERATOR,
    "pause_by_route": _LEAD | _OPERATOR,
    "resume_by_route": _LEAD | _OPERATOR,
    "shut_down_by_route": _LEAD | _OPERATOR,
    "cancel_lesson": _OPERATOR,
    "open_lesson": _OPERATOR,
    "invite": _OPERATOR,
    "read_session": _MEMBERS,
    "forget_session": _SEATS,
    "media_token": _SEATS,
    "seat_library_code": _SEATS,
}

OUTSIDE_LESSONS: Final[Mapping[Action, frozenset[Who]]] = {
    "create_lesson": _OPERATOR,
    "list_lessons": _OPERATOR,
    "start_session": _ANYONE,
    "library_code": _OPERATOR,
    "read_keys": _ANYONE,
    "read_health": _ANYONE,
    "read_metrics": _OPERATOR,
    "read_recorder": _OPERATOR,
    "check_import": _OPERATOR,
    "take_import": _OPERATOR,
    "read_template": _OPERATOR,
    "read_plan": _OPERATOR,
    "read_substitutes": _OPERATOR,
    "change_lesson": _OPERATOR,
    "make_feed": _OPERATOR,
    "list_feeds": _OPERATOR,
    "revoke_feed": _OPERATOR,
    "read_calendar": _OPERATOR | {"calendar"},
}
"""What belongs to no lesson, and so to no mode."""

IN_LESSONS: Final[Mapping[Mode, Mapping[Action, frozenset[Who]]]] = {
    "dedicated": _DEDICATED,
    "master_teacher": {},
    "famous_school": {},
}

INVITABLE: Final[Mapping[Mode, frozenset[Who]]] = {
    "dedicated": _SEATS,
    "master_teacher": frozenset(),
    "famous_school": frozenset(),
}
"""Roles that have seats in a lesson of this mode."""

_PUBLISHABLE: Final[Mapping[Role, tuple[Source, ...]]] = {
    "lead": ("teacher", "students", "board", "courseware", "teacher_mic", "room_mic", "courseware_audio"),
    "room": ("students", "board", "courseware", "room_mic"),
}

WHILE_PAUSED: Final[frozenset[Action]] = frozenset(
    {
        "join",
        "leave",
        "publish",
        "subscribe",
        "subscribe_answer",
        "floor_take",
        "floor_release",
        "send_private",
        "send_cue",
        "cue_seen",
        "pause_recording",
        "pause_lesson",
        "resume_lesson",
        "shut_down",
        "end",
    }
)
"""Messages that a paused lesson takes: connections may be made, and what was given may be given back; nobody talks, but
the lead and the assistants to one another."""

MESSAGE_ACTIONS: Final[tuple[Action, ...]] = (
    "join",
    "publish",
    "subscribe",
    "subscribe_answer",
    "hand",
    "floor_request",
    "floor_give",
    "floor_take",
    "floor_release",
    "send_text",
    "send_private",
    "send_cue",
    "cue_seen",
    "pause_recording",
    "pause_lesson",
    "resume_lesson",
    "shut_down",
    "end",
    "leave",
)


def allowed(mode: Mode | None, action: Action) -> frozenset[Who]:
    """Names all who may do this; nobody may do what is in no table."""
    if action in OUTSIDE_LESSONS:
        return OUTSIDE_LESSONS[action]
    if mode is None:
        return frozenset()
    return IN_LESSONS[mode].get(action, frozenset())


def may(mode: Mode | None, who: Who, action: Action) -> bool:
    """Answers from the table, in a lesson of this mode or outside of lessons."""
    return who in allowed(mode, action)


def actions_of(mode: Mode, role: Role) -> tuple[Action, ...]:
    """Message types that the role may send, in the order of a lesson."""
    return tuple(action for action in MESSAGE_ACTIONS if may(mode, role, action))


def publishable(mode: Mode, role: Role) -> tuple[Source, ...]:
    """Sources that the role may publish."""
    return _PUBLISHABLE.get(role, ()) if may(mode, role, "publish") else ()


def slots_of(role: Role, rooms: int) -> tuple[int, int]:
    """Video and audio slots of a role; as many of each: every picture has a place for its voice beside it."""
    return (max(4, rooms), max(4, rooms)) if role == "lead" else (5, 5)
