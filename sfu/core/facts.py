"""What the forwarder tells: past tense, as data."""

from dataclasses import dataclass

from sfu.core.commands import PeerHandle, SlotHandle, TrackHandle
from signaling.messages.ids import FitCause


@dataclass(frozen=True, slots=True)
class PeerConnected:
    """Checks, handshake and fingerprint are good."""

    peer: PeerHandle
    srtp_profile: str
    remote_address: tuple[str, int]


@dataclass(frozen=True, slots=True)
class PeerClosed:
    """The peer has gone with its tracks and slots."""

    peer: PeerHandle
    reason: str


@dataclass(frozen=True, slots=True)
class TrackFlowing:
    """A track's media arrives."""

    track: TrackHandle
    codec: str


@dataclass(frozen=True, slots=True)
class TrackStalled:
    """Nothing of a track has arrived for 2 s."""

    track: TrackHandle


@dataclass(frozen=True, slots=True)
class KeyframeWanted:
    """Somebody cannot see a fed track without a keyframe."""

    track: TrackHandle


@dataclass(frozen=True, slots=True)
class Reduced:
    """A picture that is less than it might be."""

    slot: SlotHandle
    lines: int | None
    """How high it is now, where its codec says so."""
    paused: bool


@dataclass(frozen=True, slots=True)
class PicturesFitted:
    """What a viewer sees was fitted to what its line carries: the whole truth of it."""

    peer: PeerHandle
    level: int
    """Of the ladder, 0 to 5."""
    bit_rate: int
    cause: FitCause
    reduced: tuple[Reduced, ...]


@dataclass(frozen=True, slots=True)
class Estimated:
    """What the way to a peer carries has changed, in bit/s; at most twice a second."""

    peer: PeerHandle
    bit_rate: int
    cause: str
    """What last set it, as the forwarder names it."""


@dataclass(frozen=True, slots=True)
class AudioLevels:
    """The loudest level of each audio track of the last 200 ms: 0 loud, 127 silent (RFC 6464)."""

    levels: tuple[tuple[TrackHandle, int], ...]


Fact = (
    PeerConnected | PeerClosed | TrackFlowing | TrackStalled | KeyframeWanted | PicturesFitted | Estimated | AudioLevels
)
