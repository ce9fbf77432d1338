"""The native packet forwarder: sockets, ICE, DTLS, SRTP, repair and fan-out, on threads of its own.

Handles (`peer`, `track`, `slot`, `tap`) are integers in 1..2**32 that the caller chooses; each is unique among the
living of its kind. Nothing here blocks for longer than one pass of a worker; none of the threads ever needs the GIL.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias, final

__all__ = [
    "AddFeed",
    "AddPeer",
    "AddSlot",
    "AddTap",
    "AddTrack",
    "AudioLevels",
    "BindSlot",
    "ChooseLayer",
    "Codec",
    "Command",
    "Encoding",
    "Estimated",
    "Event",
    "FedFrame",
    "Forwarder",
    "ForwarderError",
    "Frame",
    "KeyframeWanted",
    "OpenTrack",
    "PeerClosed",
    "PeerConnected",
    "PeerStats",
    "PicturesFitted",
    "RemovePeer",
    "RemoveSlot",
    "RemoveTap",
    "RemoveTrack",
    "RequestKeyframe",
    "RequestTapKeyframe",
    "RestartIce",
    "SetPriority",
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
    """One connection: accepted by ICE-lite, the browser sends the checks; or dialled, if there are `candidates`.

    When dialled, the forwarder checks every candidate from each of its addresses that can reach it and takes the first
    that answers; `dtls_role` is as in any offer and answer.

    `transport_cc_extension` is the id that both sides' SDP gives
    http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01 where they also agreed on
    `a=rtcp-fb:… transport-cc`; with it the node feeds back each 50 ms when packets arrived, and numbers what it sends
    in the slots that are `numbered`.

    `mark_extension` is the id of urn:x-three-classrooms:mark: with it each packet of a slot carries its track's `mark`,
    and frames of taps say what they carried.
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
        mark_extension: int = 0,
        candidates: Sequence[tuple[str, int]] = (),
    ) -> AddPeer: ...

@final
class RemovePeer:
    """Ends a connection with everything on it; its tracks leave every slot."""

    def __new__(cls, peer: int) -> RemovePeer: ...

@final
class RestartIce:
    """Other ICE credentials for an accepted connection (RFC 8445 section 9): keys, tracks and slots stay.

    Media goes on along the present path until one is nominated with the new credentials; till then checks with the old
    ones keep its consent. A dialled connection is refused.
    """

    def __new__(
        cls, peer: int, *, local_ufrag: str, local_password: str, remote_ufrag: str, remote_password: str
    ) -> RestartIce: ...

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
        mark: int = 0,
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
    """A place in a connection where a track can arrive: one mid with one SSRC for its whole life.

    `numbered`: its packets carry the connection's transport-wide numbers, so its section must have agreed on them too.
    """

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
        numbered: bool = False,
    ) -> AddSlot: ...

@final
class RemoveSlot:
    def __new__(cls, slot: int) -> RemoveSlot: ...

@final
class BindSlot:
    """Puts a track into a slot, or nothing; sequence and timestamp go on without a break."""

    def __new__(cls, slot: int, track: int | None) -> BindSlot: ...

@final
class ChooseLayer:
    """Names the simulcast layer that a video slot shows at most, by its rid; None leaves it to the forwarder: the best.

    The change comes at the layer's next keyframe, which is asked for, without a break in numbers or timestamps; until
    then the old layer flows. A layer whose clock no sender report has told yet is changed to once one has. One that is
    unknown or silent gives way to the richest; the choice stays and holds across `BindSlot`.
    """

    def __new__(cls, slot: int, rid: str | None) -> ChooseLayer: ...

@final
class SetPriority:
    """Says what a video slot's picture is worth beside the others of its connection; until then it is an "other_room".

    It counts once the forwarder knows what the line carries, by REMB so far; then each slot shows the layer that fits,
    up to the one of `ChooseLayer`, or pauses, and `PicturesFitted` tells. Sound is never held back.
    """

    def __new__(
        cls, slot: int, priority: Literal["courseware", "teacher", "floor_holder", "other_room"]
    ) -> SetPriority: ...

@final
class RequestKeyframe:
    """Asks the publisher for a keyframe, merged with what others ask."""

    def __new__(cls, track: int) -> RequestKeyframe: ...

@final
class RequestTapKeyframe:
    """Asks for a keyframe of the layer that a tap reads; what the tap has read stays read."""

    def __new__(cls, tap: int) -> RequestTapKeyframe: ...

@final
class AddFeed:
    """A track whose frames `Forwarder.feed` brings, bound to slots like others; it ends with the connection `peer`.

    Codecs: "h264" (Annex B), "vp8", and any sound of one packet per frame. `KeyframeWanted` tells when one is needed.
    """

    def __new__(cls, track: int, peer: int, *, kind: _Kind, codec: str, clock_rate: int) -> AddFeed: ...

@final
class AddTap:
    """Reads a track as whole encoded frames: in order, repaired, without packets' framing; `Forwarder.frames` has them.

    A missing packet is waited for `window_ms` (at most 1500); then what depends on it is left out up to the next
    keyframe, which is asked for, and the next frame says what is lost. A closed track is read only `while_closed`.
    H.264 comes with start codes (Annex B), or with lengths of four bytes (`avcc`). `rid` names a simulcast layer;
    without it, or while that layer is silent, the richest is read. The tap ends with its track.
    """

    def __new__(
        cls,
        tap: int,
        track: int,
        *,
        rid: str | None = None,
        window_ms: int = 1000,
        while_closed: bool = False,
        avcc: bool = False,
    ) -> AddTap: ...

@final
class RemoveTap:
    def __new__(cls, tap: int) -> RemoveTap: ...

Command: TypeAlias = (
    AddPeer
    | RemovePeer
    | RestartIce
    | AddTrack
    | RemoveTrack
    | OpenTrack
    | AddSlot
    | RemoveSlot
    | BindSlot
    | ChooseLayer
    | SetPriority
    | RequestKeyframe
    | RequestTapKeyframe
    | AddFeed
    | AddTap
    | RemoveTap
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
class KeyframeWanted:
    """Somebody cannot see a fed track without a keyframe; at most one in 500 ms."""

    track: int

@final
class PicturesFitted:
    """What a viewer sees was fitted to its line: told when what is less than it might be has changed."""

    peer: int
    level: int
    """Of the ladder: 5, all that is wanted on a good line; 0, sound and at most one picture."""
    bit_rate: int
    """What the line carries."""
    cause: Literal["line", "pictures", "room", "begun", "kept"]
    """It carries less; the pictures are more or richer; it has room again; something new began; something went."""
    reduced: list[tuple[int, int | None, bool]]
    """All that is less now than it might be: (slot, lines, paused); lines of the picture where its codec says them."""

@final
class Estimated:
    """What the way to a peer carries has changed, in bit/s with all headers; told at most twice a second."""

    peer: int
    bit_rate: int
    cause: str
    """As `PeerStats.estimate_cause`."""

@final
class AudioLevels:
    """The loudest level of each audio track in the last 200 ms, in -dBov as RFC 6464 has it: 0 loud, 127 silent."""

    levels: list[tuple[int, int]]
    """(track, level)"""

Event: TypeAlias = (
    PeerConnected | PeerClosed | TrackFlowing | TrackStalled | KeyframeWanted | PicturesFitted | Estimated | AudioLevels
)

@final
class FedFrame:
    """One encoded frame for a feed: timestamp in units of the codec's clock, capture on `time.monotonic_ns()`."""

    def __new__(cls, track: int, timestamp: int, data: bytes, *, captured_ns: int | None = None) -> FedFrame: ...

@final
class Frame:
    """One encoded frame of a tapped track."""

    tap: int
    codec: Literal["opus", "vp8", "vp9", "h264", "av1", "other"]
    rid: str | None
    """Of the layer that it was read of, if it has a name."""
    mark: int | None
    """Whose media it is, where the other node says so (`mark_extension`)."""
    ssrc: int
    """Another one is another stream: timestamps and parameters begin anew."""
    timestamp: int
    """In units of the codec's clock, extended beyond 32 bits within one stream."""
    captured_ns: int | None
    """When it was captured on `time.monotonic_ns()` of this machine, by sender reports; None before the first."""
    arrived_ns: int
    """When its last packet came, on the same clock."""
    is_keyframe: bool
    lost_packets: int
    """Packets between the frame before and this one that never came, were of no use without others, or overflowed."""
    lost_ms: float
    """From the frame before to this one, if anything between them is lost; else 0."""
    data: bytes

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
    told_arrived: int
    """Of the packets that were numbered, what the peer told as arrived; one that comes late was told as lost before."""
    told_lost: int
    estimate: int | None
    """What the way to it carries, in bit/s with all headers; None before anything is known."""
    estimate_cause: str | None
    """What last set it: start, delay, loss, probe, remb, increase, idle, silence or ceiling."""
    acknowledged: int | None
    """Bit/s that arrived lately."""
    queue_ms: float | None
    """How long the newest packets waited on their way, above the fastest."""
    loss: float | None
    """The share that was lost lately, 0 to 1."""
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
    copied: int
    """Lost, and found inside later packets (RFC 2198)."""
    redundant: int
    """Packets that brought earlier ones too."""
    in_band_fec: int
    """Packets of Opus that bring the one before in fewer bits."""
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
    rid: str | None
    """Of the layer that is shown, if it has a name."""
    packets: int
    bytes: int
    repairs: int
    redundant: int
    """Packets that carried earlier ones too."""
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
        tcp: bool = False,
        fronts: Sequence[tuple[str, int]] = ...,
    ) -> Forwarder:
        """`addresses`: each gets a UDP socket of its own, never a wildcard; port 0 asks for any. PEM certificate, key.

        `tcp`: connections with media are taken in at the same ports too (RFC 6544, RFC 4571). `fronts`: they are taken
        in there as well, and who begins with TLS there is one of the `guests`.

        Raises OSError when an address cannot be bound, ValueError for a wildcard or a bad certificate.
        """

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """What was bound, in the order asked for."""

    @property
    def fronts(self) -> list[tuple[str, int]]:
        """The fronts that were bound, in the order asked for."""

    @property
    def fingerprint(self) -> tuple[str, bytes]:
        """("sha-256", digest) of the certificate."""

    def apply(self, commands: Sequence[Command]) -> None:
        """Does all of a batch between two packets, or none of it. Raises ForwarderError."""

    def events(self) -> list[Event]:
        """Everything since the last call, oldest first; never blocks."""

    def feed(self, frames: Sequence[FedFrame]) -> None:
        """Sends encoded frames, all or none; pictures leave in short bursts. Raises ForwarderError."""

    def frames(self) -> list[Frame]:
        """Every frame that taps have read since the last call, oldest first; never blocks.

        Some 16 MiB wait; what comes to a full queue is dropped, and the tap's next frame says so.
        """

    def guests(self) -> list[int]:
        """Connections that came to a front with TLS since the last call, unread, as descriptors that the caller closes.

        Some 100 wait; then the next are hung up on.
        """

    def guest_fd(self) -> int:
        """Readable while guests wait; belongs to the forwarder."""

    def frame_fd(self) -> int:
        """Readable while frames wait; belongs to the forwarder."""

    def event_fd(self) -> int:
        """Readable while events wait; belongs to the forwarder."""

    def stats(self) -> Stats: ...
    def close(self) -> None: ...
