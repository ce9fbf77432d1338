"""The records of a take's index: what happened to it, in order; the manifest is their fold."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from recorder.core.form import Form
from recorder.core.names import Codec, Container, CutCause, GapCause, SegmentNumber, TakeId, TakeState, TakeTime
from signaling.messages.ids import Kind, LessonId, SeatId, Source, TrackId


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be taken, who enabled pupils' pictures and voices, and on what basis."""

    sources: tuple[Source, ...]
    muted_sound: bool = False
    """Whether a room is taken while it is not to be heard."""
    enabled_by: str | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Software:
    """Who wrote the take."""

    recorder: str
    node: str


@dataclass(frozen=True, slots=True)
class About:
    """What people look for a lesson by, beside its title and its day."""

    school: str = ""
    """Empty: the first classroom's name says it."""
    teacher: str = ""
    classrooms: tuple[str, ...] = ()
    """All that took part, the lead's first, whether or not anything was taken of them."""


@dataclass(frozen=True, slots=True)
class TakeOpened:
    """Take time 0."""

    take: TakeId
    lesson: LessonId
    title: str
    started_at_ms: int
    """Milliseconds since 1970 in UTC, by the recorder's wall clock; nothing else is measured by that clock."""
    policy: Policy
    software: Software
    about: About = About()
    type: Literal["take_opened"] = "take_opened"


@dataclass(frozen=True, slots=True)
class TakeResumed:
    """Another process of the recorder goes on with the take; what was not in the index has been dropped."""

    at_us: TakeTime
    software: Software
    dropped_bytes: int
    type: Literal["take_resumed"] = "take_resumed"


@dataclass(frozen=True, slots=True)
class ClockSet:
    """Take time on a node's clock; with each boot of the node its clock begins anew."""

    at_us: TakeTime
    boot: str
    node_us: int
    type: Literal["clock_set"] = "clock_set"


@dataclass(frozen=True, slots=True)
class TrackAdded:
    """The policy takes this track; from here on it is in a segment or in a gap."""

    at_us: TakeTime
    track: TrackId
    seat: SeatId
    classroom: str
    source: Source
    kind: Kind
    type: Literal["track_added"] = "track_added"


@dataclass(frozen=True, slots=True)
class SegmentOpened:
    """A file of one track, one codec, one resolution, one SSRC."""

    segment: SegmentNumber
    track: TrackId
    file: str
    """Below the take's folder."""
    container: Container
    codec: Codec
    ssrc: int
    start_us: TakeTime
    """Timestamp 0 in the file."""
    cause: CutCause
    width: int = 0
    height: int = 0
    """0 for sound."""
    channels: int = 0
    """0 for pictures."""
    sealed_bytes: int = 0
    """How long the file on the disk is with the container's head."""
    type: Literal["segment_opened"] = "segment_opened"


@dataclass(frozen=True, slots=True)
class FragmentWritten:
    """Up to a second of a segment that is safe on the disk."""

    segment: SegmentNumber
    start_us: TakeTime
    end_us: TakeTime
    """Where its last frame ends."""
    frames: int
    keyframe: bool
    """Whether it begins with one; always so for sound."""
    offset: int
    """Where it begins in the plain file; before the first one lies the container's head."""
    length: int
    sealed_bytes: int
    """How long the file on the disk is with it."""
    type: Literal["fragment_written"] = "fragment_written"


@dataclass(frozen=True, slots=True)
class SegmentClosed:
    """Nothing is added to this file any more."""

    segment: SegmentNumber
    sealed_bytes: int
    sha256: str
    """Of the file as it lies on the disk, in hexadecimal."""
    salvaged: bool = False
    """Closed by a later process, at the last fragment that the index names."""
    type: Literal["segment_closed"] = "segment_closed"


@dataclass(frozen=True, slots=True)
class GapStarted:
    """Nothing of this track is taken from here on; a track has one gap at a time."""

    track: TrackId
    at_us: TakeTime
    cause: GapCause
    note: str = ""
    """In words, where the cause does not say all."""
    type: Literal["gap_started"] = "gap_started"


@dataclass(frozen=True, slots=True)
class GapEnded:
    track: TrackId
    at_us: TakeTime
    type: Literal["gap_ended"] = "gap_ended"


@dataclass(frozen=True, slots=True)
class Marked:
    """A place worth finding: a chapter on the player's page."""

    at_us: TakeTime
    kind: Literal["lesson", "floor", "courseware", "source"]
    label: str
    """What it is, as data: `floor_given`, `courseware_started`."""
    seat: SeatId | None = None
    classroom: str = ""
    """The seat's, of which there may be no track to tell it by."""
    type: Literal["marked"] = "marked"


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The last record of a finished take says `closed` or `failed`."""

    at_us: TakeTime
    state: TakeState
    reason: str
    """In words."""
    type: Literal["state_changed"] = "state_changed"


Record = (
    TakeOpened
    | TakeResumed
    | ClockSet
    | TrackAdded
    | SegmentOpened
    | FragmentWritten
    | SegmentClosed
    | GapStarted
    | GapEnded
    | Marked
    | StateChanged
)

RECORD: Final[Form[Record]] = Form("record", Annotated[Record, Field(discriminator="type")])
