"""What an SDP says, as data."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["audio", "video"]
Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
Setup = Literal["actpass", "active", "passive"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Digest of a DTLS certificate (RFC 8122)."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Transport:
    """How the other side is reached and known: ICE credentials, certificate, DTLS role."""

    ufrag: str
    password: str
    fingerprint: Fingerprint
    setup: Setup


@dataclass(frozen=True, slots=True)
class Format:
    """One payload type with everything said about it."""

    payload_type: int
    encoding: str
    """As written: `H264`, `opus`, `rtx`."""
    clock_rate: int
    channels: int = 1
    parameters: str = ""
    """The `fmtp` line's value."""
    feedback: tuple[str, ...] = ()

    def parameter(self, name: str) -> str | None:
        """A value out of the `fmtp` line."""
        for part in self.parameters.split(";"):
            key, _, value = part.strip().partition("=")
            if key.lower() == name:
                return value.strip()
        return None


@dataclass(frozen=True, slots=True)
class Extension:
    """One RTP header extension (RFC 8285)."""

    id: int
    uri: str
    direction: str = ""
    """`sendonly` where the line says `extmap:9/sendonly`; else empty."""


@dataclass(frozen=True, slots=True)
class SsrcGroup:
    """SSRCs that belong together (RFC 5576): `FID` a stream and its repairs, `SIM` the layers of one picture."""

    semantics: str
    ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One `m=` line and what follows it."""

    index: int
    line: int
    media: str
    """`audio`, `video`, `application`, …"""
    port: int
    protocol: str
    targets: tuple[str, ...]
    """Payload types, or what else stands behind the protocol."""
    mid: str
    mid_stated: bool
    """False: the peer knows no mids, `mid` is the index."""
    direction: Direction
    formats: tuple[Format, ...] = ()
    extensions: tuple[Extension, ...] = ()
    rids: tuple[str, ...] = ()
    """Simulcast layers that the peer sends, in its order."""
    ssrcs: tuple[int, ...] = ()
    groups: tuple[SsrcGroup, ...] = ()
    msid: str = ""
    rtcp_mux: bool = False
    rtcp_rsize: bool = False
    refused: bool = False
    """Port 0, and not only because it is bundled (RFC 8843 section 6)."""

    def sends(self) -> bool:
        """Whether media comes from the peer here."""
        return self.direction in ("sendrecv", "sendonly")

    def receives(self) -> bool:
        """Whether the peer takes media here."""
        return self.direction in ("sendrecv", "recvonly")

    def kind(self) -> Kind | None:
        """Audio or video; None for what is no media, or refused."""
        if self.refused or self.media not in ("audio", "video"):
            return None
        return "audio" if self.media == "audio" else "video"

    def encodings(self) -> str:
        """What it offers, for sentences."""
        return ", ".join(dict.fromkeys(entry.encoding for entry in self.formats)) or "none"

    def name(self) -> str:
        """For sentences."""
        return f"section {self.mid} ({self.media}, line {self.line})"


@dataclass(frozen=True, slots=True)
class Description:
    """A whole offer or answer."""

    sections: tuple[Section, ...]
    bundle: tuple[str, ...]
    transport: Transport
    candidates: int = field(default=0)
    """How many were listed; checks teach an accepting node where a peer is."""
    addresses: tuple[tuple[str, int], ...] = ()
    """Those that can be dialled, the peer's favourite first."""
    lite: bool = False
    """The peer sends no checks of its own (RFC 8445 section 2.5)."""
    origin: str = ""
    """The `o=` line's id: the same for all descriptions of one connection (RFC 9429 section 5.2.1)."""
