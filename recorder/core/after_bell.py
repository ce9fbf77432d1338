"""What is made of a take after the bell: whole files of its tracks, and the film of the lead classroom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from recorder.core.catalogue import Missing
from recorder.core.chapters import Moment, What
from recorder.core.manifest import Gap, Manifest, Mark, Segment, Track
from recorder.core.names import CONTAINERS, Codec, Container
from signaling.messages.ids import SeatId, Source, TrackId

LEAD_ONLY: Final[frozenset[Source]] = frozenset({"teacher", "teacher_mic", "courseware_audio"})
CAMERAS: Final[tuple[Source, ...]] = ("teacher", "board", "students", "courseware")
"""What the film shows: the first of these that the lead classroom was taken with."""
MICROPHONES: Final[tuple[Source, ...]] = ("teacher_mic", "room_mic", "courseware_audio")
SHORTEST_GAP_US: Final = 200_000
"""Shorter ones nobody notices; the manifest has them all."""
MOST_GAPS: Final = 500


@dataclass(frozen=True, slots=True)
class Reel:
    """Segments of one track and one codec, in order: what one stream of a file is made of."""

    track: TrackId
    source: Source
    codec: Codec
    segments: tuple[Segment, ...]

    @property
    def start_us(self) -> int:
        """Where its first segment begins."""
        return self.segments[0].start_us

    @property
    def end_us(self) -> int:
        """Where its last segment ends."""
        return max(segment.end_us for segment in self.segments)

    @property
    def length_us(self) -> int:
        """How much of it there is."""
        return sum(segment.end_us - segment.start_us for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Whole:
    """One seekable file to be made."""

    name: str
    container: Container
    reels: tuple[Reel, ...]

    @property
    def start_us(self) -> int:
        """The take's time at which the file begins."""
        return min(reel.start_us for reel in self.reels)

    @property
    def end_us(self) -> int:
        """The take's time at which it ends."""
        return max(reel.end_us for reel in self.reels)


def whole_tracks(manifest: Manifest) -> tuple[Whole, ...]:
    """One file per track and run of a codec; the name is the track's, with a number from the second run on."""
    found = []
    for track in manifest.tracks:
        runs = _runs(_segments(manifest, track.track))
        for number, run in enumerate(runs, 1):
            name = f"{track.seat}-{track.source}" + (f"-{number}" if number > 1 else "")
            reel = Reel(track.track, track.source, run[0].codec, tuple(run))
            found.append(Whole(name, CONTAINERS[reel.codec], (reel,)))
    return tuple(found)


def film(manifest: Manifest) -> Whole | None:
    """The lead classroom's first camera with its microphone; None when neither was taken."""
    seat = lead_seat(manifest.tracks)
    picture = _first(manifest, seat, CAMERAS)
    sound = _first(manifest, seat, MICROPHONES)
    reels = tuple(reel for reel in (picture, sound) if reel is not None)
    if not reels:
        return None
    return Whole("film", "webm" if picture is None else CONTAINERS[picture.codec], reels)


def lead_seat(tracks: Iterable[Track]) -> SeatId | None:
    """The seat that has what only a lead can have; else the first one that was taken."""
    every = tuple(tracks)
    return next((track.seat for track in every if track.source in LEAD_ONLY), every[0].seat if every else None)


def missing(manifest: Manifest, made: Whole) -> tuple[Missing, ...]:
    """The gaps of a film's tracks, and the stretches that it cannot show as they are in another codec."""
    found = []
    for reel in made.reels:
        gaps: Sequence[Gap] = [gap for gap in manifest.gaps if gap.track == reel.track]
        spans = [(gap.start_us, gap.end_us or made.end_us, str(gap.cause)) for gap in gaps]
        others = [each for each in _segments(manifest, reel.track) if each.codec != reel.codec]
        spans += [(each.start_us, each.end_us, "codec") for each in others]
        for begins_us, ends_us, cause in sorted(spans):
            start, end = max(int(begins_us), made.start_us), min(int(ends_us), made.end_us)
            if end - start >= SHORTEST_GAP_US:
                found.append(Missing(_ms(start, made), _ms(end, made), reel.source, cause))
    return tuple(found[:MOST_GAPS])


def moments(manifest: Manifest, made: Whole) -> tuple[Moment, ...]:
    """The marks of the take on the film's clock."""
    of_seats = {track.seat: track.classroom for track in manifest.tracks}
    what: dict[str, What] = {
        "floor_given": "floor",
        "floor_back": "lead",
        "courseware_started": "courseware",
        "courseware_ended": "courseware_end",
    }
    return tuple(
        Moment(_ms(mark.at_us, made), kind, _classroom(mark, of_seats) if kind == "floor" else "")
        for mark in manifest.marks
        if (kind := what.get(mark.label)) is not None
    )


def school(manifest: Manifest) -> str:
    """Whose lesson it was, as far as the take can tell."""
    about, seat = manifest.about, lead_seat(manifest.tracks)
    lead = about.classrooms[0] if about.classrooms else ""
    return about.school or lead or next((track.classroom for track in manifest.tracks if track.seat == seat), "")


def classrooms(manifest: Manifest) -> tuple[str, ...]:
    """All that took part; nothing may have been taken of most of them."""
    return tuple(dict.fromkeys((*manifest.about.classrooms, *(track.classroom for track in manifest.tracks))))


def _classroom(mark: Mark, of_seats: Mapping[SeatId, str]) -> str:
    return mark.classroom or (of_seats.get(mark.seat, "") if mark.seat else "")


def _ms(at_us: int, made: Whole) -> int:
    return (at_us - made.start_us) // 1000


def _segments(manifest: Manifest, track: TrackId) -> list[Segment]:
    """Those that hold anything, in the order of time."""
    found = [segment for segment in manifest.segments if segment.track == track and segment.fragments]
    return sorted(found, key=lambda segment: segment.start_us)


def _runs(segments: Iterable[Segment]) -> list[list[Segment]]:
    runs: list[list[Segment]] = []
    for segment in segments:
        if runs and runs[-1][0].codec == segment.codec:
            runs[-1].append(segment)
        else:
            runs.append([segment])
    return runs


def _first(manifest: Manifest, seat: SeatId | None, sources: Iterable[Source]) -> Reel | None:
    """The first source of a seat that has anything, in the codec that has most of it."""
    for source in sources:
        for track in manifest.tracks:
            if track.seat != seat or track.source != source:
                continue
            of_codec: dict[Codec, list[Segment]] = {}
            for segment in _segments(manifest, track.track):
                of_codec.setdefault(segment.codec, []).append(segment)
            reels = [Reel(track.track, source, codec, tuple(each)) for codec, each in of_codec.items()]
            if reels:
                return max(reels, key=lambda reel: reel.length_us)
    return None
