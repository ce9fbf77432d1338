"""Orders to the forwarder as data; `sfu.forwarder` hands them to the native module."""

from dataclasses import dataclass
from typing import NewType

from sfu.sdp import Codec, DtlsRole, Encoding, Extensions, Fingerprint, Kind

PeerHandle = NewType("PeerHandle", int)
TrackHandle = NewType("TrackHandle", int)
SlotHandle = NewType("SlotHandle", int)


@dataclass(frozen=True, slots=True)
class AddPeer:
    """Expects a connection: the peer sends the checks."""

    peer: PeerHandle
    local_ufrag: str
    local_password: str
    remote_ufrag: str
    remote_password: str
    remote_fingerprint: Fingerprint
    dtls_role: DtlsRole
    extensions: Extensions


@dataclass(frozen=True, slots=True)
class RemovePeer:
    """Ends a connection with everything on it."""

    peer: PeerHandle


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


@dataclass(frozen=True, slots=True)
class BindSlot:
    """Puts a track into a slot, or nothing."""

    slot: SlotHandle
    track: TrackHandle | None


Command = AddPeer | RemovePeer | AddTrack | RemoveTrack | OpenTrack | AddSlot | BindSlot
