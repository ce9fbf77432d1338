"""Which addresses of this machine carry media."""

import errno
import ipaddress
import socket
from collections.abc import Iterable, Sequence

import ifaddr

from sfu.net.settings import AUTO, address_of

Address = tuple[str, int]

MOST_ADDRESSES = 16
"""Every candidate costs each peer checks, and FFmpeg reads 8 KiB of an answer at most."""
_NOWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Documentation addresses: asking for the way there sends nothing."""


def media_addresses(entries: Sequence[str]) -> list[tuple[str, int]]:
    """What to bind; `auto` stands for every address that can be bound now."""
    found: dict[tuple[str, int], None] = {}
    for entry in entries:
        host, port = address_of(entry)
        hosts = _bindable(machine_addresses(), port) if host == AUTO else [host]
        found |= dict.fromkeys((each, port) for each in hosts)
    return list(found)


def announced_fronts(announced: Sequence[Address], bound: Sequence[Address]) -> tuple[Address, ...]:
    """Where peers find the front: behind a forwarded address, at the same port of it."""
    if not announced:
        return tuple(bound)
    hosts, ports = dict.fromkeys(host for host, _ in announced), dict.fromkeys(port for _, port in bound)
    return tuple((host, port) for host in hosts for port in ports)


def machine_addresses() -> list[str]:
    """All unicast addresses but link-local ones; first what others most likely reach, loopback last."""
    texts = (address.ip for adapter in ifaddr.get_adapters() for address in adapter.ips)
    return ranked((text if isinstance(text, str) else text[0] for text in texts), _outward())


def ranked(texts: Iterable[str], outward: Sequence[str]) -> list[str]:
    """Sorts addresses: those of the way out, IPv4, IPv6, loopback; some peers try the first one only."""
    addresses = {ipaddress.ip_address(text.partition("%")[0]) for text in texts}
    usable = [address for address in addresses if not (address.is_link_local or address.is_multicast)]
    order = {text: place for place, text in enumerate(outward)}
    usable.sort(
        key=lambda address: (
            address.is_loopback,
            order.get(str(address), len(order)),
            address.version,
            int(address),
        )
    )
    return [str(address) for address in usable]


def _outward() -> list[str]:
    """The addresses that the routing table would send from."""
    found = []
    for family, nowhere in _NOWHERE.items():
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((nowhere, 9))
                found.append(str(probe.getsockname()[0]))
        except OSError:
            continue
    return found


def _bindable(hosts: Sequence[str], port: int) -> list[str]:
    """Leaves out what the kernel will not bind, as a tentative or expired IPv6 address."""
    usable = [host for host in hosts if _can_bind(host, port)]
    loopback = [host for host in usable if ipaddress.ip_address(host).is_loopback]
    others = [host for host in usable if host not in loopback]
    return others[: MOST_ADDRESSES - len(loopback)] + loopback


def _can_bind(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, port))
    except OSError as error:
        # A port in use, or kept for root, is an error to tell, not an address to leave out.
        return error.errno in (errno.EADDRINUSE, errno.EACCES)
    return True
