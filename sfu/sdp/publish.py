"""Answers to publish offers: one codec a section, all layers, and what the forwarder has to know of each track."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

from sfu.sdp import write
from sfu.sdp.codecs import REDUNDANT, Choice, Codec, publish_choice, redundant_choice
from sfu.sdp.description import Description, Format, Kind, Section
from sfu.sdp.lines import SdpError
from sfu.sdp.parameters import (
    AUDIO_LEVEL,
    MID,
    REPAIRED_RID,
    RID,
    DtlsRole,
    Encoding,
    LocalParameters,
    Publication,
    TrackParameters,
    agreed_extensions,
    check_extension_ids,
    check_not_lite,
    extension_ids,
    role_against,
    with_arrivals,
)

START_BITRATE_KBPS = 1200
"""Without bandwidth feedback Chromium begins at 300 kbit/s and takes 20 s to a clear picture; this begins higher."""
_USED = (MID, RID, REPAIRED_RID, AUDIO_LEVEL)
_DECIDED_HERE = ("useinbandfec", "stereo", "sprop-stereo", "sprop-maxcapturerate")


def answer_publish(
    offer: Description,
    local: LocalParameters,
    wanted: Mapping[str, str | None],
    *,
    role: DtlsRole | None = None,
) -> Publication:
    """Answers an offer: `wanted` names the mids to receive, each with the codec of an extra copy or None.

    `role` keeps the DTLS role of a connection that is negotiated again. Raises SdpError.
    """
    check_not_lite(offer, "offer")
    check_extension_ids(offer.sections)
    for mid in wanted:
        _check_wanted(offer, mid)
    role = role or role_against(offer.transport.setup)
    bodies = [_body(section, wanted) for section in offer.sections]
    taken = [section.mid for section, body in zip(offer.sections, bodies, strict=True) if body is not None]
    lines = write.head(local, taken if offer.bundle else ())
    for section, body in zip(offer.sections, bodies, strict=True):
        if body is None:
            lines += write.refused(section)
        else:
            lines += write.accepted(body, local, role)
    tracks = tuple(
        _track(section, body)
        for section, body in zip(offer.sections, bodies, strict=True)
        if body is not None and body.direction == "recvonly"
    )
    extensions = extension_ids(extension for body in bodies if body is not None for extension in body.extensions)
    return Publication(write.text_of(lines), offer.transport, role, extensions, tracks)


def _check_wanted(offer: Description, mid: str) -> None:
    section = next((section for section in offer.sections if section.mid == mid), None)
    if section is None:
        raise SdpError(f"a source is named for mid {mid}, which the offer does not have")
    if section.kind() is None or not section.sends():
        raise SdpError(f"a source is named for {section.name()}, which sends no media")


def _body(section: Section, wanted: Mapping[str, str | None]) -> write.MediaBody | None:
    kind = section.kind()
    if kind is None:
        return None
    copy = wanted.get(section.mid)
    choice = publish_choice(section, kind, copy)
    receiving = section.mid in wanted
    if choice is None:
        if receiving:
            _no_codec(section, kind, copy)
        return None
    extensions = agreed_extensions(section, _USED, "recvonly", (choice,))
    if receiving and section.rids and RID not in (extension.uri for extension in extensions):
        raise SdpError(f"{section.name()} has simulcast, but no extmap {RID} that would tell its layers apart")
    (choice,) = with_arrivals((choice,), extensions)
    return write.MediaBody(
        kind=kind,
        protocol=section.protocol,
        mid=section.mid if section.mid_stated else None,
        direction="recvonly" if receiving else "inactive",
        choices=(_with_start(choice),) if kind == "video" else _sounds(section, choice),
        extensions=extensions,
        rtcp_rsize=section.rtcp_rsize,
        rids=section.rids if receiving else (),
    )


def _no_codec(section: Section, kind: Kind, copy: str | None) -> NoReturn:
    wanted = copy or ("Opus" if kind == "audio" else "H264, VP8, AV1 or VP9")
    raise SdpError(f"{section.name()} must offer {wanted}; it offers {section.encodings()}")


def _with_start(choice: Choice) -> Choice:
    parts = (choice.offered.parameters, f"x-google-start-bitrate={START_BITRATE_KBPS}")
    return replace(choice, offered=replace(choice.offered, parameters=";".join(part for part in parts if part)))


def _sounds(section: Section, opus: Choice) -> tuple[Choice, ...]:
    """Redundant sound first where there is any: Chromium sends it to who prefers it."""
    red = redundant_choice(section, opus)
    plain = replace(opus, offered=replace(opus.offered, parameters=_answered(opus.offered)))
    return (plain,) if red is None else (red, plain)


def _answered(offered: Format) -> str:
    """What the offer's parameters ask of the encoder that made it (RFC 7587 section 7).

    `sprop-` says what its sender will do, `stereo` what a receiver likes: a stereo source stays one only if the answer
    likes it. The node hands on in-band FEC to whoever decodes.
    """
    parts = [part.strip() for part in offered.parameters.split(";") if part.strip()]
    names = [part.partition("=")[0].lower() for part in parts]
    kept = [part for part, name in zip(parts, names, strict=True) if name not in _DECIDED_HERE]
    is_stereo = "1" in (offered.parameter("stereo"), offered.parameter("sprop-stereo"))
    return ";".join([*kept, "useinbandfec=1", *(["stereo=1"] if is_stereo else [])])


def _track(section: Section, body: write.MediaBody) -> TrackParameters:
    encodings = () if section.rids else encodings_of(section)
    codecs = (choice.codec for choice in body.choices)
    return TrackParameters(section.mid, body.kind, tuple(sorted(codecs, key=_is_wrapping)), encodings, section.rids)


def _is_wrapping(codec: Codec) -> bool:
    """A track is named by what is in it."""
    return codec.name == REDUNDANT


def encodings_of(section: Section) -> tuple[Encoding, ...]:
    """The streams by SSRC: the members of SIM, else the first one that repairs no other."""
    repairs = {group.ssrcs[0]: group.ssrcs[1] for group in section.groups if group.semantics == "FID"}
    layers = next((group.ssrcs for group in section.groups if group.semantics == "SIM"), ())
    primary = tuple(ssrc for ssrc in section.ssrcs if ssrc not in repairs.values())[:1]
    return tuple(Encoding(ssrc, repairs.get(ssrc)) for ssrc in dict.fromkeys(layers or primary) if ssrc)
