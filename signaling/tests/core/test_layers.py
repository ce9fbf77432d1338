"""signaling.core.layers"""

import pytest

from signaling.core.layers import MIDDLE, RICH, SMALL, best_layers, nearest, stage
from signaling.messages.ids import Role, SeatId, Source

LEAD, EAST, WEST, GUEST = (SeatId(name) for name in ("lead", "east", "west", "guest"))
ROLES: dict[SeatId, Role] = {LEAD: "lead", EAST: "room", WEST: "room", GUEST: "attendee"}
TEACHER, COURSEWARE = (LEAD, "teacher"), (LEAD, "courseware")
Place = tuple[SeatId, Source]


def of(viewer: Role, *shown: tuple[SeatId, str], holder: SeatId | None = None) -> list[int]:
    places: list[Place] = list(shown)  # type: ignore[arg-type]
    return list(best_layers(viewer, places, ROLES, holder).values())


def test_the_recorder_takes_the_best_of_everything() -> None:
    assert of("recorder", TEACHER, (EAST, "students"), (WEST, "students")) == [RICH] * 3


def test_the_teacher_fills_the_page_of_a_room_and_other_rooms_are_small() -> None:
    assert of("room", TEACHER, (WEST, "students")) == [RICH, SMALL]
    assert of("attendee", (EAST, "students"), TEACHER, (WEST, "students")) == [SMALL, RICH, SMALL]


def test_beside_the_courseware_the_teachers_face_comes_in_the_middle() -> None:
    assert of("room", TEACHER, COURSEWARE, (LEAD, "students")) == [MIDDLE, RICH, SMALL]


def test_what_the_holder_puts_up_comes_before_the_teachers_face_and_after_the_courseware() -> None:
    slides = (WEST, "courseware")
    assert of("room", TEACHER, slides, (WEST, "students"), holder=WEST) == [MIDDLE, RICH, SMALL]
    assert of("room", TEACHER, slides, COURSEWARE, holder=WEST) == [MIDDLE, SMALL, RICH]


def test_an_absent_teacher_still_has_the_stage() -> None:
    assert stage([(EAST, "students")], ROLES, None) == TEACHER
    assert of("room", (EAST, "students"), (WEST, "students"), holder=WEST) == [SMALL, SMALL]
    assert stage([(EAST, "students")], {EAST: "room"}, None) == (EAST, "students")
    assert stage([], {}, None) is None


@pytest.mark.parametrize(("rooms", "usual"), [(1, RICH), (4, RICH), (5, SMALL), (9, SMALL)])
def test_the_lead_sees_few_rooms_large_and_of_many_who_holds_the_floor(rooms: int, usual: int) -> None:
    seats = [SeatId(f"r{number}") for number in range(rooms)]
    shown: list[Place] = [(seat, "students") for seat in seats]
    layers = best_layers("lead", shown, {seat: "room" for seat in seats}, seats[0])
    assert list(layers.values()) == [RICH] + [usual] * (rooms - 1)


@pytest.mark.parametrize(
    ("wanted", "layers", "rid"),
    [
        (RICH, ("l", "m", "h"), "h"),
        (MIDDLE, ("h", "m", "l"), "m"),
        (SMALL, ("l", "m", "h"), "l"),
        (MIDDLE, ("l", "h"), "l"),
        (SMALL, ("m", "h"), "m"),
        (RICH, ("l", "m"), "m"),
        (SMALL, ("0", "1", "2"), None),
        (SMALL, ("l", "1"), None),
        (SMALL, (), None),
    ],
)
def test_the_nearest_layer_is_never_richer_unless_there_is_no_smaller(
    wanted: int, layers: tuple[str, ...], rid: str | None
) -> None:
    assert nearest(wanted, layers) == rid
