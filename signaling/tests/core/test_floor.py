"""signaling.core.floor"""

from hypothesis import given as example_of
from hypothesis import strategies as st

from signaling.core.floor import given, released, requested, taken, waits_or_holds
from signaling.messages.client import Floor
from signaling.messages.ids import SeatId

ROOMS = [SeatId(name) for name in ("north", "east", "south", "west")]
A, B, C = ROOMS[:3]
STEPS = st.lists(st.tuples(st.sampled_from(["request", "give", "take", "release"]), st.sampled_from(ROOMS)))


def played(steps: list[tuple[str, SeatId]]) -> Floor:
    floor = Floor()
    for what, seat in steps:
        floor = step(floor, what, seat)
    return floor


def step(floor: Floor, what: str, seat: SeatId) -> Floor:
    if what == "request":
        return requested(floor, seat)
    if what == "give":
        return given(floor, seat)
    return taken(floor) if what == "take" else released(floor, seat)


def test_requests_wait_in_the_order_they_came() -> None:
    assert requested(requested(Floor(), B), A).requests == (B, A)


def test_who_is_given_the_floor_waits_no_more_and_the_others_keep_waiting() -> None:
    floor = given(requested(requested(requested(Floor(), A), B), C), B)
    assert floor == Floor(holder=B, requests=(A, C))


def test_giving_the_floor_takes_it_from_whoever_held_it() -> None:
    assert given(Floor(holder=A), B) == Floor(holder=B)


def test_asking_twice_changes_nothing() -> None:
    assert requested(requested(Floor(), A), A).requests == (A,)
    assert requested(Floor(holder=A), A) == Floor(holder=A)


@example_of(STEPS)
def test_nobody_holds_and_waits_or_waits_twice(steps: list[tuple[str, SeatId]]) -> None:
    floor = played(steps)
    assert floor.holder not in floor.requests
    assert len(set(floor.requests)) == len(floor.requests)


@example_of(STEPS, st.sampled_from(ROOMS))
def test_release_leaves_no_trace_and_touches_no_other(steps: list[tuple[str, SeatId]], seat: SeatId) -> None:
    before = played(steps)
    after = released(before, seat)
    assert not waits_or_holds(after, seat)
    assert [room for room in ROOMS if waits_or_holds(after, room)] == [
        room for room in ROOMS if waits_or_holds(before, room) and room != seat
    ]


@example_of(STEPS, st.sampled_from(ROOMS))
def test_only_give_makes_heard(steps: list[tuple[str, SeatId]], seat: SeatId) -> None:
    before = played(steps)
    assert given(before, seat).holder == seat
    assert requested(before, seat).holder == before.holder
    assert taken(before).holder is None
