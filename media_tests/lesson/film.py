"""The film of a take, measured by what was burned into it: the frame counter in its pictures, speech in its sound."""

import bisect
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import av
import numpy as np

from classroom_client.demo.clips import SECONDS
from classroom_client.demo.mark import read_mark
from media_tests.bench.glass import RATE, SURE, Sound, located
from media_tests.lesson.taken import ROUND_US, Sent, Taken
from recorder.core import after_bell
from recorder.core.manifest import Gap
from recorder.disk.remux import Piece, Strand, remux

PIECE_S: Final = 3.0
"""Of sound, to be found in its clip."""
SETTLED_S: Final = 0.1
"""After a seek an Opus decoder needs 80 ms (RFC 7845 section 4.6)."""
HEARD_US: Final = round((SETTLED_S + PIECE_S) * 1_000_000)
HELD_UP_MS: Final = 60.0
RECOVERS_US: Final = 15_000_000
"""By then the take has forgotten that its publisher was held up."""


@dataclass(frozen=True, slots=True)
class Look:
    """Where in its clip a film is at one moment, by eye and by ear."""

    at_us: int
    """Take time."""
    seen_us: int
    heard_us: int

    @property
    def sound_after_picture_us(self) -> int:
        return wrapped(self.seen_us - self.heard_us)


def unbroken(found: Iterable[Look], gaps: Iterable[Gap]) -> list[Look]:
    """Looks that hear one client without a gap: behind one another begins its clip anew, and a silence sounds like any.

    Each once: looks that are asked for at once see the same picture.
    """
    breaks = [(gap.start_us, gap.end_us or gap.start_us) for gap in gaps]
    return [
        look
        for look in dict.fromkeys(found)
        if not any(look.at_us < end_us and start_us < look.at_us + HEARD_US for start_us, end_us in breaks)
    ]


def wrapped(distance_us: int) -> int:
    """On the clip's circle, the shorter way round."""
    return (distance_us + ROUND_US // 2) % ROUND_US - ROUND_US // 2


def make_film(taken: Taken, path: Path) -> int:
    """Writes the film as the worker does; returns the take time at which it begins."""
    whole = after_bell.film(taken.manifest)
    assert whole is not None
    strands = [
        Strand(reel.codec, tuple(Piece(partial(taken.opened, it), it.start_us, it.end_us) for it in reel.segments))
        for reel in whole.reels
    ]
    with path.open("wb") as out:

        def write(data: bytes) -> None:
            out.write(data)

        remux(strands, whole.container, whole.start_us, write, lambda part: None)
    return whole.start_us


def looks(film: Path, start_us: int, speech: Sound, fps: int, every_s: float) -> Iterator[Look]:
    """The film's place in its clip, every so many seconds, wherever both can be read surely."""
    with av.open(str(film)) as pictures, av.open(str(film)) as sounds:
        length_s = (pictures.duration or 0) / 1_000_000
        at_s = 0.5
        while at_s + PIECE_S + 0.5 < length_s:
            seen = _seen(pictures, at_s, fps)
            if seen is not None:
                film_s, place_us = seen
                heard_us = _heard(sounds, film_s, place_us, speech)
                if heard_us is not None:
                    yield Look(start_us + round(film_s * 1_000_000), place_us, heard_us)
            at_s += every_s


def _seen(film: "av.container.InputContainer", at_s: float, fps: int) -> tuple[float, int] | None:
    """The film's time of a picture near `at_s`, and the clip's time of it."""
    film.seek(round(at_s * 1_000_000), backward=True)
    # Pictures from before the take, which its first ones need, stand for a millisecond each: nobody sees them.
    for frame, following in itertools.pairwise(film.decode(video=0)):
        begins_s, ends_s = float(frame.time or 0), float(following.time or 0)
        mark = None if ends_s - begins_s < 0.5 / fps else read_mark(frame.to_ndarray(format="gray").astype(np.uint8))
        if mark is not None:
            return begins_s, mark.frame * 1_000_000 // fps
        if begins_s > at_s + 1:
            break
    return None


def _heard(film: "av.container.InputContainer", film_s: float, near_us: int, speech: Sound) -> int | None:
    """The clip's time that is heard when the film is at `film_s`; it is looked for within a second of `near_us`."""
    film.seek(round(film_s * 1_000_000), backward=True)
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    blocks: list[Sound] = []
    begins_s = None
    for frame in film.decode(audio=0):
        if frame.time is None or frame.time < film_s + SETTLED_S:
            continue
        begins_s = float(frame.time) if begins_s is None else begins_s
        blocks += [out.to_ndarray()[0].astype(np.float32) for out in resampler.resample(frame)]
        if frame.time > begins_s + PIECE_S:
            break
    if begins_s is None or not blocks:
        return None
    ahead_us = round((begins_s - film_s) * 1_000_000)
    expected = round((near_us + ahead_us) % ROUND_US * RATE / 1_000_000)
    behind, sureness = located(np.concatenate(blocks), np.roll(speech, -(expected + RATE)))
    if sureness <= SURE:
        return None
    place = (expected + RATE - behind) % len(speech)
    return round(place * 1_000_000 / RATE) - ahead_us


def clip_sound(path: Path) -> Sound:
    """A clip as it sounds when it goes round: packet by packet, without the file's pre-skip, from its second round."""
    decoder = av.CodecContext.create("opus", "r")
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(container.streams.audio[0]) if packet.size]
    blocks = []
    for data in packets * 2:
        for frame in decoder.decode(av.Packet(data)):
            blocks += [out.to_ndarray()[0].astype(np.float32) for out in resampler.resample(frame)]
    return np.concatenate(blocks)[-SECONDS * RATE :]


def due_us(sent: Sequence[Sent], near_us: int, place_us: int, tick_us: int, off_ppm: float = 0.0) -> int | None:
    """When the clip's time `place_us` was due at its publisher, near a moment of the monotonic clock.

    By the least late of the frames around it: a busy process is late, never early.
    """
    around = [each for each in sent if abs(each.at_us - near_us) < 5_000_000]
    if not around:
        return None
    rate = 1 + off_ppm / 1e6
    begins_us = min(each.at_us - (each.loop * ROUND_US + each.frame * tick_us) / rate for each in around)
    dues = [begins_us + (loop * ROUND_US + place_us) / rate for loop in {each.loop for each in around}]
    return int(min(dues, key=lambda due: abs(due - near_us)))


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How late a publisher was with its pictures, by its own pace."""

    late_ms: tuple[tuple[int, float], ...]
    """When one was sent, and how late."""

    @classmethod
    def of(cls, clients: Sequence[Sequence[Sent]], fps: int, off_ppm: float = 0.0) -> "Punctuality":
        """Of the clients that sat on its seat one after another."""
        return cls(tuple(sorted(late for sent in clients for late in _lateness_ms(sent, 1_000_000 // fps, off_ppm))))

    def fair(self, found: Iterable[Look], origin_us: int) -> list[Look]:
        """Looks at what was sent on time: a publisher that the machine held up tells a clock that is as late."""
        held_up = [at_us for at_us, late_ms in self.late_ms if late_ms > HELD_UP_MS]
        return [look for look in found if not _any_within(held_up, look.at_us + origin_us)]

    @property
    def worst_ms(self) -> float:
        return max((late_ms for _, late_ms in self.late_ms), default=0.0)


def _lateness_ms(sent: Sequence[Sent], tick_us: int, off_ppm: float) -> Iterator[tuple[int, float]]:
    rate = 1 + off_ppm / 1e6
    begins = [each.at_us - (each.loop * ROUND_US + each.frame * tick_us) / rate for each in sent]
    for number, one in enumerate(sent):
        yield one.at_us, (begins[number] - min(begins[max(0, number - 50) : number + 50])) / 1000


def _any_within(times: Sequence[int], at_us: int) -> bool:
    place = bisect.bisect_left(times, at_us - RECOVERS_US)
    return place < len(times) and times[place] <= at_us + 1_000_000
