"""How the demonstration hands the floor around: decided from what is, so that people can step in at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from signaling.messages.client import Floor
from signaling.messages.ids import SeatId

TURN_MS = 20_000
PAUSE_MS = 2_000


@dataclass(frozen=True, slots=True)
class Request:
    """This room of ours asks for the floor."""

    room: SeatId


@dataclass(frozen=True, slots=True)
class Release:
    """This room of ours gives it back."""

    room: SeatId


@dataclass(frozen=True, slots=True)
class Give:
    """Our lead gives it to this room."""

    room: SeatId


Move = Request | Release | Give


class FloorRound:
    """Room after room asks, is heard for twenty seconds, and gives the floor back; people come first."""

    def __init__(self) -> None:
        self._last: SeatId | None = None
        self._holder: SeatId | None = None
        self._changed_ms = 0.0

    def moves(self, floor: Floor, ours: Sequence[SeatId], *, lead_is_ours: bool, now_ms: float) -> tuple[Move, ...]:
        """What to do now; `ours` are the rooms that no person has taken, in their order."""
        if floor.holder != self._holder:
            self._holder, self._changed_ms = floor.holder, now_ms
        waited_ms = now_ms - self._changed_ms
        if given := self._give(floor, ours) if lead_is_ours else None:
            return (Give(given),)
        if floor.holder is not None and floor.holder in ours and waited_ms >= TURN_MS:
            return (Release(floor.holder),)
        if floor.holder is None and waited_ms >= PAUSE_MS and not set(floor.requests) & set(ours) and ours:
            self._last = _after(self._last, ours)
            return (Request(self._last),)
        return ()

    def _give(self, floor: Floor, ours: Sequence[SeatId]) -> SeatId | None:
        people = [seat for seat in floor.requests if seat not in ours]
        if people and (floor.holder is None or floor.holder in ours):
            return people[0]
        return floor.requests[0] if floor.requests and floor.holder is None else None


def _after(last: SeatId | None, ours: Sequence[SeatId]) -> SeatId:
    return ours[(ours.index(last) + 1) % len(ours)] if last in ours else ours[0]
