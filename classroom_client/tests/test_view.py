from classroom_client.core.view import LessonView, fold
from signaling.messages import client as wire
from signaling.messages.ids import LessonId, Mid, SeatId, SessionId, TrackId

SEAT = SeatId("S1")


def test_the_view_is_the_snapshot_and_every_change_after_it() -> None:
    source = wire.SourceState(SEAT, "students", "video", flowing=True)
    messages: list[wire.ServerMessage] = [
        wire.Welcome(
            1,
            SessionId("X"),
            SEAT,
            "room",
            "a",
            False,
            0,
            (),
            (),
            wire.Snapshot(LessonId("L"), "t", "dedicated", "open", (), (), (), wire.Floor()),
        ),
        wire.SeatChanged(1, wire.Seat(SEAT, "room", "a", present=True)),
        wire.SourceChanged(2, source),
        wire.FloorChanged(3, wire.Floor(holder=SEAT)),
        wire.Slots(4, (wire.SlotState(Mid("0"), "video", SEAT, "students", TrackId("S1:students")),)),
        wire.LessonChanged(5, "live"),
        wire.Done("c1"),
    ]
    view = LessonView()
    for message in messages:
        view = fold(view, message)
    assert (view.seat, view.state, view.floor.holder) == (SEAT, "live", SEAT)
    assert view.seats[SEAT].present and view.sources[(SEAT, "students")].flowing and view.slots[0].mid == "0"
    assert not fold(view, wire.SourceEnded(6, SEAT, "students")).sources
