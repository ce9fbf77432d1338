"""Readers of single `a=` values."""

import re
from ipaddress import ip_address

from sfu.sdp.description import Extension, Fingerprint, Format, Setup, SsrcGroup
from sfu.sdp.lines import Line, number_in, quoted, token_in

ICE_CHARACTERS = re.compile(r"[0-9A-Za-z+/\-_=]+")
"""RFC 8839 section 5.4 has letters, digits, + and /; some stacks write base64 of the other alphabet."""
DIGEST_LENGTHS = {"sha-256": 32, "sha-384": 48, "sha-512": 64, "sha-1": 20}
"""Known hash functions (RFC 8122 section 5), the one we like best first."""
LONGEST_MID = 16
"""A one-byte header extension holds 16 bytes (RFC 8285 section 4.2)."""
SETUPS: dict[str, Setup] = {"actpass": "actpass", "active": "active", "passive": "passive"}
_HEX_PAIRS = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})*")
_RID = re.compile(r"[0-9A-Za-z_\-]{1,16}")


def read_mid(line: Line, value: str) -> str:
    """`a=mid:0`."""
    return token_in(line, value, LONGEST_MID, "mid")


def read_ufrag(line: Line, value: str) -> str:
    """`a=ice-ufrag:…`, 4 to 256 characters (RFC 8839 section 5.4)."""
    return _ice(line, value, 4, "ice-ufrag")


def read_password(line: Line, value: str) -> str:
    """`a=ice-pwd:…`, 22 to 256 characters; a sentence never repeats it."""
    return _ice(line, value, 22, "ice-pwd")


def _ice(line: Line, value: str, shortest: int, noun: str) -> str:
    if not shortest <= len(value) <= 256:
        line.wrong(f"{noun} has {len(value)} characters, not {shortest} to 256")
    if ICE_CHARACTERS.fullmatch(value) is None:
        line.wrong(f"{noun} has characters that ICE does not allow")
    return value


def read_fingerprint(line: Line, value: str) -> Fingerprint | None:
    """`a=fingerprint:sha-256 AB:…`; None for a hash function that is not known here."""
    algorithm, _, digits = value.partition(" ")
    algorithm, digits = algorithm.lower(), digits.strip()
    if algorithm not in DIGEST_LENGTHS:
        return None
    if _HEX_PAIRS.fullmatch(digits) is None:
        line.wrong(f"fingerprint {quoted(digits)} is not made of hexadecimal pairs")
    digest = bytes.fromhex(digits.replace(":", ""))
    if len(digest) != DIGEST_LENGTHS[algorithm]:
        line.wrong(f"fingerprint has {len(digest)} bytes, {algorithm} has {DIGEST_LENGTHS[algorithm]}")
    return Fingerprint(algorithm, digest)


def read_setup(line: Line, value: str) -> Setup:
    """`a=setup:actpass` (RFC 8842)."""
    if value not in SETUPS:
        line.wrong(f"setup {quoted(value)} is none of actpass, active, passive")
    return SETUPS[value]


def read_candidate(line: Line, value: str) -> tuple[int, str, int] | None:
    """`a=candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host`: priority, address, port (RFC 8839 section 5.1).

    None for what nobody can dial from here: TCP, a component of RTCP's own, a name such as `x.local`.
    """
    words = value.split()
    if len(words) < 8 or words[6] != "typ":
        line.wrong(
            f"candidate {quoted(value)} is not of the form foundation component transport priority host port typ"
        )
    component = number_in(line, words[1], 1, 256, "candidate component")
    priority = number_in(line, words[3], 0, 2**32 - 1, "candidate priority")
    port = number_in(line, words[5], 0, 65535, "candidate port")
    try:
        host = str(ip_address(words[4].partition("%")[0]))
    except ValueError:
        return None
    return (priority, host, port) if component == 1 and words[2].lower() == "udp" and port else None


def read_extension(line: Line, value: str) -> Extension:
    """`a=extmap:4 urn:…` or `a=extmap:9/sendonly urn:…`."""
    head, _, rest = value.partition(" ")
    digits, _, direction = head.partition("/")
    if direction not in ("", "sendrecv", "sendonly", "recvonly", "inactive"):
        line.wrong(f"extmap direction {quoted(direction)} is not known")
    uri = rest.strip().partition(" ")[0]
    if not uri:
        line.wrong("extmap names no URI")
    number = number_in(line, digits, 1, 4351, "extmap id")
    # Ids from 4096 on are placeholders that an answerer may renumber (RFC 8285 section 6).
    if 255 < number < 4096:
        line.wrong(f"extmap id {number} is not in 1..255, nor in 4096..4351")
    return Extension(number, uri, direction)


def read_rtpmap(line: Line, value: str) -> Format:
    """`a=rtpmap:111 opus/48000/2`."""
    digits, _, rest = value.partition(" ")
    payload_type = number_in(line, digits, 0, 127, "payload type")
    encoding, *numbers = rest.strip().split("/")
    if len(numbers) not in (1, 2):
        line.wrong(f"rtpmap {quoted(rest)} is not of the form name/clock or name/clock/channels")
    clock_rate = number_in(line, numbers[0], 1, 2**32 - 1, "clock rate")
    channels = number_in(line, numbers[1], 1, 255, "channel count") if len(numbers) == 2 else 1
    return Format(payload_type, token_in(line, encoding, 64, "encoding name"), clock_rate, channels)


def read_payload_value(line: Line, value: str, noun: str) -> tuple[int, str]:
    """`a=fmtp:111 minptime=10`: a payload type and the rest."""
    digits, _, rest = value.partition(" ")
    if not rest.strip():
        line.wrong(f"{noun} says nothing about payload type {quoted(digits)}")
    return number_in(line, digits, 0, 127, "payload type"), rest.strip()


def read_rid(line: Line, value: str) -> tuple[str, str, tuple[int, ...]]:
    """`a=rid:h send pt=96;max-width=640`: the layer's name, direction and payload types (RFC 8851)."""
    name, _, rest = value.partition(" ")
    direction, _, restrictions = rest.strip().partition(" ")
    if _RID.fullmatch(name) is None:
        line.wrong(f"rid {quoted(name)} is not 1 to 16 letters, digits, - or _")
    if direction not in ("send", "recv"):
        line.wrong(f"rid {name} has direction {quoted(direction)}, not send or recv")
    listed = [part.strip()[3:] for part in restrictions.split(";") if part.strip().startswith("pt=")]
    numbers = (number for part in listed for number in part.split(","))
    return name, direction, tuple(number_in(line, number, 0, 127, "payload type") for number in numbers)


def read_simulcast(line: Line, value: str) -> tuple[str, ...]:
    """`a=simulcast:send l;m;~h`: the layers sent, the first of each alternative (RFC 8853)."""
    words = value.split()
    if len(words) % 2 or not words:
        line.wrong(f"simulcast {quoted(value)} is not made of direction and layers")
    sent: tuple[str, ...] = ()
    for direction, layers in zip(words[::2], words[1::2], strict=True):
        if direction not in ("send", "recv"):
            line.wrong(f"simulcast direction {quoted(direction)} is not send or recv")
        if direction == "send":
            sent = tuple(_layer(line, layer) for layer in layers.removeprefix("rid=").split(";"))
    return sent


def _layer(line: Line, layer: str) -> str:
    name = layer.partition(",")[0].removeprefix("~")
    if _RID.fullmatch(name) is None:
        line.wrong(f"simulcast layer {quoted(layer)} is not a rid")
    return name


def read_ssrc(line: Line, value: str) -> tuple[int, str]:
    """`a=ssrc:1 msid:stream track`: the number, and the stream if this line names it."""
    digits, _, rest = value.partition(" ")
    name, _, stream = rest.strip().partition(":")
    return number_in(line, digits, 0, 2**32 - 1, "ssrc"), stream if name == "msid" else ""


def read_ssrc_group(line: Line, value: str) -> SsrcGroup:
    """`a=ssrc-group:FID 1 2`."""
    semantics, *numbers = value.split() or [""]
    ssrcs = tuple(number_in(line, number, 0, 2**32 - 1, "ssrc") for number in numbers)
    if not ssrcs:
        line.wrong("ssrc-group names no ssrc")
    if semantics == "FID" and len(ssrcs) != 2:
        line.wrong(f"ssrc-group FID has {len(ssrcs)} members, not 2")
    if len(set(ssrcs)) != len(ssrcs):
        line.wrong(f"ssrc-group {semantics} names an ssrc twice")
    return SsrcGroup(semantics, ssrcs)
