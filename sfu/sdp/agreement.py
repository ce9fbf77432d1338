"""What the lines of a section, and the sections of a description, must agree on."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sfu.sdp.description import Format, Section
from sfu.sdp.draft import Draft
from sfu.sdp.lines import Line, SdpError, number_in

MOST_LAYERS = 4
"""What the forwarder keeps apart in one track."""
_DYNAMIC = frozenset((*range(35, 64), *range(96, 128)))
"""Payload types that mean nothing by themselves (RFC 3551 section 6, RFC 5761 section 4)."""


def check_section(draft: Draft) -> None:
    """Payload types, layers and streams of one section; what is refused anyway may be incomplete."""
    if draft.is_media() and not draft.is_refused():
        _check_formats(draft)
        _check_layers(draft)
        _check_groups(draft)
        _check_one_stream(draft)


def check_mids(sections: Iterable[Section]) -> None:
    """A mid names one section."""
    seen: set[str] = set()
    for section in sections:
        if section.mid in seen:
            raise SdpError(f"line {section.line}: mid {section.mid} stands twice")
        seen.add(section.mid)


def check_group(line: Line, mids: Sequence[str], sections: Iterable[Section]) -> None:
    """A group names sections that are there, each once."""
    known = {section.mid for section in sections}
    for place, mid in enumerate(mids):
        if mid not in known:
            line.wrong(f"BUNDLE names mid {mid!r}, which no section has")
        if mid in mids[:place]:
            line.wrong(f"BUNDLE names mid {mid} twice")


def check_bundle(media: Sequence[Section], bundle: tuple[str, ...] | None) -> None:
    """All media share one transport."""
    if bundle is None and len(media) > 1:
        raise SdpError("there is more than one section and no a=group:BUNDLE; all must share one transport")
    for section in media:
        if bundle is not None and section.mid not in bundle:
            raise SdpError(f"{section.name()} is not in the BUNDLE; all must share one transport")


def check_payload_types(media: Iterable[Section]) -> None:
    """One payload type has one meaning on a transport (RFC 8843 section 9.1)."""
    meaning: dict[int, tuple[str, int, int]] = {}
    for section in media:
        for entry in section.formats:
            says = (entry.encoding.lower(), entry.clock_rate, entry.channels)
            if meaning.setdefault(entry.payload_type, says) != says:
                raise SdpError(f"{section.name()}: payload type {entry.payload_type} is another codec elsewhere")


def check_ssrcs(media: Iterable[Section]) -> None:
    """One SSRC has one sender and one section."""
    owner: dict[int, Section] = {}
    for section in media:
        repairs = (ssrc for group in section.groups for ssrc in group.ssrcs)
        for ssrc in (*section.ssrcs, *repairs):
            if owner.setdefault(ssrc, section) is not section:
                raise SdpError(f"{section.name()}: ssrc {ssrc} stands in section {owner[ssrc].mid} as well")


def _check_formats(draft: Draft) -> None:
    # Firefox still speaks of codecs that a page took out of the m= line: passed over, unless a layer needs it.
    listed = draft.payload_types()
    for line, payload_type, noun in draft.references:
        if payload_type not in listed and noun == "rid":
            line.wrong(f"{noun} is about payload type {payload_type}, which the m= line does not list")
    for payload_type in listed:
        if payload_type in _DYNAMIC and payload_type not in draft.rtpmaps:
            draft.line.wrong(f"payload type {payload_type} has no rtpmap")
    for entry in draft.rtpmaps.values():
        if entry.payload_type in listed and entry.encoding.lower() == "rtx":
            _check_repair(draft, replace(entry, parameters=draft.parameters.get(entry.payload_type, "")))


def _check_repair(draft: Draft, repair: Format) -> None:
    """RFC 4588 section 8.6: `apt` names what is repaired."""
    number = repair.payload_type
    about = {payload_type: line for line, payload_type, noun in draft.references if noun in ("rtpmap", "fmtp")}
    line, apt = about[number], repair.parameter("apt")
    if apt is None:
        line.wrong(f"rtx {number} has no apt: it does not say what it repairs")
    repaired = number_in(line, apt, 0, 127, "apt")
    if repaired not in draft.payload_types():
        line.wrong(f"rtx {number} repairs payload type {repaired}, which the m= line does not list")
    known = draft.rtpmaps.get(repaired)
    if known is not None and known.encoding.lower() == "rtx":
        line.wrong(f"rtx {number} repairs {repaired}, which is rtx itself")
    if known is not None and known.clock_rate != repair.clock_rate:
        line.wrong(f"rtx {number} has clock {repair.clock_rate}, what it repairs has {known.clock_rate}")


def _check_layers(draft: Draft) -> None:
    if draft.simulcast is None:
        return
    line, layers = draft.simulcast
    sending = {name for name, direction in draft.rids if direction == "send"}
    for layer in layers:
        if layer not in sending:
            line.wrong(f"simulcast layer {layer} has no rid line that sends")
    if len(set(layers)) != len(layers):
        line.wrong("simulcast names a layer twice")
    if len(layers) > MOST_LAYERS:
        line.wrong(f"simulcast has {len(layers)} layers, {MOST_LAYERS} are the most")


def _check_groups(draft: Draft) -> None:
    repairs: set[int] = set()
    for line, group in draft.groups:
        # FFmpeg states the SSRC of its repairs nowhere but here.
        for ssrc in group.ssrcs[:1] if group.semantics == "FID" else group.ssrcs:
            if ssrc not in draft.ssrcs:
                line.wrong(f"ssrc-group {group.semantics} names ssrc {ssrc}, which has no a=ssrc line")
        if group.semantics == "SIM" and len(group.ssrcs) > MOST_LAYERS:
            line.wrong(f"ssrc-group SIM has {len(group.ssrcs)} members, {MOST_LAYERS} are the most")
        if group.semantics == "FID":
            if repairs & set(group.ssrcs):
                line.wrong(f"ssrc-group FID names ssrc {group.ssrcs[1]}, which repairs another one already")
            repairs.add(group.ssrcs[1])
    for line, group in draft.groups:
        if group.semantics == "SIM" and repairs & set(group.ssrcs):
            line.wrong("ssrc-group SIM names an ssrc that only repairs")


def _check_one_stream(draft: Draft) -> None:
    """Plan B put all pictures into one section; nobody could say which of them is meant."""
    streams = {stream for stream in draft.ssrcs.values() if stream}
    if len(streams) > 1:
        draft.line.wrong(
            f"{len(streams)} media streams in one section (plan B); each needs a section of its own (unified plan)"
        )
