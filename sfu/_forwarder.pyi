"""The native packet forwarder: sockets, ICE, DTLS, SRTP, repair and fan-out, on threads of its own.

Handles (`peer`, `track`, `slot`) are integers in 1..2**32 that the caller chooses; each is unique among the living of
its kind. Nothing here blocks for longer than one pass of a worker, and none of the threads ever needs the GIL.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias, final

__all__ = [
    "AddPeer",
    "AddSlot",
    "AddTrack",
    "AudioLevels",
    "BindSlot",
    "Codec",
    "Command",
    "Encoding",
    "Event",
    "Forwarder",
    "ForwarderError",
    "OpenTrack",
    "PeerClosed",
    "PeerConnected",
    "PeerStats",
    "RemovePeer",
    "RemoveSlot",
    "RemoveTrack",
    "RequestKeyframe",
    "SlotStats",
    "Stats",
    "TrackFlowing",
    "TrackStalled",
    "TrackStats",
]

_Kind: TypeAlias = Literal["audio", "video"]
_DtlsRole: TypeAlias = Literal["active", "passive"]

class ForwarderError(Exception):
    """A command was refused; the sentence says which and why, and nothing of its batch was done."""

@final
class AddPeer:
    """One connection, accepted by ICE-lite; the browser sends the checks.

    `transport_cc_extension` is the id that both sides' SDP gives
    http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01 where they also agreed on
    `a=rtcp-fb:… transport-cc`; with it the node feeds back each 50 ms when packets arrived.
    """

    def __new__(
        cls,
        peer: int,
        *,
        local_ufrag: str,
        local_password: str,
        remote_ufrag: str,
        remote_password: str,
        remote_fingerprint: tuple[str, bytes],
        dtls_role: _DtlsRole,
        mid_extension: int = 0,
        rid_extension: int = 0,
        repaired_rid_extension: int = 0,
        audio_level_extension: int = 0,
        transport_cc_extension: int = 0,
    ) -> AddPeer: ...

@final
class RemovePeer:
    """Ends a connection with everything on it; its tracks leave every slot."""

    def __new__(cls, peer: int) -> RemovePeer: ...

@final
class Codec:
    """A payload type of a track or slot. `name` is compared as a whole: "opus", "vp8", "h264", "av1"."""

    def __new__(
        cls,
        name: str,
        payload_type: int,
        clock_rate: int,
        *,
        rtx_payload_type: int | None = None,
        nack: bool = False,
        pli: bool = False,
        fir: bool = False,
    ) -> Codec: ...

@final
class Encoding:
    """One stream of a track by its SSRC; `rtx_ssrc` carries its repairs, `rid` names a simulcast layer."""

    def __new__(cls, ssrc: int, *, rtx_ssrc: int | None = None, rid: str | None = None) -> Encoding: ...

@final
class AddTrack:
    """One published stream. Without encodings its SSRCs are learned: by mid (and rid), else by payload type."""

    def __new__(
        cls,
        track: int,
        peer: int,
        *,
        kind: _Kind,
        mid: str,
        codecs: Sequence[Codec],
        encodings: Sequence[Encoding] = (),
        open: bool = True,
    ) -> AddTrack: ...

@final
class RemoveTrack:
    def __new__(cls, track: int) -> RemoveTrack: ...

@final
class OpenTrack:
    """Opens or closes a track: what a closed one sends is received, reported on and forwarded to nobody."""

    def __new__(cls, track: int, open: bool) -> OpenTrack: ...

@final
class AddSlot:
    """A place in a connection where a track can arrive: one mid with one SSRC for its whole life."""

    def __new__(
        cls,
        slot: int,
        peer: int,
        *,
        kind: _Kind,
        mid: str,
        ssrc: int,
        rtx_ssrc: int | None = None,
        codecs: Sequence[Codec],
    ) -> AddSlot: ...

@final
class RemoveSlot:
    def __new__(cls, slot: int) -> RemoveSlot: ...

@final
class BindSlot:
    """Puts a track into a slot, or nothing; sequence and timestamp go on without a break."""

    def __new__(cls, slot: int, track: int | None) -> BindSlot: ...

@final
class RequestKeyframe:
    """Asks the publisher for a keyframe, merged with what others ask."""

    def __new__(cls, track: int) -> RequestKeyframe: ...

Command: TypeAlias = (
    AddPeer | RemovePeer | AddTrack | RemoveTrack | OpenTrack | AddSlot | RemoveSlot | BindSlot | RequestKeyframe
)

@final
class PeerConnected:
    """ICE, DTLS and the fingerprint are good; media flows from now on."""

    peer: int
    srtp_profile: str
    """"AEAD_AES_128_GCM" or "AES_CM_128_HMAC_SHA1_80"."""
    remote_address: tuple[str, int]

@final
class PeerClosed:
    """The peer has gone and its handle is free again."""

    peer: int
    reason: Literal["consent_expired", "handshake_failed", "fingerprint_mismatch", "closed_by_peer", "broken_invariant"]

@final
class TrackFlowing:
    """A track's media arrives: its first packet, or the first after a stall."""

    track: int
    codec: str
    ssrc: int

@final
class TrackStalled:
    """Nothing of a track arrived for 2 s."""

    track: int

@final
class AudioLevels:
    """The loudest level of each audio track in the last 200 ms, in -dBov as RFC 6464 has it: 0 loud, 127 silent."""

    levels: list[tuple[int, int]]
    """(track, level)"""

Event: TypeAlias = PeerConnected | PeerClosed | TrackFlowing | TrackStalled | AudioLevels

@final
class PeerStats:
    peer: int
    connected: bool
    remote_address: tuple[str, int] | None
    round_trip_ms: float | None
    datagrams_received: int
    bytes_received: int
    datagrams_sent: int
    bytes_sent: int
    dropped: dict[str, int]
    """Datagrams and packets of this peer that were dropped, by reason."""

@final
class TrackStats:
    track: int
    peer: int
    packets: int
    bytes: int
    lost: int
    repaired: int
    duplicates: int
    nacks_sent: int
    keyframe_requests_sent: int
    keyframes: int
    jitter_ms: float
    last_sequence: int
    dropped: dict[str, int]

@final
class SlotStats:
    slot: int
    peer: int
    track: int | None
    packets: int
    bytes: int
    repairs: int
    nacks_received: int
    keyframe_requests_received: int
    fraction_lost: float
    """Of the last receiver report, 0..1."""
    dropped: dict[str, int]

@final
class Stats:
    peers: list[PeerStats]
    tracks: list[TrackStats]
    slots: list[SlotStats]
    dropped: dict[str, int]
    """Datagrams that belong to no peer, by reason."""
    events_dropped: int
    largest_send_gap_ms: float
    """The longest time between two datagrams sent by a worker while a track was flowing into a slot."""
    cpu_seconds: float
    """CPU time of the worker threads."""

@final
class Forwarder:
    """Owns the sockets and the worker threads; `close` joins them."""

    def __new__(
        cls,
        addresses: Sequence[tuple[str, int]],
        *,
        certificate: bytes,
        private_key: bytes,
    ) -> Forwarder:
        """`addresses`: each gets a UDP socket of its own, never a wildcard; port 0 asks for any. PEM certificate, key.

        Raises OSError when an address cannot be bound, ValueError for a wildcard or a bad certificate.
        """

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """What was bound, in the order asked for."""

    @property
    def fingerprint(self) -> tuple[str, bytes]:
        """("sha-256", digest) of the certificate."""

    def apply(self, commands: Sequence[Command]) -> None:
        """Does all of a batch between two packets, or none of it. Raises ForwarderError."""

    def events(self) -> list[Event]:
        """Everything since the last call, oldest first; never blocks."""

    def event_fd(self) -> int:
        """Readable while events wait; belongs to the forwarder."""

    def stats(self) -> Stats: ...
    def close(self) -> None: ...
