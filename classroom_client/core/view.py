"""What a client knows of its lesson: the snapshot and every change after it, folded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from signaling.messages import client as wire
from signaling.messages.ids import LessonState, SeatId, Source


@dataclass(frozen=True, slots=True)
class LessonView:
    """The lesson as this client sees it."""

    seat: SeatId | None = None
    """Our own."""
    state: LessonState | None = None
    title: str = ""
    seats: Mapping[SeatId, wire.Seat] = field(default_factory=dict)
    sources: Mapping[tuple[SeatId, Source], wire.SourceState] = field(default_factory=dict)
    floor: wire.Floor = wire.Floor()
    slots: tuple[wire.SlotState, ...] = ()


def fold(view: LessonView, message: wire.ServerMessage) -> LessonView:
    """The view after a message; messages that say nothing of the lesson leave it as it is."""
    match message:
        case wire.Welcome():
            mine = replace(view, seat=message.seat)
            return mine if message.snapshot is None else _snapshot(mine, message.snapshot)
        case wire.SeatChanged(seat=seat):
            return replace(view, seats={**view.seats, seat.seat: seat})
        case wire.SourceChanged(source=source):
            return replace(view, sources={**view.sources, (source.seat, source.source): source})
        case wire.SourceEnded():
            gone = (message.seat, message.source)
            return replace(view, sources={key: value for key, value in view.sources.items() if key != gone})
        case wire.FloorChanged(floor=floor):
            return replace(view, floor=floor)
        case wire.Slots(slots=slots):
            return replace(view, slots=slots)
        case wire.LessonChanged(state=state):
            return replace(view, state=state)
        case _:
            return view


def _snapshot(view: LessonView, snapshot: wire.Snapshot) -> LessonView:
    return replace(
        view,
        state=snapshot.state,
        title=snapshot.title,
        seats={seat.seat: seat for seat in snapshot.seats},
        sources={(source.seat, source.source): source for source in snapshot.sources},
        floor=snapshot.floor,
    )
