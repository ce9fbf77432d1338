"""One lesson's take on a disk, begun or resumed, through failures of that disk."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from recorder.core.index import IndexTip
from recorder.core.keys import LessonKey, MasterKey
from recorder.core.names import GapCause, TakeId
from recorder.core.orders import AskKeyframe, Frame, Order
from recorder.core.records import About, Marked, Policy, Software, TakeOpened
from recorder.core.resume import clock_now
from recorder.core.shown import ShownState, shown
from recorder.core.space import SpaceRules, enough_again, refusal, shortage
from recorder.core.states import OVER
from recorder.core.take import NodeClock, Take
from recorder.core.timeline import NodeTime
from recorder.disk.files import Files
from recorder.disk.take_files import INDEX, MANIFEST, Salvaged, TakeFiles, folder_of, lesson_key, salvaged
from signaling.messages.ids import LessonId, SeatId, Source, TrackId, track_id

TRY_AGAIN_US: Final = 1_000_000


class NoRoom(Exception):
    """A take must not begin; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be recorded."""

    lesson: LessonId
    title: str
    policy: Policy
    take: TakeId
    """Its name, should it be a new one."""
    about: About = About()


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, by the machine's two clocks."""

    now: NodeTime
    wall_ms: int
    boot: str
    """Names the boot of the machine, as `now` begins anew with it."""


@dataclass(frozen=True, slots=True)
class Published:
    seat: SeatId
    classroom: str
    source: Source
    heard: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where takes lie, and by what rules."""

    files: Files
    root: Path
    master: MasterKey
    rules: SpaceRules
    software: Software


class Recording:
    """Takes what happens in a lesson, in order, and survives what a disk does."""

    def __init__(self, shelf: Shelf, ask: Ask, moment: Moment, running_bytes_per_s: float = 0.0) -> None:
        self._shelf: Final = shelf
        self._ask: Final = ask
        self._published: dict[TrackId, Published] = {}
        self._paused = False
        self._trouble: tuple[GapCause, str] | None = None
        """The disk raised: nothing is written until it can be gone on with."""
        self._tried = moment.now
        self._asked: set[TrackId] = set()
        self._held: list[Order] | None = None
        """Decided and not carried out yet, within `together`."""
        name = unfinished(shelf, ask.lesson)
        if name is None:
            free = shelf.files.free_bytes(shelf.root)
            if words := refusal(free, running_bytes_per_s, ask.policy.sources, shelf.rules):
                raise NoRoom(words)
        self._written_before = 0
        self._key: Final[LessonKey] = lesson_key(shelf.files, shelf.root, ask.lesson, shelf.master)
        self.take_name: Final = name or ask.take
        self._folder: Final = folder_of(shelf.root, ask.lesson, self.take_name)
        self._take, self._writer = self._gone_on(moment, "recorder_restarted", None)

    @property
    def take(self) -> Take:
        return self._take

    @property
    def trouble(self) -> str | None:
        """Why nothing is written now, in words."""
        return self._trouble[1] if self._trouble else None

    @property
    def is_paused(self) -> bool:
        """Nothing is taken until the lead wants it."""
        return self._paused

    @property
    def written_bytes(self) -> int:
        """Of media, since this process took the lesson on."""
        return self._written_before + self._writer.written_bytes

    def shown(self) -> list[tuple[SeatId, Source, ShownState, str]]:
        """Each published track's state, as the screens are told."""
        found = []
        for track, one in self._published.items():
            run = self._take.tracks.get(track)
            if self._trouble is not None:
                state, sentence = shown(*self._trouble)
            elif run is None or (run.gap is None and self._take.state != "recording"):
                state, sentence = shown("stalled")
            else:
                state, sentence = shown(run.gap, run.note)
            found.append((one.seat, one.source, state, sentence))
        return found

    def asked(self) -> set[TrackId]:
        """Tracks of which a keyframe is wanted, since the last call."""
        asked, self._asked = self._asked, set()
        return asked

    @contextmanager
    def together(self, moment: Moment) -> Iterator[None]:
        """What is decided within is carried out at its end, at once: the disk is waited for once for each file."""
        held: list[Order] = []
        self._held = held
        try:
            yield
        finally:
            self._held = None
            self._carry_out(held, moment)

    def track_started(
        self, seat: SeatId, classroom: str, source: Source, moment: Moment, heard: bool = True, copy: str | None = None
    ) -> TrackId:
        """A source is published, or was."""
        track = track_id(seat, source, copy)
        if self._take.allows(source):
            self._published[track] = Published(seat, classroom, source, heard)
        self._do(self._take.track_started(track, seat, classroom, source, moment.now, heard), moment)
        return track

    def track_stopped(self, track: TrackId, moment: Moment) -> None:
        self._published.pop(track, None)
        self._do(self._take.track_stopped(track, moment.now), moment)

    def track_heard(self, track: TrackId, heard: bool, moment: Moment) -> None:
        if track in self._published:
            self._published[track] = replace(self._published[track], heard=heard)
        self._do(self._take.track_heard(track, heard, moment.now), moment)

    def paused(self, paused: bool, moment: Moment) -> None:
        self._paused = paused
        self._do(self._take.paused(moment.now) if paused else self._take.goes_on(moment.now), moment)

    def mark(self, mark: Marked, moment: Moment) -> None:
        self._do(self._take.mark(mark), moment)

    def node_restarted(self, moment: Moment) -> None:
        """All publishers come again; the clock is this machine's and goes on."""
        clock = NodeClock(moment.boot, moment.now, self._take.time(moment.now))
        self._do(self._take.node_restarted(clock), moment)

    def frame(self, frame: Frame, moment: Moment) -> None:
        if self._trouble is None:
            self._do(self._take.frame(frame), moment)

    def overflowed(self, moment: Moment) -> None:
        """Frames came faster than the disk took them, and some were dropped: from here to `tick` is a gap."""
        self._do(self._take.disk_fails("disk_slow", "The disk is too slow.", moment.now), moment)

    def tick(self, moment: Moment) -> None:
        """Several times a second."""
        if self._take.state in OVER:
            return
        if self._trouble is not None:
            self._try_again(moment)
            return
        free = self._shelf.files.free_bytes(self._shelf.root)
        if words := shortage(free, self._shelf.rules):
            self._do(self._take.disk_fails("disk_full", words, moment.now), moment)
        elif enough_again(free, self._shelf.rules):
            self._do(self._take.disk_works(moment.now), moment)
        self._do(self._take.tick(moment.now), moment)

    def end(self, moment: Moment, reason: str) -> bool:
        """Writes all that waits, and the manifest; False while the disk does not take it: call again later."""
        if self._trouble is not None:
            self._try_again(moment)
        self._do(self._take.end(moment.now, reason), moment)
        if self._trouble is None:
            self._do(self._take.finished(moment.now, reason), moment)
        if self._trouble is not None:
            return False
        try:
            self._writer.finish()
            self._writer.close()
        except OSError as error:
            self._lose(error, moment)
            return False
        return True

    def leave(self, moment: Moment) -> bool:
        """Writes all that waits; another process goes on with the take. False if not all of it is safe."""
        self._do(self._take.left(moment.now), moment)
        return self._trouble is None

    def close(self) -> None:
        """Leaves the take as it is."""
        with suppress(OSError):
            self._writer.close()

    def _do(self, orders: list[Order], moment: Moment) -> None:
        self._asked |= {order.track for order in orders if isinstance(order, AskKeyframe)}
        if self._held is None:
            self._carry_out(orders, moment)
        elif self._trouble is None:
            self._held += orders

    def _carry_out(self, orders: list[Order], moment: Moment) -> None:
        if self._trouble is not None or not orders:
            return
        try:
            self._writer.carry_out(orders)
        except OSError as error:
            self._lose(error, moment)

    def _lose(self, error: OSError, moment: Moment) -> None:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        words = "The disk is full." if full else f"The disk does not take data: {error.strerror or error}."
        self._trouble, self._tried = ("disk_full" if full else "disk_failed", words), moment.now
        self.close()

    def _try_again(self, moment: Moment) -> None:
        assert self._trouble is not None
        room = enough_again(self._shelf.files.free_bytes(self._shelf.root), self._shelf.rules)
        if not room or moment.now - self._tried < TRY_AGAIN_US:
            return
        self._tried = moment.now
        cause, before, written = self._trouble[0], self._take, self.written_bytes
        with suppress(OSError):
            self._take, self._writer = self._gone_on(moment, cause, before)
            self._trouble, self._written_before = None, written
            for one in list(self._published.values()):
                self.track_started(one.seat, one.classroom, one.source, moment, one.heard)
            if self._paused:
                self.paused(True, moment)

    def _gone_on(self, moment: Moment, cause: GapCause, before: Take | None) -> tuple[Take, TakeFiles]:
        found = salvaged(self._shelf.files, self._folder, self._key)
        if found is None:
            writer = TakeFiles(self._shelf.files, self._folder, self._key, IndexTip())
            take, orders = self._begun(moment)
        else:
            writer = TakeFiles(self._shelf.files, self._folder, self._key, found.tip)
            take, orders = self._resumed(found, moment, cause, before)
        writer.carry_out(orders)
        return take, writer

    def _begun(self, moment: Moment) -> tuple[Take, list[Order]]:
        ask = self._ask
        opened = TakeOpened(
            self.take_name, ask.lesson, ask.title, moment.wall_ms, ask.policy, self._shelf.software, ask.about
        )
        return Take.begun(opened, NodeClock(moment.boot, moment.now))

    def _resumed(
        self, found: Salvaged, moment: Moment, cause: GapCause, before: Take | None
    ) -> tuple[Take, list[Order]]:
        clock = clock_now(found.records, found.manifest, moment.boot, moment.now, moment.wall_ms)
        allowed = tuple(one for one in found.manifest.policy.sources if one in self._ask.policy.sources)
        muted_sound = found.manifest.policy.muted_sound and self._ask.policy.muted_sound
        policy = replace(found.manifest.policy, sources=allowed, muted_sound=muted_sound)
        return Take.resumed(
            replace(found.manifest, policy=policy), clock, self._shelf.software, found.dropped_bytes, cause, before
        )


def unfinished(shelf: Shelf, lesson: LessonId) -> TakeId | None:
    """The lesson's take that another process left before its end."""
    folder = folder_of(shelf.root, lesson, TakeId("K")).parent
    for name in reversed(shelf.files.names(folder)):
        take = folder / name
        if INDEX in shelf.files.names(take) and MANIFEST not in shelf.files.names(take):
            return TakeId(name)
    return None
