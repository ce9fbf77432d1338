"""SDP text to a description: every line is looked at, what the node does not use is passed over."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from sfu.sdp import attributes
from sfu.sdp.description import (
    Description,
    Direction,
    Extension,
    Fingerprint,
    Format,
    Section,
    Setup,
    SsrcGroup,
    Transport,
)
from sfu.sdp.lines import Line, SdpError, number_in, quoted, split_lines, token_in

MOST_SECTIONS = 64
MOST_SSRCS = 64
PROTOCOLS = ("UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "RTP/SAVPF", "RTP/SAVP")
"""JSEP asks to take all of these for DTLS-SRTP (RFC 9429 section 5.1.2)."""
DIRECTIONS: dict[str, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "sendonly",
    "recvonly": "recvonly",
    "inactive": "inactive",
}


@dataclass(slots=True)
class _Scope:
    """What may stand at the top or in a section: the transport and the direction."""

    ufrag: str | None = None
    password: str | None = None
    fingerprints: list[Fingerprint] = field(default_factory=list)
    setup: Setup | None = None
    direction: Direction | None = None
    candidates: int = 0


@dataclass(slots=True)
class _Draft:
    """A section while its lines are read."""

    line: Line
    media: str
    port: int
    protocol: str
    targets: tuple[str, ...]
    scope: _Scope = field(default_factory=_Scope)
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
        return self.media in ("audio", "video")


def parse_offer(text: str) -> Description:
    """Reads an offer; raises SdpError."""
    return _parse(text, "offer")


def parse_answer(text: str) -> Description:
    """Reads an answer; raises SdpError. Its DTLS role must be decided (RFC 8842 section 5.3)."""
    answer = _parse(text, "answer")
    if answer.transport.setup == "actpass":
        raise SdpError("an answer says setup:active or setup:passive, not actpass")
    return answer


def _parse(text: str, noun: str) -> Description:
    top = _Scope()
    drafts: list[_Draft] = []
    bundle: tuple[str, ...] | None = None
    for line in split_lines(text):
        if line.letter == "m":
            drafts.append(_media_line(line, len(drafts)))
        elif line.letter == "a":
            name, value = line.attribute()
            if name == "group" and not drafts:
                bundle = _bundle(value, bundle)
            elif not _scope_line(drafts[-1].scope if drafts else top, line, name, value) and drafts:
                _section_line(drafts[-1], line, name, value)
    if not drafts:
        raise SdpError(f"the {noun} has no m= line")
    return _description(top, drafts, bundle, noun)


def _media_line(line: Line, count: int) -> _Draft:
    if count >= MOST_SECTIONS:
        line.wrong(f"more than {MOST_SECTIONS} m= lines")
    words = line.value.split()
    if len(words) < 4:
        line.wrong(f"m= line {quoted(line.value)} is not of the form media port protocol formats")
    media = token_in(line, words[0], 32, "media")
    port = number_in(line, words[1].partition("/")[0], 0, 65535, "port")
    draft = _Draft(line, media, port, words[2], tuple(words[3:]))
    if draft.is_media():
        numbers = [number_in(line, word, 0, 127, "payload type") for word in draft.targets]
        if len(set(numbers)) != len(numbers):
            line.wrong("a payload type stands twice")
    return draft


def _bundle(value: str, known: tuple[str, ...] | None) -> tuple[str, ...] | None:
    semantics, *mids = value.split() or [""]
    return tuple(mids) if semantics == "BUNDLE" and known is None else known


def _scope_line(scope: _Scope, line: Line, name: str, value: str) -> bool:
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


def _mid(draft: _Draft, line: Line, value: str) -> None:
    draft.mid = attributes.read_mid(line, value)


def _extmap(draft: _Draft, line: Line, value: str) -> None:
    draft.extensions.append(attributes.read_extension(line, value))


def _rtpmap(draft: _Draft, line: Line, value: str) -> None:
    entry = attributes.read_rtpmap(line, value)
    if str(entry.payload_type) in draft.targets:
        draft.rtpmaps[entry.payload_type] = entry


def _fmtp(draft: _Draft, line: Line, value: str) -> None:
    payload_type, rest = attributes.read_payload_value(line, value, "fmtp")
    draft.parameters[payload_type] = rest


def _rtcp_fb(draft: _Draft, line: Line, value: str) -> None:
    if value.startswith("* "):
        draft.feedback.append((None, value[2:].strip()))
    else:
        draft.feedback.append(attributes.read_payload_value(line, value, "rtcp-fb"))


def _rid(draft: _Draft, line: Line, value: str) -> None:
    rid = attributes.read_rid(line, value)
    if any(rid[0] == known for known, _ in draft.rids):
        line.wrong(f"rid {rid[0]} stands twice")
    draft.rids.append(rid)


def _simulcast(draft: _Draft, line: Line, value: str) -> None:
    draft.simulcast = attributes.read_simulcast(line, value)


def _ssrc(draft: _Draft, line: Line, value: str) -> None:
    draft.ssrcs[attributes.read_ssrc(line, value)] = None
    if len(draft.ssrcs) > MOST_SSRCS:
        line.wrong(f"more than {MOST_SSRCS} ssrcs in one section")


def _ssrc_group(draft: _Draft, line: Line, value: str) -> None:
    draft.groups.append(attributes.read_ssrc_group(line, value))
    if len(draft.groups) > MOST_SSRCS:
        line.wrong(f"more than {MOST_SSRCS} ssrc-groups in one section")


def _msid(draft: _Draft, line: Line, value: str) -> None:
    draft.msid = draft.msid or value


_READERS: dict[str, Callable[[_Draft, Line, str], None]] = {
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


def _section_line(draft: _Draft, line: Line, name: str, value: str) -> None:
    if name in ("rtcp-mux", "rtcp-rsize", "bundle-only"):
        draft.flags.add(name)
    elif name == "mid":
        _mid(draft, line, value)
    elif draft.is_media() and name in _READERS:
        _READERS[name](draft, line, value)


def _description(top: _Scope, drafts: list[_Draft], bundle: tuple[str, ...] | None, noun: str) -> Description:
    sections = tuple(_section(draft, index, top) for index, draft in enumerate(drafts))
    _check_mids(sections)
    living = [(section, draft) for section, draft in zip(sections, drafts, strict=True) if not section.refused]
    if not living:
        raise SdpError(f"the {noun} refuses every section: all ports are 0")
    _check_bundle([section for section, _ in living], bundle)
    for section, draft in living:
        _check_usable(section, draft.line)
    first, draft = _tagged(living, bundle)
    transport = _transport(top, draft.scope, first, noun)
    candidates = top.candidates + sum(draft.scope.candidates for draft in drafts)
    return Description(sections, bundle or (), transport, candidates)


def _section(draft: _Draft, index: int, top: _Scope) -> Section:
    sending = {name for name, direction in draft.rids if direction == "send"}
    for layer in draft.simulcast:
        if layer not in sending:
            raise SdpError(f"line {draft.line.number}: simulcast layer {layer} has no rid line that sends")
    return Section(
        index=index,
        line=draft.line.number,
        media=draft.media,
        port=draft.port,
        protocol=draft.protocol,
        targets=draft.targets,
        mid=str(index) if draft.mid is None else draft.mid,
        mid_stated=draft.mid is not None,
        direction=draft.scope.direction or top.direction or "sendrecv",
        formats=tuple(_formats(draft)),
        extensions=tuple(draft.extensions),
        rids=draft.simulcast,
        ssrcs=tuple(draft.ssrcs),
        groups=tuple(draft.groups),
        msid=draft.msid,
        rtcp_mux="rtcp-mux" in draft.flags,
        rtcp_rsize="rtcp-rsize" in draft.flags,
        refused=draft.port == 0 and "bundle-only" not in draft.flags,
    )


def _formats(draft: _Draft) -> Iterable[Format]:
    """The payload types in the order of the m= line, which is the order of preference."""
    for target in draft.targets if draft.is_media() else ():
        known = draft.rtpmaps.get(int(target))
        if known is not None:
            number = known.payload_type
            feedback = dict.fromkeys(value for owner, value in draft.feedback if owner in (None, number))
            yield replace(known, parameters=draft.parameters.get(number, ""), feedback=tuple(feedback))


def _check_mids(sections: tuple[Section, ...]) -> None:
    seen: set[str] = set()
    for section in sections:
        if section.mid in seen:
            raise SdpError(f"line {section.line}: mid {section.mid} stands twice")
        seen.add(section.mid)


def _check_bundle(living: list[Section], bundle: tuple[str, ...] | None) -> None:
    if bundle is None:
        if len([section for section in living if section.kind() is not None]) > 1:
            raise SdpError("there is more than one section and no a=group:BUNDLE; all must share one transport")
        return
    for section in living:
        if section.kind() is not None and section.mid not in bundle:
            raise SdpError(f"{section.name()} is not in the BUNDLE; all must share one transport")


def _check_usable(section: Section, line: Line) -> None:
    if section.kind() is None:
        return
    if section.protocol not in PROTOCOLS:
        line.wrong(f"protocol {quoted(section.protocol)} carries no SRTP keyed by DTLS")
    if not section.rtcp_mux:
        raise SdpError(f"{section.name()} has no a=rtcp-mux; RTP and RTCP share one port here")


def _tagged(living: list[tuple[Section, _Draft]], bundle: tuple[str, ...] | None) -> tuple[Section, _Draft]:
    """The section whose transport counts for all (RFC 8843 section 7.1.1)."""
    for mid in bundle or ():
        for section, draft in living:
            if section.mid == mid:
                return section, draft
    return next(((section, draft) for section, draft in living if section.kind() is not None), living[0])


def _transport(top: _Scope, scope: _Scope, section: Section, noun: str) -> Transport:
    ufrag, password = (scope.ufrag, scope.password) if scope.ufrag is not None else (top.ufrag, top.password)
    if ufrag is None or password is None:
        raise SdpError(f"{section.name()} has no ice-{'ufrag' if ufrag is None else 'pwd'}, nor has the top")
    fingerprints = scope.fingerprints or top.fingerprints
    if not fingerprints:
        known = ", ".join(attributes.DIGEST_LENGTHS)
        raise SdpError(f"{section.name()} has no fingerprint by {known}, nor has the top")
    order = list(attributes.DIGEST_LENGTHS)
    best = min(fingerprints, key=lambda fingerprint: order.index(fingerprint.algorithm))
    # Without a=setup an offer means active, an answer passive (RFC 4145 section 4); nobody who does DTLS leaves it out.
    setup = scope.setup or top.setup
    if setup is None:
        raise SdpError(f"{section.name()} has no a=setup, nor has the top; the {noun} leaves the DTLS role open")
    return Transport(ufrag, password, best, setup)
