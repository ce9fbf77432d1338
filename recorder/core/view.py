"""What the recorder knows of a lesson, from what every seat is told, and what follows of it for the take."""

from dataclasses import dataclass
from typing import Literal

from signaling.messages import client as say
from signaling.messages.ids import LessonState, Mid, Role, SeatId, Source, TrackId, source_mark, track_id


@dataclass(frozen=True, slots=True)
class Started:
    """A source is published."""

    seat: SeatId
    classroom: str
    source: Source
    heard: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    track: TrackId


@dataclass(frozen=True, slots=True)
class Heard:
    """The floor came to a room, or left it."""

    track: TrackId
    heard: bool


@dataclass(frozen=True, slots=True)
class Paused:
    """The lead wants nothing recorded, or the recording to go on."""

    paused: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """Something worth finding."""

    kind: Literal["lesson", "floor", "courseware"]
    label: str
    seat: SeatId | None
    classroom: str = ""


Step = Started | Stopped | Heard | Paused | Chapter


class LessonView:
    """One lesson, as its messages tell."""

    def __init__(self) -> None:
        self.slots: dict[Mid, TrackId | None] = {}
        """What arrives where; the track without its copy's codec."""
        self.state: LessonState = "open"
        self._seats: dict[SeatId, tuple[Role, str]] = {}
        self._sources: set[tuple[SeatId, Source]] = set()
        self._holder: SeatId | None = None
        self.paused = False
        """The lead wants nothing recorded."""
        self._marks: dict[int, TrackId] = {}
        """Also of sources that have ended: the last of their frames may still come."""

    @property
    def sources(self) -> list[tuple[SeatId, Source]]:
        """All that is published."""
        return sorted(self._sources)

    def track_in(self, mid: Mid, mark: int | None) -> TrackId | None:
        """Whose a frame is: the mark in its packets tells it before and after any message; else what the slot holds."""
        return self.slots.get(mid) if mark is None else self._marks.get(mark)

    def told(self, message: say.ServerMessage) -> list[Step]:
        """What a message changes."""
        match message:
            case say.Welcome(snapshot=say.Snapshot() as snapshot):
                return self._all(snapshot)
            case say.Slots(slots=slots):
                self.slots = {
                    slot.mid: track_id(slot.seat, slot.source) if slot.seat and slot.source else None for slot in slots
                }
            case say.SeatChanged(seat=seat):
                self._seats[seat.seat] = (seat.role, seat.classroom)
            case say.SourceChanged(source=source):
                return self._published(source.seat, source.source)
            case say.SourceEnded(seat=gone, source=ended):
                return self._ended(gone, ended)
            case say.FloorChanged(floor=floor):
                return self._floor(floor.holder)
            case say.RecordingChanged(pause=pause):
                return self._pause(pause != "off")
            case say.LessonChanged(state=state):
                self.state = state
                return [Chapter("lesson", state, None)]
            case _:
                pass
        return []

    def _all(self, snapshot: say.Snapshot) -> list[Step]:
        self.state = snapshot.state
        self._seats = {seat.seat: (seat.role, seat.classroom) for seat in snapshot.seats}
        there = {(state.seat, state.source) for state in snapshot.sources}
        steps = self._pause(snapshot.recording_pause != "off")
        steps += [step for seat, source in sorted(self._sources - there) for step in self._ended(seat, source)]
        steps += self._floor(snapshot.floor.holder)
        return steps + [step for seat, source in sorted(there) for step in self._published(seat, source)]

    def _pause(self, paused: bool) -> list[Step]:
        before, self.paused = self.paused, paused
        return [] if before == paused else [Paused(paused)]

    def _published(self, seat: SeatId, source: Source) -> list[Step]:
        if (seat, source) in self._sources:
            return []
        self._sources.add((seat, source))
        self._marks[source_mark(seat, source)] = track_id(seat, source)
        _, classroom = self._seats.get(seat, ("room", ""))
        chapter = [self._chapter("courseware", "courseware_started", seat)] if source == "courseware" else []
        return [Started(seat, classroom, source, self._is_heard(seat)), *chapter]

    def _ended(self, seat: SeatId, source: Source) -> list[Step]:
        if (seat, source) not in self._sources:
            return []
        self._sources.discard((seat, source))
        chapter = [self._chapter("courseware", "courseware_ended", seat)] if source == "courseware" else []
        return [Stopped(track_id(seat, source)), *chapter]

    def _floor(self, holder: SeatId | None) -> list[Step]:
        before, self._holder = self._holder, holder
        if before == holder:
            return []
        moved = [seat for seat in (before, holder) if seat is not None]
        steps: list[Step] = [
            Heard(track_id(seat, source), self._is_heard(seat))
            for seat, source in sorted(self._sources)
            if seat in moved
        ]
        return [*steps, self._chapter("floor", "floor_given" if holder else "floor_back", holder or before)]

    def _chapter(self, kind: Literal["floor", "courseware"], label: str, seat: SeatId | None) -> Chapter:
        return Chapter(kind, label, seat, self._seats[seat][1] if seat in self._seats else "")

    def _is_heard(self, seat: SeatId) -> bool:
        role, _ = self._seats.get(seat, ("room", ""))
        return role == "lead" or seat == self._holder
