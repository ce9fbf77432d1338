"""Whom a connection comes from, told ahead of its bytes: what the node's front says to signaling (PROXY protocol 2).

Only this form is spoken: TCP over IPv4 or IPv6, without further fields.
"""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

PREFIX: Final = struct.Struct("!12sBBH")
"""Signature, version and command, family, and how many bytes follow."""
_SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
_PROXIED: Final = 0x21
_BODIES: Final = {0x11: struct.Struct("!4s4sHH"), 0x21: struct.Struct("!16s16sHH")}

Address = tuple[str, int]


class ProxyError(ValueError):
    """This is nobody whom the front has sent."""


@dataclass(frozen=True, slots=True)
class Guest:
    """One connection at the front."""

    remote: Address
    local: Address
    """Where it was taken in."""


def written(guest: Guest) -> bytes:
    """What signaling reads before anything else."""
    ends = [(ip_address(host), port) for host, port in (guest.remote, guest.local)]
    family = 0x21 if any(host.version == 6 for host, _ in ends) else 0x11
    hosts = [_mapped(host).packed if family == 0x21 else host.packed for host, _ in ends]
    body = _BODIES[family].pack(*hosts, *(port for _, port in ends))
    return PREFIX.pack(_SIGNATURE, _PROXIED, family, len(body)) + body


def length_behind(prefix: bytes) -> int:
    """How many bytes belong to it behind the prefix; raises ProxyError."""
    if len(prefix) != PREFIX.size:
        raise ProxyError(f"{len(prefix)} bytes are no prefix")
    signature, command, family, length = PREFIX.unpack(prefix)
    body = _BODIES.get(family)
    if signature != _SIGNATURE or command != _PROXIED or body is None or length != body.size:
        raise ProxyError("it does not begin as the front does")
    return body.size


def read(prefix: bytes, body: bytes) -> Guest:
    """Takes both parts of it; raises ProxyError."""
    if len(body) != length_behind(prefix):
        raise ProxyError(f"{len(body)} bytes are not what the prefix says")
    remote, local, remote_port, local_port = _BODIES[prefix[13]].unpack(body)
    return Guest((_shown(remote), remote_port), (_shown(local), local_port))


def _mapped(host: IPv4Address | IPv6Address) -> IPv6Address:
    return host if isinstance(host, IPv6Address) else IPv6Address(b"\0" * 10 + b"\xff\xff" + host.packed)


def _shown(packed: bytes) -> str:
    host = ip_address(packed)
    return str((host.ipv4_mapped or host) if isinstance(host, IPv6Address) else host)
