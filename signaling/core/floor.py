"""The floor: which room is heard beside the lead, and who waits for it."""

from dataclasses import replace

from signaling.messages.client import Floor
from signaling.messages.ids import SeatId


def requested(floor: Floor, seat: SeatId) -> Floor:
    """A room joins the end of the queue; one that holds or waits stays where it is."""
    if waits_or_holds(floor, seat):
        return floor
    return replace(floor, requests=(*floor.requests, seat))


def given(floor: Floor, seat: SeatId) -> Floor:
    """A room is heard, and only that one."""
    return Floor(holder=seat, requests=_without(floor.requests, seat))


def taken(floor: Floor) -> Floor:
    """Nobody but the lead is heard; those who wait go on waiting."""
    return replace(floor, holder=None)


def released(floor: Floor, seat: SeatId) -> Floor:
    """A room is neither heard nor waiting any more."""
    holder = None if floor.holder == seat else floor.holder
    return Floor(holder=holder, requests=_without(floor.requests, seat))


def waits_or_holds(floor: Floor, seat: SeatId) -> bool:
    """Tells whether a room is heard or in the queue."""
    return seat == floor.holder or seat in floor.requests


def _without(requests: tuple[SeatId, ...], seat: SeatId) -> tuple[SeatId, ...]:
    return tuple(waiting for waiting in requests if waiting != seat)
