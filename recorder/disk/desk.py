"""A recording in a thread of its own: a disk that sleeps holds up nothing but itself."""

import threading
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from recorder.core.intake import Intake
from recorder.core.names import TakeId
from recorder.core.orders import Frame
from recorder.core.shown import ShownState, shown
from recorder.disk.recording import Moment, Recording
from signaling.messages.ids import SeatId, Source, TrackId

log = structlog.get_logger("recorder.desk")

TICK_S: Final = 0.1
"""Frames are taken up so often, and together: a thread woken by each costs more than all that it does."""
LAST_TRIES_S: Final = 30.0
"""A disk that is full at the end is asked for so long; then the take is left for the next start."""
ASLEEP_US: Final = 3_000_000
"""A disk that takes nothing for so long is said to be too slow, though all that waits may reach it yet."""
MOST_TOGETHER: Final = 1024
"""Two seconds of a lesson: what waited longer for a disk that slept is told of in between."""
Step = Callable[[Recording, Moment], object]
Shown = tuple[SeatId, Source, ShownState, str]


class Desk:
    """Takes steps and frames from an event loop, and does them in order."""

    def __init__(self, recording: Recording, moment: Callable[[], Moment], intake: Intake[Step] | None = None) -> None:
        self._recording: Final = recording
        self._moment: Final = moment
        self._intake: Final = Intake[Step]() if intake is None else intake
        self._wake: Final = threading.Condition()
        self._ending: str | None = None
        self._closing = False
        self.whole = False
        """All that came is safe on the disk, and the desk is done; counts once `join` says so."""
        self._shown: list[Shown] = []
        self._told_at = moment().now
        self._is_paused = False
        self._written_bytes = 0
        self._asked: set[TrackId] = set()
        self._thread: Final = threading.Thread(target=self._work, name=f"take {recording.take_name}", daemon=True)
        self._thread.start()

    @property
    def take(self) -> TakeId:
        """The name of what is recorded."""
        return self._recording.take_name

    def frames(self, frames: Iterable[Frame]) -> None:
        """Takes frames; one that does not fit becomes a gap."""
        at = self._moment()
        with self._wake:
            for frame in frames:
                if not self._intake.put(_framed(frame), len(frame.data) + 200, instead=_overflowed(at)):
                    self._wake.notify()

    def step(self, step: Step) -> None:
        """Takes something that happened in the lesson, at this moment."""
        at = self._moment()
        with self._wake:
            self._intake.push(lambda recording, _: step(recording, at))
            self._wake.notify()

    def shown(self) -> list[Shown]:
        """What the screens are to be told."""
        now = self._moment().now
        with self._wake:
            if now - self._told_at < ASLEEP_US:
                return list(self._shown)
            slow = shown("disk_slow")
            return [(*one[:2], *slow) if one[2] == "recording" else one for one in self._shown]

    def is_paused(self) -> bool:
        """The pause has come to the disk: nothing more is written."""
        with self._wake:
            return self._is_paused

    def written_bytes(self) -> int:
        """Of media, since this process took the lesson on."""
        with self._wake:
            return self._written_bytes

    def asked(self) -> set[TrackId]:
        """Tracks of which a keyframe is wanted, since the last call."""
        with self._wake:
            asked, self._asked = self._asked, set()
        return asked

    def end(self, reason: str) -> None:
        """The lesson is over: what waits is written, then the manifest. `join` waits for it."""
        with self._wake:
            self._ending = reason
            self._wake.notify()

    def close(self) -> None:
        """This process ends: what waits is written, and the take is gone on with later. `join` waits for it."""
        with self._wake:
            self._closing = True
            self._wake.notify()

    def join(self, patience_s: float) -> bool:
        """Waits in a thread that may wait; false when the disk has not come to an end."""
        self._thread.join(patience_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            while not self._over():
                with self._recording.together(self._moment()):
                    self._take_up()
                    self._recording.tick(self._moment())
                self._tell()
                with self._wake:
                    if not self._over():
                        self._wake.wait(TICK_S)
            self._drain()
            if self._ending is not None:
                self._finish(self._ending)
            else:
                self._leave()
        except Exception:
            log.exception("take_broken", take=self._recording.take_name)
        finally:
            self._recording.close()
            with self._wake:
                self._shown = [
                    (seat, source, "failed", "The recorder has ended.") for seat, source, _, _ in self._shown
                ]

    def _over(self) -> bool:
        return self._closing or self._ending is not None

    def _drain(self) -> None:
        waits = True
        while waits:
            with self._recording.together(self._moment()):
                waits = self._take_up()

    def _take_up(self) -> bool:
        """Decides what waits now; whether there was anything."""
        with self._wake:
            steps = self._intake.take_all(MOST_TOGETHER)
        moment = self._moment()
        for step in steps:
            step(self._recording, moment)
        return bool(steps)

    def _tell(self) -> None:
        told, asked, now = self._recording.shown(), self._recording.asked(), self._moment().now
        is_paused, written = self._recording.is_paused, self._recording.written_bytes
        with self._wake:
            self._shown, self._asked = told, self._asked | asked
            self._told_at, self._is_paused, self._written_bytes = now, is_paused, written

    def _finish(self, reason: str) -> None:
        began = self._moment().now
        while not self._recording.end(self._moment(), reason):
            if self._closing or self._moment().now - began > LAST_TRIES_S * 1_000_000:
                log.error("take_left", take=self._recording.take_name, whole=False, why=self._recording.trouble)
                return
            with self._wake:
                self._wake.wait(TICK_S * 10)
        self.whole = True

    def _leave(self) -> None:
        self.whole = self._recording.leave(self._moment())
        tell, why = (log.info, "this process ends") if self.whole else (log.error, self._recording.trouble)
        tell("take_left", take=self._recording.take_name, whole=self.whole, why=why)


def _framed(frame: Frame) -> Step:
    return lambda recording, moment: recording.frame(frame, moment)


def _overflowed(at: Moment) -> Step:
    return lambda recording, _: recording.overflowed(at)
