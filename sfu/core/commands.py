"""Orders to the forwarder as data; `sfu.forwarder` hands them to the native module."""

from dataclasses import dataclass
from typing import NewType

from sfu.sdp import Codec, DtlsRole, Encoding, Extensions, Fingerprint, Kind
from signaling.messages.ids import Priority

PeerHandle = NewType("PeerHandle", int)
TrackHandle = NewType("TrackHandle", int)
SlotHandle = NewType("SlotHandle", int)
TapHandle = NewType("TapHandle", int)


@dataclass(frozen=True, slots=True)
class AddPeer:
    """Expects a connection, of which the peer sends the checks; with candidates, dials it."""

    peer: PeerHandle
    local_ufrag: str
    local_password: str
    remote_ufrag: str
    remote_password: str
    remote_fingerprint: Fingerprint
    dtls_role: DtlsRole
    extensions: Extensions
    candidates: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class RemovePeer:
    """Ends a connection with everything on it."""

    peer: PeerHandle


@dataclass(frozen=True, slots=True)
class RestartIce:
    """Other credentials for a connection that lives; its path serves until one is nominated with them."""

    peer: PeerHandle
    local_ufrag: str
    local_password: str
    remote_ufrag: str
    remote_password: str


@dataclass(frozen=True, slots=True)
class AddTrack:
    """Expects a published stream."""

    track: TrackHandle
    peer: PeerHandle
    kind: Kind
    mid: str
    codecs: tuple[Codec, ...]
    encodings: tuple[Encoding, ...]
    open: bool
    mark: int = 0
    """What a viewer that dials is told of each packet of it."""


@dataclass(frozen=True, slots=True)
class RemoveTrack:
    """Forgets a published stream; it leaves every slot."""

    track: TrackHandle


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """Lets a track be forwarded, or nothing of it."""

    track: TrackHandle
    open: bool


@dataclass(frozen=True, slots=True)
class AddSlot:
    """Makes a place where a track can arrive."""

    slot: SlotHandle
    peer: PeerHandle
    kind: Kind
    mid: str
    ssrc: int
    rtx_ssrc: int | None
    codecs: tuple[Codec, ...]
    numbered: bool = False
    """Its packets carry transport-wide numbers, if the connection has an id for them."""


@dataclass(frozen=True, slots=True)
class BindSlot:
    """Puts a track into a slot, or nothing."""

    slot: SlotHandle
    track: TrackHandle | None


@dataclass(frozen=True, slots=True)
class ChooseLayer:
    """Names the simulcast layer that a slot shows at most; none leaves it to the forwarder."""

    slot: SlotHandle
    rid: str | None


@dataclass(frozen=True, slots=True)
class SetPriority:
    """Says what a slot's picture is worth beside the others of its connection."""

    slot: SlotHandle
    priority: Priority


@dataclass(frozen=True, slots=True)
class AddFeed:
    """A track whose encoded frames we bring ourselves; it ends with its peer."""

    track: TrackHandle
    peer: PeerHandle
    kind: Kind
    codec: str
    clock_rate: int


@dataclass(frozen=True, slots=True)
class AddTap:
    """Reads a track as whole encoded frames, waiting for what is missing at most `window_ms`."""

    tap: TapHandle
    track: TrackHandle
    window_ms: int = 1000
    while_closed: bool = False
    """What a closed track sends is read too: only where the lesson's policy says so."""
    avcc: bool = False
    """H.264 with lengths, as MP4 has it, instead of start codes."""
    rid: str | None = None
    """Which simulcast layer; none for the richest."""


@dataclass(frozen=True, slots=True)
class RequestTapKeyframe:
    """Asks for a keyframe of what a tap reads."""

    tap: TapHandle


@dataclass(frozen=True, slots=True)
class RemoveTap:
    """Ends a tap; it ends by itself with its track."""

    tap: TapHandle


@dataclass(frozen=True, slots=True)
class RequestKeyframe:
    """Asks a track's publisher for a keyframe, merged with what others ask."""

    track: TrackHandle


Command = (
    AddPeer
    | RemovePeer
    | RestartIce
    | AddTrack
    | RemoveTrack
    | OpenTrack
    | AddSlot
    | BindSlot
    | ChooseLayer
    | SetPriority
    | AddFeed
    | AddTap
    | RequestTapKeyframe
    | RemoveTap
    | RequestKeyframe
)
