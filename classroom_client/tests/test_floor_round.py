from classroom_client.demo.floor_round import FloorRound, Give, Release, Request
from signaling.messages.client import Floor
from signaling.messages.ids import SeatId

A, B, C = SeatId("A"), SeatId("B"), SeatId("C")
PERSON = SeatId("P")


def test_room_after_room_asks_is_heard_and_gives_back() -> None:
    round_ = FloorRound()

    def moves(floor: Floor, now_s: float) -> tuple[object, ...]:
        return round_.moves(floor, (A, B), lead_is_ours=True, now_ms=now_s * 1000)

    assert moves(Floor(), 1) == ()
    assert moves(Floor(), 2) == (Request(A),)
    assert moves(Floor(None, (A,)), 3) == (Give(A),)
    assert moves(Floor(A), 4) == ()
    assert moves(Floor(A), 23.9) == ()
    assert moves(Floor(A), 24) == (Release(A),)
    assert moves(Floor(), 25) == ()
    assert moves(Floor(), 27) == (Request(B),)
    assert moves(Floor(None, (B,)), 28) == (Give(B),)
    assert moves(Floor(B), 29) == ()
    assert moves(Floor(), 50) == ()
    assert moves(Floor(), 52) == (Request(A),)


def test_a_person_who_asks_is_heard_at_once_and_for_as_long_as_they_like() -> None:
    round_ = FloorRound()
    assert round_.moves(Floor(A, (B, PERSON)), (A, B), lead_is_ours=True, now_ms=0) == (Give(PERSON),)
    assert round_.moves(Floor(PERSON, (B,)), (A, B), lead_is_ours=True, now_ms=1000) == ()
    assert round_.moves(Floor(PERSON, (B,)), (A, B), lead_is_ours=True, now_ms=900_000) == ()


def test_a_person_who_teaches_gives_the_floor_themselves() -> None:
    round_ = FloorRound()
    assert round_.moves(Floor(None, (A,)), (A, B), lead_is_ours=False, now_ms=5000) == ()
    assert round_.moves(Floor(), (A, B), lead_is_ours=False, now_ms=9000) == (Request(A),)


def test_a_room_that_a_person_took_is_left_out() -> None:
    round_ = FloorRound()
    assert round_.moves(Floor(), (A, C), lead_is_ours=True, now_ms=3000) == (Request(A),)
    assert round_.moves(Floor(), (C,), lead_is_ours=True, now_ms=6000) == (Request(C),)
    assert round_.moves(Floor(), (), lead_is_ours=True, now_ms=90_000) == ()
