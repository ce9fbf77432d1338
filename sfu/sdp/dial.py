"""The side that dials: the forwarder as a client, with full ICE, makes an offer or answers one of slots."""

from collections.abc import Sequence
from dataclasses import replace

from sfu.sdp import write
from sfu.sdp.codecs import receive_choices
from sfu.sdp.description import Description, Extension, Kind, Section
from sfu.sdp.lines import SdpError
from sfu.sdp.parameters import (
    AUDIO_LEVEL,
    MARK,
    MID,
    Dialled,
    DtlsRole,
    LocalParameters,
    SlotParameters,
    TrackParameters,
    agreed_extensions,
    check_extension_ids,
    extension_ids,
    role_against,
    with_arrivals,
)
from sfu.sdp.publish import encodings_of
from sfu.sdp.read import parse_answer
from sfu.sdp.subscribe import check_mirrors, offer_subscribe, offered_body, subscription_of

_READ = (MID, AUDIO_LEVEL, MARK)


def offer_receive(local: LocalParameters, sections: Sequence[tuple[Kind, str]]) -> str:
    """Offers to receive these kinds of media under these mids, as a WHEP player does."""
    if not sections:
        raise ValueError("an offer needs at least one section")
    local = replace(local, lite=False)
    lines = write.head(local, (mid for _, mid in sections))
    for kind, mid in sections:
        lines += write.accepted(offered_body(kind, mid, "recvonly"), local, "actpass")
    return write.text_of(lines)


def read_receive_answer(sections: Sequence[tuple[Kind, str]], text: str) -> Dialled:
    """Reads the answer to an offer to receive; raises SdpError. What the other side does not send is left out."""
    answer = parse_answer(text)
    check_mirrors(sections, answer)
    names = [mid for _, mid in sections]
    return _receiving(answer, role_against(answer.transport.setup), names)


def answer_slots(offer: Description, local: LocalParameters) -> Dialled:
    """Answers an offer of slots: everything it sends in a codec of ours is received. Raises SdpError."""
    # Whoever dials also begins the handshake, unless the offer wants to: it saves a round trip (RFC 8842 section 5.3).
    role: DtlsRole = "passive" if offer.transport.setup == "active" else "active"
    local = replace(local, lite=False)
    dialled = _receiving(offer, role, [section.mid for section in offer.sections])
    taken = {track.mid for track in dialled.tracks}
    lines = write.head(
        local, [section.mid for section in offer.sections if section.mid in taken] if offer.bundle else ()
    )
    for section in offer.sections:
        kind = section.kind()
        if kind is None or section.mid not in taken:
            lines += write.refused(section)
        else:
            lines += write.accepted(_answering(section, kind), local, role)
    return replace(dialled, sdp=write.text_of(lines))


def offer_send(local: LocalParameters, slots: Sequence[SlotParameters]) -> str:
    """Offers to send what is bound to these slots, as a WHIP encoder does."""
    return offer_subscribe(replace(local, lite=False), slots)


def read_send_answer(slots: Sequence[SlotParameters], text: str) -> Dialled:
    """Reads the answer to an offer to send; raises SdpError. Slots that the other side refuses are left out."""
    answer = parse_answer(text)
    check_mirrors([(slot.kind, slot.mid) for slot in slots], answer)
    taken = subscription_of(answer, slots)
    return Dialled(taken.remote, _dialled(answer), taken.dtls_role, taken.extensions, slots=taken.slots)


def _receiving(peer: Description, role: DtlsRole, mids: Sequence[str]) -> Dialled:
    """What comes from a peer; `mids` names its sections, for peers that know no mids."""
    check_extension_ids(peer.sections)
    sending = [
        (section, kind, mid)
        for section, mid in zip(peer.sections, mids, strict=True)
        if (kind := section.kind()) is not None and section.sends()
    ]
    tracks = tuple(track for section, kind, mid in sending if (track := _track(section, kind, mid)) is not None)
    if not tracks:
        raise SdpError("no section sends audio or video in a codec of the lesson: Opus, H264, VP8, VP9 or AV1")
    used = {track.mid for track in tracks}
    extensions = extension_ids(
        extension for section, kind, mid in sending if mid in used for extension in _read_here(section, kind)
    )
    return Dialled(peer.transport, _dialled(peer), role, extensions, tracks)


def _track(section: Section, kind: Kind, mid: str) -> TrackParameters | None:
    codecs = tuple(choice.codec for choice in receive_choices(section, kind))
    return TrackParameters(mid, kind, codecs, encodings_of(section)) if codecs else None


def _read_here(section: Section, kind: Kind) -> tuple[Extension, ...]:
    return agreed_extensions(section, _READ, "recvonly", receive_choices(section, kind))


def _answering(section: Section, kind: Kind) -> write.MediaBody:
    extensions = _read_here(section, kind)
    return write.MediaBody(
        kind=kind,
        protocol=section.protocol,
        mid=section.mid if section.mid_stated else None,
        direction="recvonly",
        choices=with_arrivals(receive_choices(section, kind), extensions),
        extensions=extensions,
        rtcp_rsize=section.rtcp_rsize,
    )


def _dialled(peer: Description) -> tuple[tuple[str, int], ...]:
    if not peer.addresses:
        raise SdpError(f"none of the {peer.candidates} candidates is an address that can be dialled over UDP")
    return peer.addresses
