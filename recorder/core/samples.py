"""Frames as containers take them: placed on the take's clock, in fragments of at most a second."""

from dataclasses import dataclass
from typing import Final, Protocol

from recorder.core.names import TakeTime

FRAGMENT_US: Final = 1_000_000
"""What a kill may cost at most, beside what is on its way to the disk."""
EARLY_CUT_US: Final = 400_000
"""A keyframe that comes later than this begins a fragment of its own, so that fragments can be seeked to."""
USUAL_FRAME_US: Final = 40_000
LONGEST_FRAME_US: Final = 2_000_000
"""A shared screen that does not change sends little; what is silent for longer is a gap."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One encoded frame."""

    at_us: TakeTime
    data: bytes
    keyframe: bool
    duration_us: int = 0
    """0: until the next one, as pictures are."""


@dataclass(frozen=True, slots=True)
class Fragment:
    samples: tuple[Sample, ...]
    end_us: TakeTime
    """Where the last one ends."""

    @property
    def start_us(self) -> TakeTime:
        return self.samples[0].at_us


class Writer(Protocol):
    """Makes one file, from its head to its last fragment."""

    @property
    def head(self) -> bytes:
        """What the file begins with."""

    def fragment(self, fragment: Fragment) -> bytes:
        """The next fragment's bytes."""


class Fragments:
    """Collects the frames of one segment."""

    def __init__(self) -> None:
        self._samples: list[Sample] = []
        self._step_us = USUAL_FRAME_US

    @property
    def first_us(self) -> TakeTime | None:
        """The time of the oldest frame that waits."""
        return self._samples[0].at_us if self._samples else None

    def add(self, sample: Sample) -> Fragment | None:
        """Takes the next frame, and gives the fragment that ends before it."""
        done = None
        if self._samples:
            span = sample.at_us - self._samples[0].at_us
            if span >= FRAGMENT_US or (sample.keyframe and not sample.duration_us and span >= EARLY_CUT_US):
                done = Fragment(tuple(self._samples), self._end(sample.at_us))
            self._step_us = sample.at_us - self._samples[-1].at_us
            if done:
                self._samples = []
        self._samples.append(sample)
        return done

    def cut(self) -> Fragment | None:
        """What can be written now: all but the newest picture, whose length only its successor tells."""
        if self._samples and self._samples[-1].duration_us:
            return self.rest()
        if len(self._samples) < 2:
            return None
        *done, last = self._samples
        self._samples = [last]
        return Fragment(tuple(done), last.at_us)

    def rest(self, until_us: int | None = None) -> Fragment | None:
        """All that waits; nothing follows it, or not before `until_us`."""
        if not self._samples:
            return None
        end = self._end(self._samples[-1].at_us + self._step_us if until_us is None else until_us)
        samples, self._samples = tuple(self._samples), []
        return Fragment(samples, end)

    def end_us(self, following: int | None = None) -> TakeTime | None:
        """Where the newest frame ends, should the next one come at `following`."""
        if not self._samples:
            return None
        return self._end(self._samples[-1].at_us + self._step_us if following is None else following)

    def _end(self, following: int) -> TakeTime:
        last = self._samples[-1]
        if last.duration_us:
            return TakeTime(last.at_us + last.duration_us)
        if following - last.at_us > LONGEST_FRAME_US:
            following = last.at_us + min(self._step_us, LONGEST_FRAME_US)
        return TakeTime(max(last.at_us + 1, following))
