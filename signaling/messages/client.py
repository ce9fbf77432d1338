"""The conversation between a page or client and signaling, in the order of a lesson; the laws are in PROTOCOL.md."""

from dataclasses import dataclass, field
from typing import Literal

from signaling.messages.ids import (
    Connection,
    Kind,
    LessonId,
    LessonState,
    Mid,
    Mode,
    RecordingPause,
    Role,
    SeatId,
    SessionId,
    Source,
    TakeState,
    TrackId,
)

VERSIONS = (1,)
"""Protocol versions that this code speaks, newest first."""


@dataclass(frozen=True, slots=True)
class Resume:
    """What a client that lost its WebSocket still holds."""

    session: SessionId
    last_seq: int
    """The highest `seq` it has received."""


@dataclass(frozen=True, slots=True)
class Hello:
    """First message of every WebSocket."""

    versions: tuple[int, ...]
    client: str
    """Name and version, for the log: `page/0.1.0`."""
    resume: Resume | None = None
    offer: bool = False
    """Wants `door_offer` before it joins."""
    type: Literal["hello"] = "hello"


@dataclass(frozen=True, slots=True)
class Join:
    """Takes the seat; whoever sat on it before is replaced."""

    id: str
    offer: bool = False
    """Wants `joined` with the subscriber's offer as the reply, instead of `done`."""
    type: Literal["join"] = "join"


@dataclass(frozen=True, slots=True)
class PublishedSource:
    """Which source a media section of the offer carries."""

    mid: Mid
    source: Source
    copy: str | None = None
    """`vp8` when this is the extra copy that `republish` asked for."""


@dataclass(frozen=True, slots=True)
class Publish:
    """An offer for the publish connection; a later one adds or ends sources, or starts it anew."""

    id: str
    sdp: str
    sources: tuple[PublishedSource, ...]
    type: Literal["publish"] = "publish"


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Asks for the subscriber connection; without numbers the role's slots are given."""

    id: str
    video_slots: int | None = None
    audio_slots: int | None = None
    type: Literal["subscribe"] = "subscribe"


@dataclass(frozen=True, slots=True)
class SubscribeAnswer:
    """Answers the offer of this number; an answer to an older one is refused."""

    id: str
    number: int
    sdp: str
    type: Literal["subscribe_answer"] = "subscribe_answer"


@dataclass(frozen=True, slots=True)
class Hand:
    """Raises or lowers the hand."""

    id: str
    up: bool
    type: Literal["hand"] = "hand"


@dataclass(frozen=True, slots=True)
class FloorRequest:
    """A room asks to be heard."""

    id: str
    type: Literal["floor_request"] = "floor_request"


@dataclass(frozen=True, slots=True)
class FloorGive:
    """The lead gives the floor to a room; whoever held it loses it."""

    id: str
    seat: SeatId
    type: Literal["floor_give"] = "floor_give"


@dataclass(frozen=True, slots=True)
class FloorTake:
    """The lead takes the floor back."""

    id: str
    type: Literal["floor_take"] = "floor_take"


@dataclass(frozen=True, slots=True)
class FloorRelease:
    """A room gives the floor back, or withdraws its request."""

    id: str
    type: Literal["floor_release"] = "floor_release"


@dataclass(frozen=True, slots=True)
class SendText:
    """A line to the other teachers of the lesson."""

    id: str
    body: str
    type: Literal["send_text"] = "send_text"


@dataclass(frozen=True, slots=True)
class PauseRecording:
    """The lead has nothing recorded for a while, or lets the recording go on; the lesson goes on all the same."""

    id: str
    paused: bool
    type: Literal["pause_recording"] = "pause_recording"


@dataclass(frozen=True, slots=True)
class End:
    """The lead ends the lesson."""

    id: str
    type: Literal["end"] = "end"


@dataclass(frozen=True, slots=True)
class Leave:
    """Gives the seat up; both connections close."""

    id: str
    type: Literal["leave"] = "leave"


ClientMessage = (
    Hello
    | Join
    | Publish
    | Subscribe
    | SubscribeAnswer
    | Hand
    | FloorRequest
    | FloorGive
    | FloorTake
    | FloorRelease
    | SendText
    | PauseRecording
    | End
    | Leave
)


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
class Rejoin:
    """These connections are lost at the node; negotiate them anew."""

    seq: int
    connections: tuple[Connection, ...]
    type: Literal["rejoin"] = "rejoin"


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
class Taking:
    """What is being taken of this seat (of all seats for lead and assistants), who enabled it, and on what basis."""

    seq: int
    sources: tuple[TakenSource, ...]
    enabled_by: str | None = None
    basis: str | None = None
    type: Literal["taking"] = "taking"


@dataclass(frozen=True, slots=True)
class RecordingChanged:
    """The lead has the recording paused, the recorder holds the pause, or the recording goes on."""

    seq: int
    pause: RecordingPause
    type: Literal["recording_changed"] = "recording_changed"


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
    | Levels
    | Republish
    | Rejoin
    | Taking
    | RecordingChanged
    | LessonChanged
    | Bye
)
