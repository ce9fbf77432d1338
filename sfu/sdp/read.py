"""SDP text to a description: every line is looked at, what the node does not use is passed over."""

from collections.abc import Iterable
from dataclasses import replace

from sfu.sdp import agreement, attributes
from sfu.sdp.description import Description, Format, Section, Transport
from sfu.sdp.draft import Draft, Scope, media_line, scope_line, section_line
from sfu.sdp.lines import Line, SdpError, quoted, split_lines

MOST_SECTIONS = 64
MOST_ADDRESSES = 32
"""Every one costs a dialling side checks from each address of its own."""
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
    bundle: tuple[Line, tuple[str, ...]] | None = None
    lite, origin = False, ""
    for line in split_lines(text):
        if line.letter == "m":
            if len(drafts) == MOST_SECTIONS:
                line.wrong(f"more than {MOST_SECTIONS} m= lines")
            drafts.append(media_line(line))
        elif line.letter == "o" and not drafts:
            origin = "".join(line.value.split()[1:2])
        elif line.letter == "a":
            name, value = line.attribute()
            if name == "group" and not drafts:
                bundle = bundle or _bundle(line, value)
            elif name == "ice-lite" and not drafts:
                lite = True
            elif not scope_line(drafts[-1].scope if drafts else top, line, name, value) and drafts:
                section_line(drafts[-1], line, name, value)
    if not drafts:
        raise SdpError(f"the {noun} has no m= line")
    return replace(_description(top, drafts, bundle, noun), lite=lite, origin=origin)


def _bundle(line: Line, value: str) -> tuple[Line, tuple[str, ...]] | None:
    semantics, *mids = value.split() or [""]
    return (line, tuple(mids)) if semantics == "BUNDLE" else None


def _description(top: Scope, drafts: list[Draft], group: tuple[Line, tuple[str, ...]] | None, noun: str) -> Description:
    for draft in drafts:
        agreement.check_section(draft)
    sections = tuple(_section(draft, index, top) for index, draft in enumerate(drafts))
    agreement.check_mids(sections)
    bundle = None if group is None else group[1]
    if group is not None:
        agreement.check_group(*group, sections)
    living = [(section, draft) for section, draft in zip(sections, drafts, strict=True) if not section.refused]
    if not living:
        raise SdpError(f"the {noun} refuses every section: all ports are 0")
    media = [section for section, _ in living if section.kind() is not None]
    agreement.check_bundle(media, bundle)
    agreement.check_payload_types(media)
    agreement.check_ssrcs(media)
    for section, draft in living:
        _check_protocol(section, draft.line)
    first, draft = _tagged(living, bundle)
    # What is bundled, above all `bundle-only`, may leave the transport's lines to the first (RFC 8843 section 7.1.3).
    if first.kind() is not None and not first.rtcp_mux:
        raise SdpError(f"{first.name()} has no a=rtcp-mux; RTP and RTCP share one port here")
    transport = _transport(top, draft.scope, first, noun)
    scopes = (top, *(draft.scope for draft in drafts))
    ranked = sorted((entry for scope in scopes for entry in scope.addresses), key=lambda entry: -entry[0])
    addresses = tuple(dict.fromkeys((host, port) for _, host, port in ranked))[:MOST_ADDRESSES]
    return Description(sections, bundle or (), transport, sum(scope.candidates for scope in scopes), addresses)


def _section(draft: Draft, index: int, top: Scope) -> Section:
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
        extensions=tuple(draft.scope.extensions or top.extensions) if draft.is_media() else (),
        rids=draft.simulcast[1] if draft.simulcast is not None else (),
        ssrcs=tuple(draft.ssrcs),
        groups=tuple(group for _, group in draft.groups),
        msid=draft.msid,
        rtcp_mux="rtcp-mux" in draft.flags,
        rtcp_rsize="rtcp-rsize" in draft.flags,
        refused=draft.is_refused(),
    )


def _formats(draft: Draft) -> Iterable[Format]:
    """The payload types in the order of the m= line, which is the order of preference."""
    for target in draft.payload_types():
        known = draft.rtpmaps.get(target)
        if known is not None:
            number = known.payload_type
            feedback = dict.fromkeys(value for owner, value in draft.feedback if owner in (None, number))
            yield replace(known, parameters=draft.parameters.get(number, ""), feedback=tuple(feedback))


def _check_protocol(section: Section, line: Line) -> None:
    if section.kind() is not None and section.protocol not in PROTOCOLS:
        line.wrong(f"protocol {quoted(section.protocol)} carries no SRTP keyed by DTLS")


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
