"""A section while its lines are read, and what each line puts into it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sfu.sdp import attributes
from sfu.sdp.description import Direction, Extension, Fingerprint, Format, Setup, SsrcGroup
from sfu.sdp.lines import Line, number_in, quoted, token_in

MOST_SSRCS = 64
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
    candidates: int = 0


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
    extensions: list[Extension] = field(default_factory=list)
    rids: list[tuple[str, str]] = field(default_factory=list)
    simulcast: tuple[str, ...] = ()
    ssrcs: dict[int, None] = field(default_factory=dict)
    groups: list[SsrcGroup] = field(default_factory=list)
    msid: str = ""
    flags: set[str] = field(default_factory=set)

    def is_media(self) -> bool:
        """Whether payload types stand behind the protocol."""
        return self.media in ("audio", "video")


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
    return draft


def scope_line(scope: Scope, line: Line, name: str, value: str) -> bool:
    """Reads what may stand at the top as well as in a section."""
    if name in DIRECTIONS:
        scope.direction = DIRECTIONS[name]
    elif name == "ice-ufrag":
        scope.ufrag = attributes.read_ufrag(line, value)
    elif name == "ice-pwd":
        scope.password = attributes.read_password(line, value)
    elif name == "fingerprint":
        fingerprint = attributes.read_fingerprint(line, value)
        scope.fingerprints += [fingerprint] if fingerprint is not None else []
    elif name == "setup":
        scope.setup = attributes.read_setup(line, value)
    elif name == "candidate":
        scope.candidates += 1
    else:
        return False
    return True


def _mid(draft: Draft, line: Line, value: str) -> None:
    draft.mid = attributes.read_mid(line, value)


def _extmap(draft: Draft, line: Line, value: str) -> None:
    draft.extensions.append(attributes.read_extension(line, value))


def _rtpmap(draft: Draft, line: Line, value: str) -> None:
    entry = attributes.read_rtpmap(line, value)
    if str(entry.payload_type) in draft.targets:
        draft.rtpmaps[entry.payload_type] = entry


def _fmtp(draft: Draft, line: Line, value: str) -> None:
    payload_type, rest = attributes.read_payload_value(line, value, "fmtp")
    draft.parameters[payload_type] = rest


def _rtcp_fb(draft: Draft, line: Line, value: str) -> None:
    if value.startswith("* "):
        draft.feedback.append((None, value[2:].strip()))
    else:
        draft.feedback.append(attributes.read_payload_value(line, value, "rtcp-fb"))


def _rid(draft: Draft, line: Line, value: str) -> None:
    rid = attributes.read_rid(line, value)
    if any(rid[0] == known for known, _ in draft.rids):
        line.wrong(f"rid {rid[0]} stands twice")
    draft.rids.append(rid)


def _simulcast(draft: Draft, line: Line, value: str) -> None:
    draft.simulcast = attributes.read_simulcast(line, value)


def _ssrc(draft: Draft, line: Line, value: str) -> None:
    draft.ssrcs[attributes.read_ssrc(line, value)] = None
    if len(draft.ssrcs) > MOST_SSRCS:
        line.wrong(f"more than {MOST_SSRCS} ssrcs in one section")


def _ssrc_group(draft: Draft, line: Line, value: str) -> None:
    draft.groups.append(attributes.read_ssrc_group(line, value))
    if len(draft.groups) > MOST_SSRCS:
        line.wrong(f"more than {MOST_SSRCS} ssrc-groups in one section")


def _msid(draft: Draft, line: Line, value: str) -> None:
    draft.msid = draft.msid or value


_READERS: dict[str, Callable[[Draft, Line, str], None]] = {
    "extmap": _extmap,
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
