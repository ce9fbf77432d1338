"""What signaling says to a page or client, in the order of a lesson."""

from dataclasses import dataclass, field
from typing import Literal

from signaling.messages.ids import (
    Connection,
    LessonState,
    RecordingPause,
    Role,
    SeatId,
    SessionId,
    Source,
    SpaceLevel,
    TrackId,
)
from signaling.messages.lesson import (
    Floor,
    IceServer,
    Offer,
    Seat,
    SeatCue,
    SeatLine,
    SlotOffer,
    SlotState,
    Snapshot,
    SourceState,
    TakenSource,
)


@dataclass(frozen=True, slots=True)
class Welcome:
    """Answers `hello`."""

    version: int
    session: SessionId
    seat: SeatId
    role: Role
    classroom: str
    resumed: bool
    """True: what was missed follows, each with its `seq`. False: `snapshot` replaces all that was known."""
    seq: int
    """The snapshot's position, or the last message that the session was sent."""
    connections: tuple[Connection, ...]
    """Which of the seat's connections the node still holds; the others are negotiated anew."""
    actions: tuple[str, ...]
    """Message types that the role may send in this mode."""
    snapshot: Snapshot | None = None
    ice_servers: tuple[IceServer, ...] = ()
    """By which a page may reach the node when nothing else does; it asks no others."""
    type: Literal["welcome"] = "welcome"


@dataclass(frozen=True, slots=True)
class Done:
    """The message `reply_to` has taken effect."""

    reply_to: str
    type: Literal["done"] = "done"


@dataclass(frozen=True, slots=True)
class Refused:
    """The message `reply_to` changed nothing; `code` is stable, `sentence` is for people."""

    reply_to: str | None
    code: str
    sentence: str
    type: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True)
class DoorOffer:
    """Brings the offer to a client that has not joined yet; `join` and `subscribe_answer` may then go together."""

    offer: Offer
    type: Literal["door_offer"] = "door_offer"


@dataclass(frozen=True, slots=True)
class Joined:
    """Answers a `join` that wants an offer."""

    reply_to: str
    offer: Offer | None
    """None: the connection lives, or no node has answered; `subscribe` asks for one."""
    type: Literal["joined"] = "joined"


@dataclass(frozen=True, slots=True)
class Published:
    """The answer to a `publish` offer."""

    reply_to: str
    sdp: str
    type: Literal["published"] = "published"


@dataclass(frozen=True, slots=True)
class SubscribeOffer:
    """Answers `subscribe`; wants a `subscribe_answer` with the same number."""

    reply_to: str
    number: int
    sdp: str
    slots: tuple[SlotOffer, ...]
    type: Literal["subscribe_offer"] = "subscribe_offer"


@dataclass(frozen=True, slots=True)
class Slots:
    """Who is in which slot now."""

    seq: int
    slots: tuple[SlotState, ...]
    type: Literal["slots"] = "slots"


@dataclass(frozen=True, slots=True)
class SeatChanged:
    """A seat was taken, left, or its hand moved."""

    seq: int
    seat: Seat
    type: Literal["seat_changed"] = "seat_changed"


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """A source began, flows, or stalls."""

    seq: int
    source: SourceState
    type: Literal["source_changed"] = "source_changed"


@dataclass(frozen=True, slots=True)
class SourceEnded:
    """A source is no longer published."""

    seq: int
    seat: SeatId
    source: Source
    type: Literal["source_ended"] = "source_ended"


@dataclass(frozen=True, slots=True)
class FloorChanged:
    """The floor or its queue has changed."""

    seq: int
    floor: Floor
    type: Literal["floor_changed"] = "floor_changed"


@dataclass(frozen=True, slots=True)
class Text:
    """A line from a teacher of the lesson."""

    seq: int
    sender: SeatId
    at_ms: int
    """Wall clock of signaling, milliseconds since 1970."""
    body: str
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Private:
    """A line between the lead and one assistant, told to these two alone."""

    seq: int
    sender: SeatId
    to: SeatId
    at_ms: int
    """Wall clock of signaling, milliseconds since 1970."""
    body: str
    type: Literal["private"] = "private"


@dataclass(frozen=True, slots=True)
class Cues:
    """All that seats ask of the lead now; a seat hears of its own alone."""

    seq: int
    cues: tuple[SeatCue, ...]
    type: Literal["cues"] = "cues"


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines that do not carry everything, of those that this seat may know of; sound goes on in any case."""

    seq: int
    lines: tuple[SeatLine, ...]
    type: Literal["lines"] = "lines"


@dataclass(frozen=True, slots=True)
class Levels:
    """The loudest level of each audible source in the last second: 0 loud, 127 silent (RFC 6464). Not numbered."""

    levels: tuple[tuple[TrackId, int], ...]
    type: Literal["levels"] = "levels"


@dataclass(frozen=True, slots=True)
class Republish:
    """Asks for one more copy of a source in this codec, or (`wanted` false) for its end."""

    seq: int
    source: Source
    codec: str
    wanted: bool = True
    type: Literal["republish"] = "republish"


@dataclass(frozen=True, slots=True)
class Watched:
    """Which layers of a picture of this seat anybody uses: no others need be sent."""

    seq: int
    source: Source
    layers: tuple[str, ...] | None
    """By rid; None: all, as before any word; empty: nobody sees it."""
    type: Literal["watched"] = "watched"


@dataclass(frozen=True, slots=True)
class Rejoin:
    """These connections are lost at the node; negotiate them anew."""

    seq: int
    connections: tuple[Connection, ...]
    type: Literal["rejoin"] = "rejoin"


@dataclass(frozen=True, slots=True)
class Taking:
    """What is being taken of this seat (of all seats for lead and assistants), who enabled it, and on what basis."""

    seq: int
    sources: tuple[TakenSource, ...]
    enabled_by: str | None = None
    basis: str | None = None
    type: Literal["taking"] = "taking"


@dataclass(frozen=True, slots=True)
class Space:
    """How it is with the recorder's disk, for who leads this lesson."""

    seq: int
    level: SpaceLevel
    """`short`: it fills soon; `full`: this lesson is not recorded for want of room."""
    lasts_min: int | None = None
    """So many minutes are left for what is taken now, where that can be told."""
    type: Literal["space"] = "space"


@dataclass(frozen=True, slots=True)
class RecordingChanged:
    """The lead has the recording paused, the recorder holds the pause, or the recording goes on."""

    seq: int
    pause: RecordingPause
    type: Literal["recording_changed"] = "recording_changed"


@dataclass(frozen=True, slots=True)
class Pause:
    """The whole lesson is paused, or goes on; not the recording's pause."""

    seq: int
    paused: bool
    by: str
    """`lead`, `assistant` or `operator`: who stopped it, or let it go on."""
    type: Literal["pause"] = "pause"


@dataclass(frozen=True, slots=True)
class LessonChanged:
    """The lesson has gone to another state."""

    seq: int
    state: LessonState
    type: Literal["lesson_changed"] = "lesson_changed"


@dataclass(frozen=True, slots=True)
class Bye:
    """Last message before signaling closes the WebSocket."""

    code: str
    sentence: str
    retry: bool = field(default=True)
    """False: another join would meet the same end."""
    type: Literal["bye"] = "bye"


ServerMessage = (
    Welcome
    | Done
    | Refused
    | DoorOffer
    | Joined
    | Published
    | SubscribeOffer
    | Slots
    | SeatChanged
    | SourceChanged
    | SourceEnded
    | FloorChanged
    | Text
    | Private
    | Cues
    | Levels
    | Republish
    | Rejoin
    | Watched
    | Taking
    | Lines
    | Space
    | RecordingChanged
    | Pause
    | LessonChanged
    | Bye
)
