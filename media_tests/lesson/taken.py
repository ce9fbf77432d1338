"""A take read back: each frame in its files, known by its bytes, beside what its publisher logged.

Publishers pass their clips through unchanged, so a frame in a file is a frame of the clip or a fault.
"""

import bisect
import struct
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import av

from classroom_client.demo.clips import SECONDS
from media_tests.lesson.system import MASTER_KEY
from recorder.core.h264 import IDR, SLICE
from recorder.core.index import read_index
from recorder.core.keys import MasterKey
from recorder.core.manifest import Gap, Segment, read_manifest
from recorder.core.names import GapCause
from recorder.core.records import ClockSet, FragmentWritten
from recorder.disk.files import Disk
from recorder.disk.sealed import SealedReader
from recorder.disk.take_files import INDEX, MANIFEST, lesson_key
from recorder.tests.playing import complaints
from signaling.messages.ids import LessonId, Source, TrackId

ROUND_US: Final = SECONDS * 1_000_000
NEAR_US: Final = 5_000_000
"""A frame lies this near to when it was due, even of a publisher that stood still; a clip comes round later."""
EDGE_US: Final = 120_000
"""A gap begins where the last frame ends; frames are placed to some milliseconds, and the slowest last 67."""
CATCHES_UP: Final = 100
"""Frames in which a publisher that was held up is on time again."""
UNDER_WAY_US: Final = 2_000_000
"""What is sent so shortly before the bell may still be on its way when it rings."""
BY_THE_LINE: Final[frozenset[GapCause]] = frozenset({"lost", "stalled", "no_keyframe"})
"""What a gap begins with that nobody made: no absence, no pause, no mute, no restart."""
Span = tuple[int, int]
Found = tuple[int, frozenset[int]]
"""When a frame of the files was, on the monotonic clock, and which of the clip's it could be."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One line of a publisher's log."""

    at_us: int
    """On the monotonic clock: when it was sent, or when it was due."""
    loop: int
    frame: int


@dataclass(frozen=True, slots=True)
class Pairing:
    """What became of all that was sent of one track."""

    kept: tuple[tuple[Sent, int], ...]
    """Each with its place in the take."""
    missing: tuple[tuple[Sent, int], ...]
    """Each with the place in the take where it would lie."""
    strangers: tuple[tuple[int, frozenset[int]], ...]
    """Frames in the files that nobody sent then: each with its place in the take and which of the clip it could be."""


class Taken:
    """A finished take of a lesson on the disk of a test."""

    def __init__(self, root: Path, lesson: str) -> None:
        self._key: Final = lesson_key(Disk(), root, LessonId(lesson), MasterKey.from_hex(MASTER_KEY))
        (self._folder,) = (path.parent for path in root.glob(f"takes/{lesson}/K*/{MANIFEST}"))
        self.manifest: Final = read_manifest(self._key.manifest_key, (self._folder / MANIFEST).read_bytes())
        self.records: Final = read_index(self._key.index_key, (self._folder / INDEX).read_bytes()).records
        clock = next(record for record in self.records if isinstance(record, ClockSet))
        self.origin_us: Final = int(clock.node_us - clock.at_us)
        """Take time 0 on this machine's monotonic clock."""

    def opened(self, segment: Segment) -> BytesIO:
        """A segment's file in plain."""
        return BytesIO(SealedReader(self._folder / segment.file, self._key).read())

    def complaints(self) -> dict[str, str]:
        """What readers of others say of each segment that holds anything; none, if they are as they should be."""
        held = [segment for segment in self.manifest.segments if segment.frames]
        assert held
        said = {segment.file: complaints(self.opened(segment).getvalue()) for segment in held}
        return {file: words for file, words in said.items() if words}

    def segments(self, track: TrackId) -> list[Segment]:
        return [segment for segment in self.manifest.segments if segment.track == track]

    def gaps(self, track: TrackId) -> list[Gap]:
        return [gap for gap in self.manifest.gaps if gap.track == track]

    def spans(self, track: TrackId) -> list[Span]:
        """What the track's fragments cover, in order, on the monotonic clock."""
        numbers = {segment.segment for segment in self.segments(track)}
        written = [each for each in self.records if isinstance(each, FragmentWritten) and each.segment in numbers]
        return sorted((each.start_us + self.origin_us, each.end_us + self.origin_us) for each in written)

    def samples(self, track: TrackId) -> Iterator[tuple[int, bytes]]:
        """Take time and fingerprint of each frame, in the order of time."""
        for segment in sorted(self.segments(track), key=lambda each: each.start_us):
            if segment.frames:
                yield from ((segment.start_us + at_us, mark) for at_us, mark in fingerprints(self.opened(segment)))

    def pairing(self, track: TrackId, clip: Path, log: Path) -> Pairing:
        """The track's frames beside the publisher's log of its source."""
        source = track.rpartition(":")[2]
        frames = clip_frames(clip)
        tick_us = ROUND_US / sum(map(len, frames.values()))
        return paired(self.samples(track), due(sent_by(log, source), tick_us), frames, self.origin_us)

    def unaccounted(self, track: TrackId, pairing: Pairing) -> list[int]:
        """Take times of frames that were sent, lie in no file, and in no gap: there must be none."""
        return self._outside(track, pairing, self.gaps(track))

    def lost(self, track: TrackId, pairing: Pairing) -> list[int]:
        """Take times of frames that only the line can have kept from the take, whatever stands in the manifest."""
        made = [gap for run in self.runs(track) if run[0].cause not in BY_THE_LINE for gap in run]
        return self._outside(track, pairing, made)

    def runs(self, track: TrackId) -> list[list[Gap]]:
        """A track's gaps; those that follow one another without a frame are one."""
        found: list[list[Gap]] = []
        for gap in sorted(self.gaps(track), key=lambda gap: gap.start_us):
            if found and found[-1][-1].end_us == gap.start_us:
                found[-1].append(gap)
            else:
                found.append([gap])
        return found

    def _outside(self, track: TrackId, pairing: Pairing, gaps: Iterable[Gap]) -> list[int]:
        (added_us,) = (each.added_us for each in self.manifest.tracks if each.track == track)
        until_us = self.manifest.duration_us - UNDER_WAY_US
        spans = [(gap.start_us - EDGE_US, (gap.end_us or until_us) + EDGE_US) for gap in gaps]
        return [
            at_us
            for _, at_us in pairing.missing
            if added_us < at_us < until_us and not any(start <= at_us <= end for start, end in spans)
        ]


def uncovered_us(spans: Sequence[Span], within: Span) -> int:
    """The longest time in `within` that no span covers."""
    longest, until = 0, within[0]
    for start, end in spans:
        if end <= until:
            continue
        if start >= within[1]:
            break
        longest, until = max(longest, start - until), end
    return max(longest, within[1] - until)


def end_before(spans: Sequence[Span], at_us: int) -> int | None:
    """Where what was taken before a moment ends."""
    ends = [min(end, at_us) for start, end in spans if start < at_us]
    return max(ends, default=None)


def fingerprints(content: BytesIO | Path) -> Iterator[tuple[int, bytes]]:
    """Time in the file and fingerprint of each packet."""
    with av.open(content if isinstance(content, BytesIO) else str(content), "r") as container:
        (stream,) = container.streams
        is_h264 = stream.codec_context.name == "h264"
        for packet in container.demux(stream):
            if packet.size and packet.pts is not None and packet.time_base is not None:
                data = bytes(packet)
                yield round(packet.pts * packet.time_base * 1_000_000), _pictures(data) if is_h264 else data


def _pictures(data: bytes) -> bytes:
    """The slices alone: parameter sets and the like stand elsewhere in other containers."""
    found, place = [], 0
    while place + 4 < len(data):
        (size,) = struct.unpack_from(">I", data, place)
        unit = data[place + 4 : place + 4 + size].rstrip(b"\0")
        place += 4 + size
        if unit and unit[0] & 0x1F in (SLICE, IDR):
            found.append(unit)
    return b"".join(found)


@cache
def clip_frames(clip: Path) -> Mapping[bytes, frozenset[int]]:
    """Which frames of a clip have these bytes; a silence sounds the same in many."""
    found: dict[bytes, set[int]] = {}
    for number, (_, mark) in enumerate(fingerprints(clip)):
        found.setdefault(mark, set()).add(number)
    return {mark: frozenset(numbers) for mark, numbers in found.items()}


def sent_by(log: Path, source: Source | str) -> list[Sent]:
    """A publisher's log of one source."""
    ahead_us = time.time_ns() // 1000 - time.monotonic_ns() // 1000
    words = (line.split() for line in log.read_text().splitlines())
    return [
        Sent(round(float(at) * 1000) - ahead_us, int(loop), int(frame))
        for at, name, loop, frame in words
        if name == source
    ]


def due(sent: Sequence[Sent], tick_us: float) -> list[Sent]:
    """The same at the times when they were due: a process that was held up sends many at once."""
    begins = [each.at_us - each.loop * ROUND_US - each.frame * tick_us for each in sent]
    found = []
    for number, one in enumerate(sent):
        # Of what comes after, as a publisher that stood still goes on later; and of the same client.
        ahead = range(number, min(number + CATCHES_UP, len(sent)))
        same = [begins[each] for each in ahead if (sent[each].loop, sent[each].frame) >= (one.loop, one.frame)]
        found.append(replace(one, at_us=round(min(same) + one.loop * ROUND_US + one.frame * tick_us)))
    return found


def paired(
    samples: Iterable[tuple[int, bytes]], sent: Sequence[Sent], clip: Mapping[bytes, frozenset[int]], origin_us: int
) -> Pairing:
    """Lays each frame of the files beside the nearest of the same bytes that was due, in order."""
    frames = [(at_us + origin_us, clip.get(mark, frozenset[int]())) for at_us, mark in samples]
    found = _alike(frames, sent, _sure(frames, sent))
    kept = {place: frames[number][0] - origin_us for number, place in sorted(found.items())}
    times = [each.at_us for each in sent]
    missing = [place for place in range(len(sent)) if place not in kept]
    return Pairing(
        tuple((sent[place], at_us) for place, at_us in kept.items()),
        tuple((sent[place], _would_lie(times, kept, place, origin_us)) for place in missing),
        tuple((at_us - origin_us, numbers) for each, (at_us, numbers) in enumerate(frames) if each not in found),
    )


def _sure(frames: Sequence[Found], sent: Sequence[Sent]) -> dict[int, int]:
    """Where the frames that are like no other were sent."""
    found: dict[int, int] = {}
    following, delay_us = 0, 0
    for number, (at_us, numbers) in enumerate(frames):
        place = _nearest(sent, numbers, range(following, len(sent)), at_us - delay_us) if len(numbers) == 1 else None
        if place is not None:
            found[number], following, delay_us = place, place + 1, at_us - sent[place].at_us
    return found


def _alike(frames: Sequence[Found], sent: Sequence[Sent], sure: Mapping[int, int]) -> dict[int, int]:
    """All frames: silences are alike, and lie as far from when they were due as the nearest one that is sure."""
    found = dict(sure)
    known, following = sorted(sure), 0
    for number, (at_us, numbers) in enumerate(frames):
        if number not in sure:
            after = bisect.bisect_left(known, number)
            until = sure[known[after]] if after < len(known) else len(sent)
            beside = known[max(0, after - 1) : after + 1]
            delays = {abs(frames[each][0] - at_us): frames[each][0] - sent[sure[each]].at_us for each in beside}
            delay_us = delays[min(delays)] if delays else 0
            place = _nearest(sent, numbers, range(following, until), at_us - delay_us)
            if place is None:
                continue
            found[number] = place
        following = found[number] + 1
    return found


def _nearest(sent: Sequence[Sent], numbers: frozenset[int], within: range, due_us: int) -> int | None:
    """Which of these was due nearest to a moment, and not far from it."""
    same: list[tuple[int, int]] = []
    for place in within:
        if sent[place].at_us > due_us + NEAR_US:
            break
        if sent[place].frame in numbers and sent[place].at_us >= due_us - NEAR_US:
            same.append((abs(sent[place].at_us - due_us), place))
    return min(same)[1] if same else None


def _would_lie(times: Sequence[int], kept: Mapping[int, int], place: int, origin_us: int) -> int:
    """As long after the frame before it as it was due after that one, and not behind the next one."""
    before = next((each for each in range(place - 1, -1, -1) if each in kept), None)
    after = next((each for each in range(place + 1, len(times)) if each in kept), None)
    beside = after if before is None else before
    if beside is None:
        return times[place] - origin_us
    at_us = kept[beside] + times[place] - times[beside]
    return at_us if after is None else min(at_us, kept[after] - 1)
