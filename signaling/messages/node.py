"""The conversation between signaling and a node: signaling dials, says what should be, and the node says what is."""

from dataclasses import dataclass
from typing import Literal

from signaling.messages.ids import (
    BootId,
    Connection,
    FitCause,
    Kind,
    LessonId,
    Mid,
    Priority,
    SeatId,
    SessionId,
    Source,
    TrackId,
)

VERSIONS = (1,)


@dataclass(frozen=True, slots=True)
class SignalingHello:
    """First message after the WebSocket opened with signaling's bearer token."""

    versions: tuple[int, ...]
    token_keys: str
    """JWK set (RFC 7517) of the public keys that sign WHIP and WHEP tokens."""
    type: Literal["signaling_hello"] = "signaling_hello"


@dataclass(frozen=True, slots=True)
class TrackState:
    """One published track."""

    track: TrackId
    source: Source
    kind: Kind
    codec: str
    """`h264`, `vp8`, `opus`, …; the codec that flows, or the first negotiated before anything does."""
    flowing: bool
    copy: str | None = None
    """The codec when this is an extra copy of a source that has another track."""
    layers: tuple[str, ...] = ()
    """Simulcast layers by their rid, as the publisher listed them; empty: there is one."""


@dataclass(frozen=True, slots=True)
class SlotPlace:
    """One slot of a subscriber connection."""

    mid: Mid
    kind: Kind
    track: TrackId | None = None
    """What the slot holds now; a signaling that has restarted leaves it there."""


@dataclass(frozen=True, slots=True)
class ReducedTrack:
    """A picture that is less than it might be, as its viewer's line carries no more."""

    track: TrackId
    lines: int | None
    """How high it is now; None where its codec does not say."""
    paused: bool


@dataclass(frozen=True, slots=True)
class LineState:
    """What the line to a subscriber carries, and what is less for it."""

    level: int
    """Of the ladder of pictures, 0 (sound and at most one picture) to 5."""
    bit_rate: int
    cause: FitCause
    reduced: tuple[ReducedTrack, ...]


@dataclass(frozen=True, slots=True)
class PeerState:
    """One connection of a seat, as the node holds it."""

    lesson: LessonId
    seat: SeatId
    connection: Connection
    origin: Literal["control", "whip", "whep"]
    connected: bool
    tracks: tuple[TrackState, ...] = ()
    slots: tuple[SlotPlace, ...] = ()
    codecs: tuple[str, ...] = ()
    """Codecs that the slots can deliver; empty until answered."""
    session: SessionId | None = None
    """Who negotiated it; None for WHIP and WHEP."""
    line: LineState | None = None
    """None while everything is as rich as it is wanted."""


@dataclass(frozen=True, slots=True)
class NodeHello:
    """Answers `signaling_hello`."""

    version: int
    node: str
    boot: BootId
    token: str
    """The node's own token, so that signaling knows whom it has dialled."""
    generation: int
    """The last generation applied; 0 after a start."""
    peers: tuple[PeerState, ...]
    type: Literal["node_hello"] = "node_hello"


@dataclass(frozen=True, slots=True)
class SeatRights:
    """What a seat may do at the node."""

    seat: SeatId
    sources: tuple[Source, ...]
    """What it may publish."""
    subscribe: bool
    session: SessionId | None = None
    """Who sits there; connections of other sessions are closed."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A track in a slot. Slots that no binding names are empty."""

    seat: SeatId
    mid: Mid
    track: TrackId
    layer: str | None = None
    """The rid of the simulcast layer to show at most; None, or one that the track has not: the richest there is."""
    priority: Priority = "other_room"
    """Which pictures give way to which where the viewer's line does not carry all; of sound it says nothing."""


@dataclass(frozen=True, slots=True)
class DesiredLesson:
    """All that a node should hold of one lesson. Seats that are not named are closed."""

    lesson: LessonId
    seats: tuple[SeatRights, ...]
    open: tuple[TrackId, ...]
    """Tracks that may be forwarded; every other track is closed."""
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class Desired:
    """Replaces what should be of one lesson; without seats the lesson is over at this node."""

    generation: int
    lesson: DesiredLesson
    type: Literal["desired"] = "desired"


@dataclass(frozen=True, slots=True)
class PublishedMid:
    """Which source a media section carries."""

    mid: Mid
    source: Source
    copy: str | None = None


@dataclass(frozen=True, slots=True)
class OfferPublish:
    """A seat's offer for its publish connection. The same certificate and `o=` id under another ufrag restart its ICE;
    else another ufrag starts the connection anew."""

    request: int
    lesson: LessonId
    seat: SeatId
    sdp: str
    sources: tuple[PublishedMid, ...]
    session: SessionId | None = None
    type: Literal["offer_publish"] = "offer_publish"


@dataclass(frozen=True, slots=True)
class OpenSubscriber:
    """Wants an offer for a new subscriber connection of a seat, in place of the one it has."""

    request: int
    lesson: LessonId
    seat: SeatId
    video_slots: int
    audio_slots: int
    session: SessionId | None = None
    """Who wants it; it need not sit on the seat yet."""
    restart: bool = False
    """The same slots of the connection that lives, under other ICE credentials; the numbers of slots do not count."""
    type: Literal["open_subscriber"] = "open_subscriber"


@dataclass(frozen=True, slots=True)
class AnswerSubscribe:
    """A seat's answer to the subscriber offer of this number."""

    request: int
    lesson: LessonId
    seat: SeatId
    number: int
    sdp: str
    session: SessionId | None = None
    type: Literal["answer_subscribe"] = "answer_subscribe"


@dataclass(frozen=True, slots=True)
class ClosePeer:
    """Ends a connection of a seat."""

    lesson: LessonId
    seat: SeatId
    connection: Connection
    session: SessionId | None = None
    """Only if the connection is this session's; None: whosever it is."""
    type: Literal["close_peer"] = "close_peer"


@dataclass(frozen=True, slots=True)
class Drain:
    """The node takes no new lessons from now on."""

    type: Literal["drain"] = "drain"


SignalingMessage = SignalingHello | Desired | OfferPublish | OpenSubscriber | AnswerSubscribe | ClosePeer | Drain


@dataclass(frozen=True, slots=True)
class Applied:
    """This generation of a lesson is in force."""

    generation: int
    lesson: LessonId
    type: Literal["applied"] = "applied"


@dataclass(frozen=True, slots=True)
class AnswerPublish:
    """Answers `offer_publish`."""

    request: int
    sdp: str
    type: Literal["answer_publish"] = "answer_publish"


@dataclass(frozen=True, slots=True)
class OfferSubscribe:
    """Answers `open_subscriber`."""

    request: int
    number: int
    sdp: str
    slots: tuple[SlotPlace, ...]
    type: Literal["offer_subscribe"] = "offer_subscribe"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Answers `answer_subscribe`."""

    request: int
    type: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """A request changed nothing; the sentence is fit for the person who asked."""

    request: int
    code: str
    sentence: str
    type: Literal["request_refused"] = "request_refused"


@dataclass(frozen=True, slots=True)
class MessageRefused:
    """A message of signaling changed nothing and has no number to be refused by; the line goes on."""

    code: str
    sentence: str
    lesson: LessonId | None = None
    """Whose it was, if that could be read."""
    type: Literal["message_refused"] = "message_refused"


@dataclass(frozen=True, slots=True)
class PeerChanged:
    """A connection came, connected, or its tracks or slots changed."""

    peer: PeerState
    type: Literal["peer_changed"] = "peer_changed"


@dataclass(frozen=True, slots=True)
class PeerGone:
    """A connection is no more."""

    lesson: LessonId
    seat: SeatId
    connection: Connection
    reason: str
    session: SessionId | None = None
    """Whose it was; None for WHIP and WHEP."""
    type: Literal["peer_gone"] = "peer_gone"


@dataclass(frozen=True, slots=True)
class NodeLevels:
    """The loudest level of each open audio track of a lesson in the last second (RFC 6464)."""

    lesson: LessonId
    levels: tuple[tuple[TrackId, int], ...]
    type: Literal["node_levels"] = "node_levels"


NodeMessage = (
    NodeHello
    | Applied
    | AnswerPublish
    | OfferSubscribe
    | Accepted
    | RequestRefused
    | MessageRefused
    | PeerChanged
    | PeerGone
    | NodeLevels
)
