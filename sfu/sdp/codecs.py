"""Which of the offered codecs a lesson uses: H.264 constrained baseline first, then VP8; Opus for sound, in RED.

VP9 and AV1 pass through from who has nothing else to who takes them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sfu.sdp.description import Format, Kind, Section

LESSON_VIDEO = ("h264", "vp8")
"""What publishers are asked for, the best first."""
VIDEO = (*LESSON_VIDEO, "vp9", "av1")
"""What every subscriber connection offers."""
_NAMES = {"h264": "h264", "vp8": "vp8", "vp9": "vp9", "av1": "av1", "av1x": "av1"}
_FEEDBACK = ("nack", "nack pli", "ccm fir")
FEEDS_ARRIVALS = "transport-cc"
REDUNDANT = "red"
"""Opus with earlier Opus before it (RFC 2198)."""


@dataclass(frozen=True, slots=True)
class Codec:
    """A payload type of a track or slot."""

    name: str
    payload_type: int
    clock_rate: int
    rtx_payload_type: int | None = None
    nack: bool = False
    pli: bool = False
    fir: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A codec together with how the peer wrote it."""

    codec: Codec
    offered: Format
    transport_cc: bool = False
    """Who receives tells when packets arrived, by their transport-wide numbers."""

    def feedback(self) -> tuple[str, ...]:
        """The `rtcp-fb` values that both sides know."""
        codec = self.codec
        wanted = zip((*_FEEDBACK, FEEDS_ARRIVALS), (codec.nack, codec.pli, codec.fir, self.transport_cc), strict=True)
        return tuple(value for value, used in wanted if used)


def name_of(offered: Format, kind: Kind) -> str | None:
    """The codec's name as the forwarder has it; None for what it does not carry."""
    encoding = offered.encoding.lower()
    if kind == "audio":
        return "opus" if (encoding, offered.clock_rate) == ("opus", 48000) else None
    name = _NAMES.get(encoding) if offered.clock_rate == 90000 else None
    # The other profiles are 4:4:4 or have more than 8 bits; hardly anything decodes them.
    profile = {"vp9": "profile-id", "av1": "profile"}.get(name or "")
    if profile is not None and offered.parameter(profile) not in (None, "0"):
        return None
    return name


def publish_choice(section: Section, kind: Kind, wanted: str | None) -> Choice | None:
    """The one codec that a publisher shall send; `wanted` names it for an extra copy."""
    ranked = [(_publish_rank(offered, kind), offered) for offered in section.formats]
    usable = [
        (rank, offered)
        for rank, offered in ranked
        if rank is not None and (wanted is None or wanted == name_of(offered, kind))
    ]
    if not usable:
        return None
    return _choice(min(usable, key=lambda pair: pair[0])[1], section.formats, kind)


def receive_choices(section: Section, kind: Kind) -> tuple[Choice, ...]:
    """Every codec that a subscriber can take, each once, in the peer's own payload types."""
    best: dict[str, tuple[int, Format]] = {}
    for offered in section.formats:
        name, rank = name_of(offered, kind), _receive_rank(offered, kind)
        if name is not None and rank is not None and (name not in best or rank < best[name][0]):
            best[name] = (rank, offered)
    order = ("opus",) if kind == "audio" else VIDEO
    choices = tuple(_choice(best[name][1], section.formats, kind) for name in order if name in best)
    return choices + tuple(red for choice in choices if (red := redundant_choice(section, choice)) is not None)


def redundant_choice(section: Section, carried: Choice) -> Choice | None:
    """The payload type that wraps this sound and nothing else; `a=fmtp:63 111/111` says so (RFC 2198 section 5)."""
    for offered in section.formats:
        kind = (offered.encoding.lower(), offered.clock_rate, offered.channels)
        wraps = {part.strip() for part in offered.parameters.split("/")}
        if kind == (REDUNDANT, 48000, 2) and wraps == {str(carried.codec.payload_type)}:
            return Choice(Codec(REDUNDANT, offered.payload_type, offered.clock_rate), offered)
    return None


def _publish_rank(offered: Format, kind: Kind) -> int | None:
    """Smaller is better. Baseline without the constraint flag counts as the lesson codec: FFmpeg says 42000c."""
    name = name_of(offered, kind)
    if name == "h264":
        profile, mode = _h264_profile(offered), offered.parameter("packetization-mode") or "0"
        if mode not in ("0", "1"):
            return None
        return {"constrained": 0, "baseline": 1}.get(profile, 9) + (2 if mode == "0" and profile != "other" else 0)
    return {"opus": 0, "vp8": 5, "av1": 20, "vp9": 21}.get(name or "")


def _receive_rank(offered: Format, kind: Kind) -> int | None:
    name = name_of(offered, kind)
    if name != "h264":
        return 0 if name in ("opus", *VIDEO) else None
    if offered.parameter("packetization-mode") != "1":
        return None
    # A decoder of any of these profiles decodes constrained baseline too (H.264 annex A.2).
    return {"constrained": 0, "baseline": 1}.get(_h264_profile(offered), 2)


def _h264_profile(offered: Format) -> str:
    """RFC 6184 section 8.1: absent means baseline; of 0x42 the flag constraint_set1 makes it constrained."""
    text = (offered.parameter("profile-level-id") or "420010").lower()
    if len(text) != 6 or any(digit not in "0123456789abcdef" for digit in text):
        return "other"
    profile, constraints = int(text[:2], 16), int(text[2:4], 16)
    if profile == 0x42:
        return "constrained" if constraints & 0x40 else "baseline"
    return "constrained" if profile == 0x4D and constraints & 0x80 else "other"


def _choice(offered: Format, formats: Iterable[Format], kind: Kind) -> Choice:
    video = kind == "video"
    # Chromium repairs sound for whoever says nack, but never says it itself; who does not know it passes it over.
    nack = "nack" in offered.feedback or not video
    repair = next((entry.payload_type for entry in formats if _repairs(entry, offered)), None) if nack else None
    codec = Codec(
        name=name_of(offered, kind) or "",
        payload_type=offered.payload_type,
        clock_rate=offered.clock_rate,
        rtx_payload_type=repair,
        nack=nack,
        pli=video and "nack pli" in offered.feedback,
        fir=video and "ccm fir" in offered.feedback,
    )
    return Choice(codec, offered)


def _repairs(entry: Format, offered: Format) -> bool:
    """RFC 4588 section 8.6: `apt` names the payload type that is repaired."""
    return entry.encoding.lower() == "rtx" and entry.parameter("apt") == str(offered.payload_type)
