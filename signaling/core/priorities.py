"""What a picture is worth to the lesson, where a viewer's line does not carry all.

Letters that can be read come before the teacher's face, that before whoever holds the floor, and all before the other
rooms. Voices come first and are not here.
"""

from collections.abc import Mapping
from typing import Final, Literal

from signaling.messages.ids import Priority, Role, SeatId, Source

LEAST: Final[Priority] = "other_room"

Part = Literal["lead", "holder", "other"]

PRIORITIES: Final[Mapping[Part, Mapping[Source, Priority]]] = {
    "lead": {"courseware": "courseware", "board": "courseware", "teacher": "teacher", "students": "other_room"},
    # What a room puts up while it speaks is what everyone is to read.
    "holder": {"courseware": "courseware", "board": "courseware", "students": "floor_holder"},
    "other": {"courseware": "other_room", "board": "other_room", "students": "other_room"},
}


def priority_of(place: tuple[SeatId, Source], roles: Mapping[SeatId, Role], holder: SeatId | None) -> Priority:
    """Of one source of one seat, for whoever sees it."""
    seat, source = place
    part: Part = "lead" if roles.get(seat) == "lead" else "holder" if seat == holder else "other"
    return PRIORITIES[part].get(source, LEAST)
