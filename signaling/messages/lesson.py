"""What a lesson is made of, as its pages and clients see it: seats, sources, the floor, slots, what is being taken."""

from dataclasses import dataclass

from signaling.messages.ids import (
    Cue,
    Kind,
    LessonId,
    LessonState,
    Mid,
    Mode,
    RecordingPause,
    Role,
    SeatId,
    Source,
    TakeState,
    TrackId,
)


@dataclass(frozen=True, slots=True)
class IceServer:
    """STUN or TURN servers of our own, with what they want to be shown (RFC 8489, RFC 8656)."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """One place in the lesson, as everyone sees it."""

    seat: SeatId
    role: Role
    classroom: str
    """The school's and room's name, as screens show it."""
    present: bool
    hand: bool = False


@dataclass(frozen=True, slots=True)
class SourceState:
    """One published source."""

    seat: SeatId
    source: Source
    kind: Kind
    flowing: bool
    """Whether media arrives at the node now."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Who may be heard beside the lead."""

    holder: SeatId | None = None
    requests: tuple[SeatId, ...] = ()
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a page shows of a lesson."""

    lesson: LessonId
    title: str
    mode: Mode
    state: LessonState
    taken: tuple[Source, ...]
    """The sources that the recording policy lets be taken."""
    seats: tuple[Seat, ...]
    sources: tuple[SourceState, ...]
    floor: Floor
    recording_pause: RecordingPause = "off"


@dataclass(frozen=True, slots=True)
class SlotOffer:
    """One slot of a subscriber offer."""

    mid: Mid
    kind: Kind


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer for the subscriber connection that was made at the door."""

    number: int
    sdp: str
    slots: tuple[SlotOffer, ...]


@dataclass(frozen=True, slots=True)
class SlotState:
    """What arrives in a slot."""

    mid: Mid
    kind: Kind
    seat: SeatId | None = None
    source: Source | None = None
    track: TrackId | None = None
    trouble: str | None = None
    """A code why there is no picture: `copy_coming`, `codec_not_supported` or `copy_silent`."""


@dataclass(frozen=True, slots=True)
class TakenSource:
    """What the recorder does with one source."""

    seat: SeatId
    source: Source
    state: TakeState
    """`recording` only while frames are written, `paused` only once the recorder says so."""
    sentence: str | None = None
    """Why it has stopped or failed, for people."""


@dataclass(frozen=True, slots=True)
class ReducedSource:
    """A picture that is less than it might be, as its viewer's line carries no more."""

    seat: SeatId
    source: Source
    lines: int | None
    """How high it is now; None where that is not known."""
    paused: bool


@dataclass(frozen=True, slots=True)
class SeatCue:
    """What a seat asks of the lead now."""

    seat: SeatId
    cue: Cue


@dataclass(frozen=True, slots=True)
class SeatLine:
    """What the line to a seat carries, and what is less for it there."""

    seat: SeatId
    level: int
    """Of the ladder of pictures, 0 (sound and at most one picture) to 5."""
    bit_rate: int
    reduced: tuple[ReducedSource, ...]
