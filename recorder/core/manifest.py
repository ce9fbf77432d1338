"""The manifest of a take: the fold of its index, signed, for whoever reads takes and has no need to replay them."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from recorder.core.form import Form, FormatError, canonical, parsed
from recorder.core.index import IndexTip
from recorder.core.names import Codec, Container, CutCause, GapCause, SegmentNumber, TakeId, TakeState, TakeTime
from recorder.core.records import (
    About,
    ClockSet,
    FragmentWritten,
    GapEnded,
    GapStarted,
    Marked,
    Policy,
    Record,
    SegmentClosed,
    SegmentOpened,
    Software,
    StateChanged,
    TakeOpened,
    TakeResumed,
    TrackAdded,
)
from signaling.messages.ids import Kind, LessonId, SeatId, Source, TrackId

VERSION: Final = 2
READS: Final = (1, 2)
FORMAT: Final = "three-classrooms take"


@dataclass(frozen=True, slots=True)
class Track:
    track: TrackId
    seat: SeatId
    classroom: str
    source: Source
    kind: Kind
    added_us: TakeTime


@dataclass(frozen=True, slots=True)
class Segment:
    segment: SegmentNumber
    track: TrackId
    file: str
    container: Container
    codec: Codec
    width: int
    height: int
    channels: int
    ssrc: int
    cause: CutCause
    start_us: TakeTime
    """Timestamp 0 in the file."""
    end_us: TakeTime
    frames: int = 0
    fragments: int = 0
    sealed_bytes: int = 0
    sha256: str = ""
    """Of the file as it lies on the disk; empty while it is being written."""
    salvaged: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    track: TrackId
    start_us: TakeTime
    end_us: TakeTime | None
    """None while it lasts."""
    cause: GapCause
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    at_us: TakeTime
    kind: Literal["lesson", "floor", "courseware", "source"]
    label: str
    seat: SeatId | None
    classroom: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    take: TakeId
    lesson: LessonId
    title: str
    started_at_ms: int
    state: TakeState
    reason: str
    duration_us: TakeTime
    policy: Policy
    software: tuple[Software, ...]
    """One for each process that wrote it, in order; more than one says that it was resumed."""
    tracks: tuple[Track, ...]
    segments: tuple[Segment, ...]
    gaps: tuple[Gap, ...]
    marks: tuple[Mark, ...]
    index_lines: int = 0
    index_chain: str = ""
    """The chain of the index's last line: this manifest is the fold of exactly that index."""
    about: About = About()


MANIFEST: Final[Form[Manifest]] = Form("manifest", Manifest)


def write_manifest(key: bytes, manifest: Manifest) -> bytes:
    """The manifest as signed JSON."""
    data = MANIFEST.fields(manifest) | {"format": FORMAT, "version": VERSION}
    return canonical(data | {"signature": _signature(key, data)}) + b"\n"


def read_manifest(key: bytes | None, text: bytes) -> Manifest:
    """Reads a manifest and, with the key, checks that it is unchanged; raises FormatError."""
    data = parsed("manifest", text)
    if data.pop("format", None) != FORMAT:
        raise FormatError(f"manifest: no {FORMAT}")
    version = data.pop("version", None)
    if version not in READS:
        raise FormatError(f"manifest: version {version!r}, and this program reads up to {VERSION}: update it")
    signature = data.pop("signature", None)
    signed = data | {"format": FORMAT, "version": version}
    if key is not None and not (isinstance(signature, str) and hmac.compare_digest(signature, _signature(key, signed))):
        raise FormatError("manifest: the signature is wrong; it was changed, or the key is another one")
    return MANIFEST.read(canonical(data))


def _signature(key: bytes, data: dict[str, object]) -> str:
    return hmac.digest(key, canonical(data), "sha256").hex()


def folded(records: Sequence[Record], tip: IndexTip) -> Manifest:
    """What an index amounts to; raises FormatError where its records contradict each other."""
    first, *rest = records or (None,)
    if not isinstance(first, TakeOpened):
        raise FormatError("index line 1: a take begins with take_opened")
    fold = _Fold(first)
    for number, record in enumerate(rest, 2):
        try:
            fold.take(record)
        except (KeyError, IndexError):
            raise FormatError(f"index line {number}: it speaks of a track or segment that was never opened") from None
    return fold.manifest(tip)


class _Fold:
    def __init__(self, opened: TakeOpened) -> None:
        self._opened = opened
        self._software = [opened.software]
        self._state = StateChanged(TakeTime(0), "waiting", "")
        self._until = 0
        self._tracks: dict[TrackId, Track] = {}
        self._segments: dict[SegmentNumber, Segment] = {}
        self._gaps: list[Gap] = []
        self._open_gap: dict[TrackId, int] = {}
        self._marks: list[Mark] = []

    def take(self, record: Record) -> None:
        match record:
            case TrackAdded(at, track, seat, classroom, source, kind):
                self._tracks.setdefault(track, Track(track, seat, classroom, source, kind, at))
            case SegmentOpened() | FragmentWritten() | SegmentClosed():
                self._take_segment(record)
            case GapStarted() | GapEnded():
                self._take_gap(record)
            case Marked(at, kind_of_mark, label, mark_seat, mark_classroom):
                self._marks.append(Mark(at, kind_of_mark, label, mark_seat, mark_classroom))
            case StateChanged(at):
                self._state = record
                self._until = max(self._until, at)
            case TakeResumed(at, software):
                self._software.append(software)
                self._until = max(self._until, at)
            case ClockSet():
                pass
            case TakeOpened():
                raise FormatError("index: a second take_opened; each take has an index of its own")

    def _take_segment(self, record: SegmentOpened | FragmentWritten | SegmentClosed) -> None:
        if isinstance(record, SegmentOpened):
            self._segments[record.segment] = _opened(record)
            return
        segment = self._segments[record.segment]
        if isinstance(record, FragmentWritten):
            self._until = max(self._until, record.end_us)
            segment = replace(
                segment,
                end_us=record.end_us,
                frames=segment.frames + record.frames,
                fragments=segment.fragments + 1,
                sealed_bytes=record.sealed_bytes,
            )
        else:
            segment = replace(segment, sealed_bytes=record.sealed_bytes, sha256=record.sha256, salvaged=record.salvaged)
        self._segments[record.segment] = segment

    def _take_gap(self, record: GapStarted | GapEnded) -> None:
        self._until = max(self._until, record.at_us)
        if (place := self._open_gap.pop(record.track, None)) is not None:
            self._gaps[place] = replace(self._gaps[place], end_us=record.at_us)
        if isinstance(record, GapStarted):
            self._open_gap[record.track] = len(self._gaps)
            self._gaps.append(Gap(record.track, record.at_us, None, record.cause, record.note))

    def manifest(self, tip: IndexTip) -> Manifest:
        opened = self._opened
        return Manifest(
            take=opened.take,
            lesson=opened.lesson,
            title=opened.title,
            started_at_ms=opened.started_at_ms,
            state=self._state.state,
            reason=self._state.reason,
            duration_us=TakeTime(self._until),
            policy=opened.policy,
            software=tuple(self._software),
            tracks=tuple(self._tracks.values()),
            segments=tuple(self._segments.values()),
            gaps=tuple(self._gaps),
            marks=tuple(self._marks),
            index_lines=tip.lines,
            index_chain=tip.chain,
            about=opened.about,
        )


def _opened(record: SegmentOpened) -> Segment:
    return Segment(
        record.segment,
        record.track,
        record.file,
        record.container,
        record.codec,
        record.width,
        record.height,
        record.channels,
        record.ssrc,
        record.cause,
        record.start_us,
        record.start_us,
        sealed_bytes=record.sealed_bytes,
    )
