"""Trickled candidates and restarts: a fragment of SDP in a PATCH (RFC 8840 section 9)."""

from dataclasses import dataclass

from sfu.sdp import attributes, write
from sfu.sdp.description import Kind
from sfu.sdp.lines import Line, cut
from sfu.sdp.parameters import LocalParameters


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a fragment says of ICE; candidates are welcome and not needed."""

    ufrag: str | None = None
    password: str | None = None
    candidates: int = 0

    def restarts(self, ufrag: str, password: str) -> bool:
        """Whether it asks for other credentials than these: that is an ICE restart (RFC 9725 section 4.3.3)."""
        return self.ufrag not in (None, ufrag) or self.password not in (None, password)


def parse_fragment(text: str) -> Fragment:
    """Reads a fragment; raises SdpError."""
    ufrag: str | None = None
    password: str | None = None
    candidates = 0
    for line in cut(text):
        name, value = line.attribute() if line.letter == "a" else ("", "")
        if name == "ice-ufrag":
            ufrag = _one(line, ufrag, attributes.read_ufrag(line, value))
        elif name == "ice-pwd":
            password = _one(line, password, attributes.read_password(line, value))
        elif name == "candidate":
            candidates += 1
    return Fragment(ufrag, password, candidates)


def _one(line: Line, before: str | None, now: str) -> str:
    if before not in (None, now):
        line.wrong("two sections with different ICE credentials; all media share one transport")
    return now


def write_fragment(local: LocalParameters, kind: Kind, mid: str) -> str:
    """Our side of a restart: credentials and candidates (RFC 8840 section 9, RFC 9725 section 4.3.3)."""
    return write.text_of(
        (
            *(["a=ice-lite"] if local.lite else []),
            f"a=ice-ufrag:{local.ufrag}",
            f"a=ice-pwd:{local.password}",
            f"m={kind} 9 UDP/TLS/RTP/SAVPF 0",
            f"a=mid:{mid}",
            *write.candidates(local),
        )
    )
