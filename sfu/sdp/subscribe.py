"""Offers of slots and the answers to them, and answers to WHEP viewers."""

from collections.abc import Sequence
from dataclasses import replace

from sfu.sdp import write
from sfu.sdp.codecs import Choice, Codec, receive_choices
from sfu.sdp.description import Description, Direction, Extension, Format, Kind, Section
from sfu.sdp.lines import SdpError
from sfu.sdp.parameters import (
    AUDIO_LEVEL,
    MARK,
    MID,
    TRANSPORT_CC,
    LocalParameters,
    NegotiatedSlot,
    SlotParameters,
    Subscription,
    agreed_extensions,
    check_extension_ids,
    check_not_lite,
    extension_ids,
    is_numbered,
    role_against,
    with_arrivals,
)
from sfu.sdp.read import parse_answer

PROTOCOL = "UDP/TLS/RTP/SAVPF"
MID_ID, AUDIO_LEVEL_ID, MARK_ID, TRANSPORT_CC_ID = 1, 2, 3, 4
_WRITTEN = (MID, AUDIO_LEVEL, MARK)
_FEEDBACK = ("nack", "nack pli", "ccm fir")
_CONSTRAINED_BASELINE = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
_H264 = Format(102, "H264", 90000, 1, _CONSTRAINED_BASELINE, _FEEDBACK)
_VP8 = Format(96, "VP8", 90000, 1, "", _FEEDBACK)
_VP9 = Format(98, "VP9", 90000, 1, "profile-id=0", _FEEDBACK)
_AV1 = Format(104, "AV1", 90000, 1, "level-idx=5;profile=0;tier=0", _FEEDBACK)
_OPUS = Format(111, "opus", 48000, 2, "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1", ("nack",))
_RED = Format(63, "red", 48000, 2, "111/111")
_VIDEO = (
    Choice(Codec("h264", 102, 90000, 103, nack=True, pli=True, fir=True), _H264, transport_cc=True),
    Choice(Codec("vp8", 96, 90000, 97, nack=True, pli=True, fir=True), _VP8, transport_cc=True),
    Choice(Codec("vp9", 98, 90000, 99, nack=True, pli=True, fir=True), _VP9, transport_cc=True),
    Choice(Codec("av1", 104, 90000, 105, nack=True, pli=True, fir=True), _AV1, transport_cc=True),
)
_AUDIO = (
    Choice(Codec("opus", 111, 48000, nack=True), _OPUS, transport_cc=True),
    Choice(Codec("red", 63, 48000), _RED),
)


def offer_subscribe(local: LocalParameters, slots: Sequence[SlotParameters]) -> str:
    """Offers every slot with the lesson codecs; payload types mean the same in all of them."""
    if not slots:
        raise ValueError("an offer needs at least one slot")
    lines = write.head(local, (slot.mid for slot in slots))
    for slot in slots:
        body = replace(
            offered_body(slot.kind, slot.mid, "sendonly"),
            tail=_stream(local, slot, _stream_of(slots, slot), repaired=slot.kind == "video"),
        )
        lines += write.accepted(body, local, "actpass")
    return write.text_of(lines)


def read_subscribe_answer(slots: Sequence[SlotParameters], text: str) -> Subscription:
    """Reads the answer to an offer of these slots; slots that the peer refuses are left out. Raises SdpError."""
    answer = parse_answer(text)
    check_not_lite(answer, "answer")
    check_mirrors([(slot.kind, slot.mid) for slot in slots], answer)
    return subscription_of(answer, slots)


def subscription_of(answer: Description, slots: Sequence[SlotParameters]) -> Subscription:
    """What an answer takes of these slots; raises SdpError if that is nothing."""
    return _subscription(answer, _negotiated(answer, slots))


def answer_whep(offer: Description, local: LocalParameters, ssrcs: Sequence[tuple[int, int]]) -> Subscription:
    """Answers a viewer's offer: every section that receives becomes a slot, with the next pair of SSRC and RTX SSRC.

    Raises SdpError: a section that nothing could fill is a black picture, and better no answer at all.
    """
    check_not_lite(offer, "offer")
    for section in offer.sections:
        _check_fillable(section)
    wanted = [(section, kind) for section in offer.sections if (kind := section.kind()) and section.receives()]
    slots = tuple(
        SlotParameters(section.mid, kind, *pair) for (section, kind), pair in zip(wanted, ssrcs, strict=False)
    )
    negotiated = _negotiated(offer, slots)
    by_mid = {entry.slot.mid: entry for entry in negotiated}
    taken = [section.mid for section in offer.sections if section.mid in by_mid]
    lines = write.head(local, taken if offer.bundle else ())
    role = role_against(offer.transport.setup)
    for section in offer.sections:
        entry = by_mid.get(section.mid)
        if entry is None:
            lines += write.refused(section)
        else:
            body = _viewer_body(section, entry, local, slots)
            lines += write.accepted(body, local, role)
    return _subscription(offer, negotiated, write.text_of(lines))


def _check_fillable(section: Section) -> None:
    kind = section.kind()
    if kind is not None and section.receives() and not receive_choices(section, kind):
        needed = "Opus" if kind == "audio" else "H264 with packetization-mode=1, VP8, VP9 or AV1"
        raise SdpError(f"{section.name()} must take {needed}; it takes {section.encodings()}")


def _viewer_body(
    section: Section, entry: NegotiatedSlot, local: LocalParameters, slots: Sequence[SlotParameters]
) -> write.MediaBody:
    slot, extensions = entry.slot, _written_here(section)
    return write.MediaBody(
        kind=slot.kind,
        protocol=section.protocol,
        mid=section.mid if section.mid_stated else None,
        direction="sendonly",
        choices=with_arrivals(receive_choices(section, slot.kind), extensions),
        extensions=extensions,
        rtcp_rsize=section.rtcp_rsize,
        tail=_stream(local, slot, _stream_of(slots, slot), repaired=any(c.rtx_payload_type for c in entry.codecs)),
    )


def check_mirrors(offered: Sequence[tuple[Kind, str]], answer: Description) -> None:
    """An answer has the offer's sections in the offer's order (RFC 3264 section 6)."""
    if len(answer.sections) != len(offered):
        raise SdpError(f"the answer has {len(answer.sections)} sections, the offer had {len(offered)}")
    for (kind, mid), section in zip(offered, answer.sections, strict=True):
        if section.media != kind:
            raise SdpError(f"line {section.line}: the answer has {section.media} where the offer has {kind}")
        if section.mid_stated and section.mid != mid:
            raise SdpError(f"line {section.line}: the answer has mid {section.mid} where the offer has {mid}")


def offered_body(kind: Kind, mid: str, direction: Direction) -> write.MediaBody:
    """A section as we offer it: the lesson's codecs, and the extensions that the forwarder writes and reads."""
    return write.MediaBody(
        kind=kind,
        protocol=PROTOCOL,
        mid=mid,
        direction=direction,
        choices=_AUDIO if kind == "audio" else _VIDEO,
        extensions=_offered_extensions(kind),
    )


def _negotiated(description: Description, slots: Sequence[SlotParameters]) -> tuple[NegotiatedSlot, ...]:
    by_place = {slot.mid: slot for slot in slots}
    order = {index: slot for index, slot in enumerate(slots)} if len(slots) == len(description.sections) else {}
    found = []
    for section in description.sections:
        slot = by_place.get(section.mid) if section.mid_stated else order.get(section.index)
        if slot is not None and section.kind() is not None and section.receives():
            codecs = tuple(choice.codec for choice in receive_choices(section, slot.kind))
            numbered = is_numbered(_written_here(section))
            found += [NegotiatedSlot(slot, codecs, numbered)] if codecs else []
    return tuple(found)


def _subscription(description: Description, slots: tuple[NegotiatedSlot, ...], sdp: str = "") -> Subscription:
    if not slots:
        raise SdpError("no section receives audio or video in a codec of the lesson: Opus, H264, VP8, VP9 or AV1")
    used = {entry.slot.mid for entry in slots}
    check_extension_ids(description.sections)
    extensions = extension_ids(
        extension
        for section in description.sections
        if section.mid in used or not section.mid_stated
        for extension in _written_here(section)
    )
    role = role_against(description.transport.setup)
    return Subscription(description.transport, role, extensions, slots, sdp)


def _written_here(section: Section) -> tuple[Extension, ...]:
    kind = section.kind()
    choices = () if kind is None else receive_choices(section, kind)
    return agreed_extensions(section, _WRITTEN, "sendonly", choices)


def _offered_extensions(kind: Kind) -> tuple[Extension, ...]:
    level = (Extension(AUDIO_LEVEL_ID, AUDIO_LEVEL),) if kind == "audio" else ()
    return (Extension(MID_ID, MID), *level, Extension(MARK_ID, MARK), Extension(TRANSPORT_CC_ID, TRANSPORT_CC))


def _stream_of(slots: Sequence[SlotParameters], slot: SlotParameters) -> str:
    """The first picture and the first sound are one stream, and so on: browsers keep the lips of a stream in time."""
    return f"slot-{[other for other in slots if other.kind == slot.kind].index(slot)}"


def _stream(local: LocalParameters, slot: SlotParameters, stream: str, repaired: bool) -> tuple[str, ...]:
    cname = f"{local.session:x}"
    lines = [f"a=msid:{stream} {slot.mid}"]
    if repaired:
        lines.append(f"a=ssrc-group:FID {slot.ssrc} {slot.rtx_ssrc}")
    for ssrc in (slot.ssrc, slot.rtx_ssrc) if repaired else (slot.ssrc,):
        lines += [f"a=ssrc:{ssrc} cname:{cname}", f"a=ssrc:{ssrc} msid:{stream} {slot.mid}"]
    return tuple(lines)
