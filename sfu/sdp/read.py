"""SDP text to a description: every line is looked at, what the node does not use is passed over."""

from collections.abc import Iterable
from dataclasses import replace

from sfu.sdp import attributes
from sfu.sdp.description import Description, Format, Section, Transport
from sfu.sdp.draft import Draft, Scope, media_line, scope_line, section_line
from sfu.sdp.lines import Line, SdpError, quoted, split_lines

MOST_SECTIONS = 64
PROTOCOLS = ("UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "RTP/SAVPF", "RTP/SAVP")
"""JSEP asks to take all of these for DTLS-SRTP (RFC 9429 section 5.1.2)."""


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
    top = Scope()
    drafts: list[Draft] = []
    bundle: tuple[str, ...] | None = None
    for line in split_lines(text):
        if line.letter == "m":
            if len(drafts) == MOST_SECTIONS:
                line.wrong(f"more than {MOST_SECTIONS} m= lines")
            drafts.append(media_line(line))
        elif line.letter == "a":
            name, value = line.attribute()
            if name == "group" and not drafts:
                bundle = _bundle(value, bundle)
            elif not scope_line(drafts[-1].scope if drafts else top, line, name, value) and drafts:
                section_line(drafts[-1], line, name, value)
    if not drafts:
        raise SdpError(f"the {noun} has no m= line")
    return _description(top, drafts, bundle, noun)


def _bundle(value: str, known: tuple[str, ...] | None) -> tuple[str, ...] | None:
    semantics, *mids = value.split() or [""]
    return tuple(mids) if semantics == "BUNDLE" and known is None else known


def _description(top: Scope, drafts: list[Draft], bundle: tuple[str, ...] | None, noun: str) -> Description:
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


def _section(draft: Draft, index: int, top: Scope) -> Section:
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


def _formats(draft: Draft) -> Iterable[Format]:
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


def _tagged(living: list[tuple[Section, Draft]], bundle: tuple[str, ...] | None) -> tuple[Section, Draft]:
    """The section whose transport counts for all (RFC 8843 section 7.1.1)."""
    for mid in bundle or ():
        for section, draft in living:
            if section.mid == mid:
                return section, draft
    return next(((section, draft) for section, draft in living if section.kind() is not None), living[0])


def _transport(top: Scope, scope: Scope, section: Section, noun: str) -> Transport:
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
