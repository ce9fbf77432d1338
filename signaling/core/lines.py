"""What the line to each seat carries: who is told, and what the lesson's log keeps of it."""

from typing import Final

from signaling.core.lesson import Lesson
from signaling.core.media import Media, place_of_track
from signaling.messages import events as ev
from signaling.messages.client import ReducedSource, SeatLine
from signaling.messages.ids import Role, SeatId
from signaling.messages.node import LineState

LOGGED_EACH_S: Final = 20.0
"""A line that wavers leaves one entry in this time, the last."""
FULL: Final = 5
"""The ladder's level with every picture as rich as it is wanted."""
_SEE_ALL: Final[frozenset[Role]] = frozenset({"lead", "assistant"})


class Lines:
    """The lines that do not carry everything, as last told, and what of them is still to be logged."""

    def __init__(self) -> None:
        self._told: dict[SeatId, SeatLine] = {}
        self._logged_at_s: dict[SeatId, float] = {}
        self._unlogged: dict[SeatId, ev.PicturesFitted] = {}

    def look(self, media: Media) -> frozenset[SeatId]:
        """Takes in what the node holds now; returns whose line is another than before."""
        peers = {seat: peer for (seat, connection), peer in media.peers.items() if connection == "subscribe"}
        lines = {seat: _line(seat, peer.line) for seat, peer in peers.items() if peer.line is not None}
        changed = frozenset(seat for seat in self._told | lines if self._told.get(seat) != lines.get(seat))
        for seat in changed:
            if seat in peers:
                self._unlogged[seat] = _event(seat, lines.get(seat))
            else:
                self._unlogged.pop(seat, None)
        self._told = lines
        return changed

    def shown_to(self, lesson: Lesson, seat: SeatId) -> tuple[SeatLine, ...]:
        """A seat's own line; all of them for who leads the lesson."""
        return tuple(line for whose, line in self._told.items() if whose == seat or _sees_all(lesson, seat))

    def concern(self, lesson: Lesson, seat: SeatId, changed: frozenset[SeatId]) -> bool:
        """Tells whether a seat hears of any of these."""
        return seat in changed or (bool(changed) and _sees_all(lesson, seat))

    def due(self, now_s: float) -> tuple[ev.PicturesFitted, ...]:
        """What is to be logged now."""
        due = [seat for seat in self._unlogged if now_s >= self._due_s(seat)]
        self._logged_at_s |= dict.fromkeys(due, now_s)
        return tuple(self._unlogged.pop(seat) for seat in due)

    def deadline_s(self) -> float | None:
        """When the next is to be logged."""
        return min((self._due_s(seat) for seat in self._unlogged), default=None)

    def _due_s(self, seat: SeatId) -> float:
        return self._logged_at_s.get(seat, float("-inf")) + LOGGED_EACH_S


def _sees_all(lesson: Lesson, seat: SeatId) -> bool:
    return lesson.seats[seat].role in _SEE_ALL


def _line(seat: SeatId, line: LineState) -> SeatLine:
    places = ((place_of_track(each.track), each) for each in line.reduced)
    reduced = tuple(ReducedSource(*place, each.lines, each.paused) for place, each in places if place is not None)
    return SeatLine(seat, line.level, line.bit_rate, reduced)


def _event(seat: SeatId, line: SeatLine | None) -> ev.PicturesFitted:
    if line is None:
        return ev.PicturesFitted(seat, FULL, None, "every picture is as rich as it is wanted")
    pictures = "; ".join(_words(each) for each in line.reduced)
    return ev.PicturesFitted(seat, line.level, line.bit_rate, f"{pictures}: line {line.bit_rate // 1000} kbit/s")


def _words(reduced: ReducedSource) -> str:
    name = f"{reduced.source} of {reduced.seat}"
    if reduced.paused:
        return f"{name} paused"
    return f"{name} reduced" if reduced.lines is None else f"{name} reduced to {reduced.lines}p"
