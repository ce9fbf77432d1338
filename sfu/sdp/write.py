"""Descriptions to SDP text, line by line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sfu.sdp.codecs import Choice
from sfu.sdp.description import Direction, Extension, Fingerprint, Kind, Section, Setup
from sfu.sdp.parameters import LocalParameters

HOST_PREFERENCE = 126
"""Type preference of host candidates (RFC 8445 section 5.1.2.2)."""
PASSIVE_PREFERENCE = (4 << 13) | 8191
"""Local preference of the first candidate that takes TCP in (RFC 6544 section 4.2): below all of UDP."""


@dataclass(frozen=True, slots=True)
class MediaBody:
    """What stands in an accepted section beside the transport."""

    kind: Kind
    protocol: str
    mid: str | None
    """None where the peer has no mids."""
    direction: Direction
    choices: tuple[Choice, ...]
    extensions: tuple[Extension, ...] = ()
    rtcp_rsize: bool = True
    rids: tuple[str, ...] = ()
    """Layers that are received, in the peer's order."""
    tail: tuple[str, ...] = ()
    """Lines about the streams that are sent."""


def head(local: LocalParameters, bundle: Iterable[str]) -> list[str]:
    """The lines before the first section."""
    mids = " ".join(bundle)
    lines = ["v=0", f"o=- {local.session} {local.version} IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines += ["a=ice-lite"] if local.lite else []
    return lines + ([f"a=group:BUNDLE {mids}"] if mids else [])


def refused(section: Section) -> list[str]:
    """A section that is not wanted: port 0 (RFC 3264 section 6)."""
    lines = [f"m={section.media} 0 {section.protocol} {' '.join(section.targets)}", "c=IN IP4 0.0.0.0"]
    return lines + ([f"a=mid:{section.mid}"] if section.mid_stated else []) + ["a=inactive"]


def accepted(body: MediaBody, local: LocalParameters, setup: Setup) -> list[str]:
    """A whole section. Candidates stand in every one: aiortc looks for them in the last section of a kind."""
    return [
        *_media(body, local),
        *_transport(local, setup),
        *candidates(local),
        *([f"a=mid:{body.mid}"] if body.mid is not None else []),
        f"a={body.direction}",
        "a=rtcp-mux",
        # RFC 9725 section 4.4.1 asks for it beside the plain form.
        "a=rtcp-mux-only",
        *(["a=rtcp-rsize"] if body.rtcp_rsize else []),
        *(_extension(extension) for extension in body.extensions),
        *(line for choice in body.choices for line in _codec(choice)),
        *_layers(body.rids),
        *body.tail,
    ]


def text_of(lines: Iterable[str]) -> str:
    """Lines with the ends that RFC 8866 section 5 asks for."""
    return "".join(f"{line}\r\n" for line in lines)


def _media(body: MediaBody, local: LocalParameters) -> list[str]:
    host, port = local.addresses[0]
    family = "IP6" if ":" in host else "IP4"
    targets = " ".join(str(payload_type) for choice in body.choices for payload_type in _payload_types(choice))
    return [f"m={body.kind} {port} {body.protocol} {targets}", f"c=IN {family} {host}"]


def _payload_types(choice: Choice) -> Iterator[int]:
    yield choice.codec.payload_type
    if choice.codec.rtx_payload_type is not None:
        yield choice.codec.rtx_payload_type


def _transport(local: LocalParameters, setup: Setup) -> list[str]:
    return [
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.password}",
        f"a=fingerprint:{_digest(local.fingerprint)}",
        f"a=setup:{setup}",
    ]


def _digest(fingerprint: Fingerprint) -> str:
    return f"{fingerprint.algorithm} {fingerprint.digest.hex(':').upper()}"


def candidates(local: LocalParameters) -> Iterator[str]:
    """Those of UDP first: FFmpeg takes no other, and reads the first only."""
    for index, (host, port) in enumerate(local.addresses):
        yield f"a=candidate:{index + 1} 1 udp {_priority(65535 - index)} {host} {port} typ host"
    passive = (*(local.addresses if local.tcp else ()), *local.fronts)
    for index, (host, port) in enumerate(passive):
        number, priority = len(local.addresses) + index + 1, _priority(PASSIVE_PREFERENCE - index)
        yield f"a=candidate:{number} 1 tcp {priority} {host} {port} typ host tcptype passive"
    yield "a=end-of-candidates"


def _priority(local_preference: int) -> int:
    """RFC 8445 section 5.1.2.1, for component 1."""
    return (HOST_PREFERENCE << 24) | (local_preference << 8) | 255


def _extension(extension: Extension) -> str:
    way = {"sendonly": "/recvonly", "recvonly": "/sendonly"}.get(extension.direction, "")
    return f"a=extmap:{extension.id}{way} {extension.uri}"


def _codec(choice: Choice) -> Iterator[str]:
    codec, offered = choice.codec, choice.offered
    channels = f"/{offered.channels}" if offered.channels > 1 else ""
    yield f"a=rtpmap:{codec.payload_type} {offered.encoding}/{offered.clock_rate}{channels}"
    if offered.parameters:
        yield f"a=fmtp:{codec.payload_type} {offered.parameters}"
    for value in choice.feedback():
        yield f"a=rtcp-fb:{codec.payload_type} {value}"
    if codec.rtx_payload_type is not None:
        yield f"a=rtpmap:{codec.rtx_payload_type} rtx/{offered.clock_rate}"
        yield f"a=fmtp:{codec.rtx_payload_type} apt={codec.payload_type}"


def _layers(rids: tuple[str, ...]) -> list[str]:
    if not rids:
        return []
    return [*(f"a=rid:{rid} recv" for rid in rids), f"a=simulcast:recv {';'.join(rids)}"]
