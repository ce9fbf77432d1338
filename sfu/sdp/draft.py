"""A section while its lines are read, and what each line puts into it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sfu.sdp import attributes
from sfu.sdp.description import Direction, Extension, Fingerprint, Format, Setup, SsrcGroup
from sfu.sdp.lines import Line, number_in, quoted, token_in

MOST_SSRCS = 64
MOST_RIDS = 16
"""Each is compared with all before: thousands would hold a node up for a second."""
DIRECTIONS: dict[str, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "sendonly",
    "recvonly": "recvonly",
    "inactive": "inactive",
}


@dataclass(slots=True)
class Scope:
    """What may stand at the top or in a section: the transport and the direction."""

    ufrag: str | None = None
    password: str | None = None
    fingerprints: list[Fingerprint] = field(default_factory=list)
    setup: Setup | None = None
    direction: Direction | None = None
    extensions: list[Extension] = field(default_factory=list)
    candidates: int = 0
    addresses: list[tuple[int, str, int]] = field(default_factory=list)
    """Priority, host and port of those that can be dialled."""


@dataclass(slots=True)
class Draft:
    """A section while its lines are read."""

    line: Line
    media: str
    port: int
    protocol: str
    targets: tuple[str, ...]
    scope: Scope = field(default_factory=Scope)
    mid: str | None = None
    rtpmaps: dict[int, Format] = field(default_factory=dict)
    parameters: dict[int, str] = field(default_factory=dict)
    feedback: list[tuple[int | None, str]] = field(default_factory=list)
    references: list[tuple[Line, int, str]] = field(default_factory=list)
    """Payload types that lines speak of, with the line's noun; the m= line must list them."""
    rids: list[tuple[str, str]] = field(default_factory=list)
    simulcast: tuple[Line, tuple[str, ...]] | None = None
    ssrcs: dict[int, str] = field(default_factory=dict)
    """With the media stream where a line names it."""
    groups: list[tuple[Line, SsrcGroup]] = field(default_factory=list)
    msid: str = ""
    flags: set[str] = field(default_factory=set)

    def is_media(self) -> bool:
        """Whether payload types stand behind the protocol."""
        return self.media in ("audio", "video")

    def is_refused(self) -> bool:
        """Port 0, and not only because it is bundled (RFC 8843 section 6)."""
        return self.port == 0 and "bundle-only" not in self.flags

    def payload_types(self) -> tuple[int, ...]:
        """In the order of preference."""
        return tuple(int(target) for target in self.targets) if self.is_media() else ()


def media_line(line: Line) -> Draft:
    """Begins a section with its m= line."""
    words = line.value.split()
    if len(words) < 4:
        line.wrong(f"m= line {quoted(line.value)} is not of the form media port protocol formats")
    media = token_in(line, words[0], 32, "media")
    port = number_in(line, words[1].partition("/")[0], 0, 65535, "port")
    draft = Draft(line, media, port, words[2], tuple(words[3:]))
    if draft.is_media():
        numbers = [number_in(line, word, 0, 127, "payload type") for word in draft.targets]
        if len(set(numbers)) != len(numbers):
            line.wrong("a payload type stands twice")
        for number in numbers:
            if 64 <= number <= 95:
                line.wrong(f"payload type {number} would look like RTCP on a shared port (RFC 5761 section 4)")
    return draft


def scope_line(scope: Scope, line: Line, name: str, value: str) -> bool:
    """Reads what may stand at the top as well as in a section."""
    if name in DIRECTIONS:
        _once(scope.direction, line, "the direction")
        scope.direction = DIRECTIONS[name]
    elif name == "ice-ufrag":
        _once(scope.ufrag, line, name)
        scope.ufrag = attributes.read_ufrag(line, value)
    elif name == "ice-pwd":
        _once(scope.password, line, name)
        scope.password = attributes.read_password(line, value)
    elif name == "fingerprint":
        fingerprint = attributes.read_fingerprint(line, value)
        scope.fingerprints += [fingerprint] if fingerprint is not None else []
    elif name == "setup":
        _once(scope.setup, line, name)
        scope.setup = attributes.read_setup(line, value)
    elif name == "extmap":
        scope.extensions.append(_extension(scope, line, value))
    elif name == "candidate":
        scope.candidates += 1
        address = attributes.read_candidate(line, value)
        scope.addresses += [address] if address is not None else []
    else:
        return False
    return True


def _once(known: object, line: Line, noun: str) -> None:
    if known is not None:
        line.wrong(f"{noun} stands twice")


def _extension(scope: Scope, line: Line, value: str) -> Extension:
    extension = attributes.read_extension(line, value)
    if any(extension.id == known.id for known in scope.extensions):
        line.wrong(f"extmap id {extension.id} stands twice")
    return extension


def _mid(draft: Draft, line: Line, value: str) -> None:
    _once(draft.mid, line, "mid")
    draft.mid = attributes.read_mid(line, value)


def _rtpmap(draft: Draft, line: Line, value: str) -> None:
    entry = attributes.read_rtpmap(line, value)
    _once(draft.rtpmaps.get(entry.payload_type), line, f"rtpmap {entry.payload_type}")
    draft.references.append((line, entry.payload_type, "rtpmap"))
    draft.rtpmaps[entry.payload_type] = entry


def _fmtp(draft: Draft, line: Line, value: str) -> None:
    payload_type, rest = attributes.read_payload_value(line, value, "fmtp")
    draft.references.append((line, payload_type, "fmtp"))
    known = draft.parameters.get(payload_type)
    draft.parameters[payload_type] = rest if known is None else f"{known};{rest}"


def _rtcp_fb(draft: Draft, line: Line, value: str) -> None:
    if value.startswith("* "):
        draft.feedback.append((None, value[2:].strip()))
    else:
        payload_type, rest = attributes.read_payload_value(line, value, "rtcp-fb")
        draft.references.append((line, payload_type, "rtcp-fb"))
        draft.feedback.append((payload_type, rest))


def _rid(draft: Draft, line: Line, value: str) -> None:
    name, direction, payload_types = attributes.read_rid(line, value)
    if any(name == known for known, _ in draft.rids):
        line.wrong(f"rid {name} stands twice")
    draft.references += [(line, payload_type, "rid") for payload_type in payload_types]
    draft.rids.append((name, direction))
    if len(draft.rids) > MOST_RIDS:
        line.wrong(f"more than {MOST_RIDS} rids in one section")


def _simulcast(draft: Draft, line: Line, value: str) -> None:
    _once(draft.simulcast, line, "simulcast")
    draft.simulcast = (line, attributes.read_simulcast(line, value))


def _ssrc(draft: Draft, line: Line, value: str) -> None:
    ssrc, stream = attributes.read_ssrc(line, value)
    draft.ssrcs[ssrc] = stream or draft.ssrcs.get(ssrc, "")
    if len(draft.ssrcs) > MOST_SSRCS:
        line.wrong(f"more than {MOST_SSRCS} ssrcs in one section")


def _ssrc_group(draft: Draft, line: Line, value: str) -> None:
    draft.groups.append((line, attributes.read_ssrc_group(line, value)))
    if len(draft.groups) > MOST_SSRCS:
        line.wrong(f"more than {MOST_SSRCS} ssrc-groups in one section")


def _msid(draft: Draft, line: Line, value: str) -> None:
    draft.msid = draft.msid or value


_READERS: dict[str, Callable[[Draft, Line, str], None]] = {
    "rtpmap": _rtpmap,
    "fmtp": _fmtp,
    "rtcp-fb": _rtcp_fb,
    "rid": _rid,
    "simulcast": _simulcast,
    "ssrc": _ssrc,
    "ssrc-group": _ssrc_group,
    "msid": _msid,
}


def section_line(draft: Draft, line: Line, name: str, value: str) -> None:
    """Reads what may stand in a section only; what the node does not use is passed over."""
    if name in ("rtcp-mux", "rtcp-rsize", "bundle-only"):
        draft.flags.add(name)
    elif name == "mid":
        _mid(draft, line, value)
    elif draft.is_media() and name in _READERS:
        _READERS[name](draft, line, value)
