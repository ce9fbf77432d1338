"""What a negotiation needs from the node, and what it yields for the forwarder."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from sfu.sdp.codecs import FEEDS_ARRIVALS, Choice, Codec
from sfu.sdp.description import Description, Extension, Fingerprint, Kind, Section, Setup, Transport
from sfu.sdp.lines import SdpError

DtlsRole = Literal["active", "passive"]

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
MARK = "urn:x-three-classrooms:mark"
"""Whose media a packet of a slot is: `source_mark`, in four bytes. Only who dials reads it; others pass it over."""
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
LARGEST_ONE_BYTE_ID = 14
"""Ids above need the two-byte form (RFC 8285 section 4.3), which the forwarder does not write."""


@dataclass(frozen=True, slots=True)
class LocalParameters:
    """The node's side of one connection."""

    ufrag: str
    password: str
    fingerprint: Fingerprint
    addresses: tuple[tuple[str, int], ...]
    """Announced addresses, the one that most peers reach first: some stacks use no other."""
    session: int
    """The `o=` line's id; the same for the life of a connection."""
    version: int = 1
    """Rises with every description of that connection (RFC 9429 section 5.2.2)."""
    lite: bool = True
    """A side that dials sends checks of its own: full ICE."""
    tcp: bool = False
    """Whether TCP connections are taken in at the same addresses (RFC 6544)."""
    fronts: tuple[tuple[str, int], ...] = ()
    """Where else they are."""


@dataclass(frozen=True, slots=True)
class Extensions:
    """Header extension ids of a connection; 0 where not negotiated."""

    mid: int = 0
    rid: int = 0
    repaired_rid: int = 0
    audio_level: int = 0
    transport_cc: int = 0
    mark: int = 0


@dataclass(frozen=True, slots=True)
class Encoding:
    """One stream of a track by its SSRC."""

    ssrc: int
    rtx_ssrc: int | None = None
    rid: str | None = None


@dataclass(frozen=True, slots=True)
class TrackParameters:
    """A media section that the peer sends."""

    mid: str
    kind: Kind
    codecs: tuple[Codec, ...]
    encodings: tuple[Encoding, ...]
    """Empty: SSRCs are learned by mid and rid."""
    rids: tuple[str, ...] = ()
    """Simulcast layers, in the peer's order."""


@dataclass(frozen=True, slots=True)
class SlotParameters:
    """A media section that the node sends, with SSRCs that never change."""

    mid: str
    kind: Kind
    ssrc: int
    rtx_ssrc: int


@dataclass(frozen=True, slots=True)
class NegotiatedSlot:
    """A slot that the peer has taken, with the codecs it can decode in its own payload types."""

    slot: SlotParameters
    codecs: tuple[Codec, ...]
    numbered: bool = False
    """Its packets carry transport-wide numbers, of which the peer tells."""


@dataclass(frozen=True, slots=True)
class Publication:
    """An answered publish offer."""

    sdp: str
    remote: Transport
    dtls_role: DtlsRole
    """The node's own."""
    extensions: Extensions
    tracks: tuple[TrackParameters, ...]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A negotiated subscriber connection; `sdp` is the node's answer where the peer offered."""

    remote: Transport
    dtls_role: DtlsRole
    extensions: Extensions
    slots: tuple[NegotiatedSlot, ...]
    sdp: str = ""


@dataclass(frozen=True, slots=True)
class Dialled:
    """A negotiated connection that the forwarder makes itself."""

    remote: Transport
    candidates: tuple[tuple[str, int], ...]
    dtls_role: DtlsRole
    extensions: Extensions
    tracks: tuple[TrackParameters, ...] = ()
    """What comes."""
    slots: tuple[NegotiatedSlot, ...] = ()
    """What is sent."""
    sdp: str = ""
    """Our answer, where the other side has offered."""


def role_against(setup: Setup) -> DtlsRole:
    """Passive unless the peer insists on it: then the node sends the first flight (RFC 8842 section 5.3)."""
    return "active" if setup == "passive" else "passive"


def check_not_lite(peer: Description, noun: str) -> None:
    """Between two lite sides nobody sends checks, and nothing ever connects (RFC 8445 section 2.5)."""
    if peer.lite:
        raise SdpError(f"the {noun} says a=ice-lite; this node is lite itself, so the other side must be full ICE")


def check_extension_ids(sections: Iterable[Section]) -> None:
    """One id has one meaning over all sections of a transport (RFC 8843 section 9.4)."""
    meaning: dict[int, str] = {}
    for section in sections:
        for extension in section.extensions if section.kind() is not None else ():
            if meaning.setdefault(extension.id, extension.uri) != extension.uri:
                raise SdpError(f"{section.name()}: extmap id {extension.id} means something else in another section")


def used_extensions(section: Section, uris: tuple[str, ...], unusable: str) -> tuple[Extension, ...]:
    """Those of a section that the forwarder writes or reads; `unusable` is the direction that would be of no use."""
    return tuple(
        extension
        for extension in section.extensions
        if extension.uri in uris
        and extension.id <= LARGEST_ONE_BYTE_ID
        and extension.direction not in (unusable, "inactive")
    )


def agreed_extensions(
    section: Section, uris: tuple[str, ...], unusable: str, choices: Iterable[Choice]
) -> tuple[Extension, ...]:
    """`used_extensions`, with transport-wide numbers only where who receives them also tells of them."""
    is_told = any(FEEDS_ARRIVALS in choice.offered.feedback for choice in choices)
    return used_extensions(section, (*uris, TRANSPORT_CC) if is_told else uris, unusable)


def with_arrivals(choices: Iterable[Choice], extensions: Iterable[Extension]) -> tuple[Choice, ...]:
    """The same codecs, told of where their packets are numbered and the peer knows the feedback."""
    numbered = is_numbered(extensions)
    return tuple(
        replace(choice, transport_cc=numbered and FEEDS_ARRIVALS in choice.offered.feedback) for choice in choices
    )


def is_numbered(extensions: Iterable[Extension]) -> bool:
    """Whether transport-wide numbers are among what was agreed on."""
    return any(extension.uri == TRANSPORT_CC for extension in extensions)


def extension_ids(extensions: Iterable[Extension]) -> Extensions:
    """The ids of the extensions that are in use on a transport."""
    ids: dict[str, int] = {}
    for extension in extensions:
        ids.setdefault(extension.uri, extension.id)
    return Extensions(*(ids.get(uri, 0) for uri in (MID, RID, REPAIRED_RID, AUDIO_LEVEL, TRANSPORT_CC, MARK)))
