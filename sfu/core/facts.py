"""What the forwarder tells: past tense, as data."""

from dataclasses import dataclass

from sfu.core.commands import PeerHandle, TrackHandle


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
class AudioLevels:
    """The loudest level of each audio track of the last 200 ms: 0 loud, 127 silent (RFC 6464)."""

    levels: tuple[tuple[TrackHandle, int], ...]


Fact = PeerConnected | PeerClosed | TrackFlowing | TrackStalled | KeyframeWanted | AudioLevels
