"""A take: what happens in a lesson comes in, with the node's time; orders to the disk and to the node come out.

It takes exactly what the policy allows, and says `recording` only while frames arrive and reach the disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType
from typing import Final

from recorder.core.manifest import Manifest
from recorder.core.names import GapCause, SegmentNumber, TakeState, TakeTime
from recorder.core.orders import Frame, Keep, Order
from recorder.core.records import (
    ClockSet,
    GapStarted,
    Marked,
    Policy,
    Record,
    Software,
    StateChanged,
    TakeOpened,
    TakeResumed,
    TrackAdded,
)
from recorder.core.states import OVER, Happening, after
from recorder.core.timeline import NodeTime, Stream, Timeline
from recorder.core.track import TrackRun
from signaling.messages.ids import SeatId, Source, TrackId, kind_of

SILENCE_US: Final = 2_000_000
_RESUMED: Final[dict[GapCause, str]] = {
    "recorder_restarted": "the recorder was started again",
    "disk_full": "the disk has room again",
    "disk_slow": "the disk takes data again",
    "disk_failed": "the disk takes data again",
}


@dataclass(frozen=True, slots=True)
class NodeClock:
    """Take time `at_us` is `node_us` on the clock of this boot of the node."""

    boot: str
    node_us: NodeTime
    at_us: TakeTime = TakeTime(0)

    @property
    def origin(self) -> NodeTime:
        return NodeTime(self.node_us - self.at_us)


class Take:
    """One recording of one lesson."""

    def __init__(self, policy: Policy, clock: NodeClock) -> None:
        self.policy: Final = policy
        self.strangers = 0
        """Frames of tracks that are not to be taken: the node should not have sent them."""
        self._state: TakeState = "waiting"
        self._clock = clock
        self._timeline = Timeline(clock.origin)
        self._tracks: dict[TrackId, TrackRun] = {}
        self._numbers = count(1)
        self._trouble: GapCause | None = None
        self._media_us = TakeTime(0)

    @classmethod
    def begun(cls, opened: TakeOpened, clock: NodeClock, reason: str = "") -> tuple["Take", list[Order]]:
        """A new take; `reason` says why it begins late, if it does."""
        take = cls(opened.policy, clock)
        waiting = StateChanged(TakeTime(0), "waiting", reason or "no track has sent anything yet")
        return take, [Keep(opened), Keep(take._clock_set()), Keep(waiting)]

    @classmethod
    def resumed(
        cls,
        manifest: Manifest,
        clock: NodeClock,
        software: Software,
        dropped_bytes: int,
        cause: GapCause = "recorder_restarted",
        before: "Take | None" = None,
    ) -> tuple["Take", list[Order]]:
        """Goes on with a take that another process left, or this one (`before`) when the disk failed."""
        take = cls(manifest.policy, clock)
        if before is not None:
            take._timeline = before._timeline
        take._numbers = count(1 + max((segment.segment for segment in manifest.segments), default=0))
        at = clock.at_us
        records: list[Record] = [TakeResumed(at, software, dropped_bytes), take._clock_set()]
        open_gaps = {gap.track: gap.cause for gap in manifest.gaps if gap.end_us is None}
        for track in manifest.tracks:
            ends = [segment.end_us for segment in manifest.segments if segment.track == track.track]
            added = TrackAdded(at, track.track, track.seat, track.classroom, track.source, track.kind)
            run = TrackRun(added, take._number, "resumed", open_gaps.get(track.track, cause))
            take._tracks[track.track] = run
            if track.track not in open_gaps:
                end = max(ends, default=track.added_us)
                records.append(GapStarted(track.track, end, cause))
        records.append(StateChanged(at, "waiting", _RESUMED[cause]))
        return take, [*map(Keep, records), *take._block_all("absent", at)]

    @property
    def state(self) -> TakeState:
        return self._state

    @property
    def tracks(self) -> Mapping[TrackId, TrackRun]:
        """What the policy takes and was published."""
        return MappingProxyType(self._tracks)

    def allows(self, source: Source) -> bool:
        """Whether the policy takes it at all."""
        return source in self.policy.sources

    def track_started(
        self, track: TrackId, seat: SeatId, classroom: str, source: Source, now: NodeTime, heard: bool = True
    ) -> list[Order]:
        """A source is published; nothing happens if the policy does not take it."""
        if self._state in OVER or not self.allows(source):
            return []
        at = self._at(now)
        orders: list[Order] = []
        if track in self._tracks:
            orders += self._tracks[track].unblock("absent", at)
        else:
            added = TrackAdded(at, track, seat, classroom, source, kind_of(source))
            self._tracks[track] = TrackRun(added, self._number, "opened", "absent")
            orders += [Keep(added), Keep(GapStarted(track, at, "absent"))]
            orders += self._blocked_by_now(track, at)
        return [*orders, *self.track_heard(track, heard, now)]

    def track_stopped(self, track: TrackId, now: NodeTime) -> list[Order]:
        """Its publisher has gone, or has ended it."""
        run = self._tracks.get(track)
        return [] if run is None or self._state in OVER else run.block("absent", self._at(now))

    def track_heard(self, track: TrackId, heard: bool, now: NodeTime) -> list[Order]:
        """The floor: a room that is not to be heard is not taken either, unless the policy says so."""
        run = self._tracks.get(track)
        if run is None or run.added.kind == "video" or self.policy.muted_sound or self._state in OVER:
            return []
        return run.unblock("muted", self._at(now)) if heard else run.block("muted", self._at(now))

    def frame(self, frame: Frame) -> list[Order]:
        """An encoded frame."""
        run = self._tracks.get(frame.track)
        if run is None:
            self.strangers += 1
            return []
        if self._state in OVER:
            return []
        stream = Stream(frame.peer, frame.track, frame.ssrc, frame.clock_rate)
        placed = self._timeline.place(stream, frame.rtp, frame.arrived, frame.captured)
        arrived_us = self._at(frame.arrived)
        orders, taken = run.frame(frame, placed, arrived_us)
        if taken:
            self._media_us = max(self._media_us, placed.at_us, arrived_us)
            orders += self._happens("media", self._media_us, f"{run.added.source} arrives")
        return orders

    def mark(self, mark: Marked) -> list[Order]:
        return [] if self._state in OVER else [Keep(mark)]

    def paused(self, now: NodeTime) -> list[Order]:
        """Nothing is taken until `goes_on`; the lesson may go on."""
        if self._state in OVER or self._state == "paused":
            return []
        at = self._at(now)
        return [*self._block_all("paused", at), *self._happens("pause", at, "the recording is paused")]

    def goes_on(self, now: NodeTime) -> list[Order]:
        if self._state != "paused":
            return []
        at = self._at(now)
        return [*self._unblock_all("paused", at), *self._happens("go_on", at, "the recording goes on")]

    def disk_fails(self, cause: GapCause, note: str, now: NodeTime) -> list[Order]:
        """`disk_full` or `disk_slow`: a gap in every track, until `disk_works`."""
        if self._state in OVER or self._trouble == cause:
            return []
        at, before, self._trouble = self._at(now), self._trouble, cause
        orders = self._block_all(cause, at, note)
        orders += self._unblock_all(before, at) if before else []
        return [*orders, *self._silent(at, note)]

    def disk_works(self, now: NodeTime) -> list[Order]:
        """Room and time again."""
        if self._trouble is None:
            return []
        cause, self._trouble = self._trouble, None
        return self._unblock_all(cause, self._at(now))

    def node_restarted(self, clock: NodeClock) -> list[Order]:
        """The node has begun anew, and its clock with it; all publishers come again."""
        if self._state in OVER:
            return []
        orders = self._block_all("node_restarted", clock.at_us) + self._block_all("absent", clock.at_us)
        self._clock, self._timeline = clock, Timeline(clock.origin)
        orders += [Keep(self._clock_set()), *self._unblock_all("node_restarted", clock.at_us)]
        return [*orders, *self._silent(clock.at_us, "the node was started again")]

    def tick(self, now: NodeTime) -> list[Order]:
        """To be called several times a second: writes what waits, and notices silence."""
        if self._state in OVER:
            return []
        at = self._at(now)
        orders = [order for run in self._tracks.values() for order in run.tick(at)]
        if at - self._media_us >= SILENCE_US:
            orders += self._silent(at, "nothing arrives")
        return orders

    def end(self, now: NodeTime, reason: str) -> list[Order]:
        """The lesson is over: everything is written out; `finished` follows when it is on the disk."""
        if self._state in OVER:
            return []
        at = self._at(now)
        orders = [order for run in self._tracks.values() for order in run.close(at)]
        return [*orders, *self._happens("end", at, reason)]

    def left(self, now: NodeTime) -> list[Order]:
        """This process ends: everything is written out, and the next one goes on with `resumed`."""
        if self._state in OVER:
            return []
        at = self._at(now)
        orders = [order for run in self._tracks.values() for order in run.leave(at)]
        return [*orders, *self._silent(at, "the recorder was stopped")]

    def finished(self, now: NodeTime, reason: str) -> list[Order]:
        return self._happens("finish", self._at(now), reason)

    def failed(self, now: NodeTime, reason: str) -> list[Order]:
        """It cannot go on; what was named stays readable."""
        return [] if self._state in ("closed", "failed") else self._happens("failure", self._at(now), reason)

    def time(self, now: NodeTime) -> TakeTime:
        """Take time."""
        return self._at(now)

    def _at(self, now: NodeTime) -> TakeTime:
        return TakeTime(max(0, now - self._clock.origin))

    def _number(self) -> SegmentNumber:
        return SegmentNumber(next(self._numbers))

    def _clock_set(self) -> ClockSet:
        return ClockSet(self._clock.at_us, self._clock.boot, self._clock.node_us)

    def _happens(self, happening: Happening, at: TakeTime, reason: str) -> list[Order]:
        before, self._state = self._state, after(self._state, happening)
        return [] if before == self._state else [Keep(StateChanged(at, self._state, reason))]

    def _silent(self, at: TakeTime, reason: str) -> list[Order]:
        return self._happens("silence", at, reason) if self._state == "recording" else []

    def _blocked_by_now(self, track: TrackId, at: TakeTime) -> list[Order]:
        """A track that comes while nothing is taken waits like all others."""
        orders = self._tracks[track].block("paused", at) if self._state == "paused" else []
        return [*orders, *(self._tracks[track].block(self._trouble, at) if self._trouble else [])]

    def _block_all(self, cause: GapCause, at: TakeTime, note: str = "") -> list[Order]:
        return [order for run in self._tracks.values() for order in run.block(cause, at, note)]

    def _unblock_all(self, cause: GapCause, at: TakeTime) -> list[Order]:
        return [order for run in self._tracks.values() for order in run.unblock(cause, at)]
