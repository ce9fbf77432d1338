"""Network namespaces without a default route, for clients that refuse loopback, and the check that they have none."""

import ctypes
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address

# A run that was killed leaves its namespaces; nobody after it may meet them.
_numbers = itertools.count(1)


class UnsafeRoute(RuntimeError):
    """Test traffic could leave the machine from here; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """Two ends of a veth pair, each in a namespace of its own: nothing in them reaches any other host."""

    name: str
    near: str
    """The address inside the namespace `{name}-a`, where the services run."""
    far: str
    """The address inside the namespace `{name}-b`, where the clients run."""

    @property
    def near_name(self) -> str:
        return f"{self.name}-a"

    @property
    def far_name(self) -> str:
        return f"{self.name}-b"

    def near_command(self, *command: str) -> list[str]:
        return ["ip", "netns", "exec", f"{self.name}-a", *command]

    def far_command(self, *command: str) -> list[str]:
        return ["ip", "netns", "exec", f"{self.name}-b", *command]


def unique(name: str) -> str:
    """The beginning of names of namespaces that nobody else has."""
    return f"{name}-{os.getpid()}-{next(_numbers)}"


def ipv6_of(address: str) -> str:
    """The IPv6 address of who has this one of IPv4."""
    parts = (int(part) for part in address.split(".")[1:])
    return str(IPv6Address("fd00:{:x}:{:x}::{:x}".format(*parts)))


def require_no_default_route(command: list[str]) -> None:
    """Raises UnsafeRoute when the namespace that `command` runs in has a default route."""
    for family in ("-4", "-6"):
        routes = _run(*command, "ip", family, "route", "show", "default")
        if routes.strip():
            raise UnsafeRoute(f"a default route exists ({routes.strip()}); tests send only inside closed namespaces")


@contextmanager
def two_hosts(name: str, subnet: int = 77, network: str = "") -> Iterator[Namespace]:
    """Makes both namespaces (`name` is made unique), checks their routes, and removes them at the end. Needs root.

    `network` is the beginning of their addresses where private ones will not do, as `203.0.113`.
    """
    if shutil.which("ip") is None:
        raise RuntimeError("the program `ip` is missing; install it with: apt-get install iproute2")
    network = network or f"10.{subnet}.0"
    pair = Namespace(unique(name), f"{network}.1", f"{network}.2")
    try:
        _build(pair)
        require_no_default_route(pair.near_command())
        require_no_default_route(pair.far_command())
        yield pair
    finally:
        for end in ("a", "b"):
            subprocess.run(["ip", "netns", "del", f"{pair.name}-{end}"], check=False, capture_output=True)


@contextmanager
def inside(name: str) -> Iterator[None]:
    """Moves this thread into a namespace: its sockets, processes and threads begun in the block live there."""
    with open("/proc/thread-self/ns/net", "rb") as home, open(f"/run/netns/{name}", "rb") as away:
        _enter(away.fileno())
        try:
            yield
        finally:
            _enter(home.fileno())


def _enter(namespace: int) -> None:
    clone_newnet = 0x40000000  # setns(2)
    if ctypes.CDLL(None, use_errno=True).setns(namespace, clone_newnet) != 0:
        raise OSError(ctypes.get_errno(), "setns (network namespaces need root)")


def _build(pair: Namespace) -> None:
    a, b = f"{pair.name}-a", f"{pair.name}-b"
    near_link, far_link = "near0", "far0"
    _run("ip", "netns", "add", a)
    _run("ip", "netns", "add", b)
    _run("ip", "link", "add", near_link, "netns", a, "type", "veth", "peer", "name", far_link, "netns", b)
    for space, link, address in ((a, near_link, pair.near), (b, far_link, pair.far)):
        _run("ip", "-n", space, "address", "add", f"{address}/24", "dev", link)
        # Chromium looks for IPv6 addresses, ::1 too, only where one is not loopback.
        _run("ip", "-n", space, "-6", "address", "add", f"{ipv6_of(address)}/64", "dev", link, "nodad")
        # An address that becomes usable later is a change of network, for which browsers break off what they load.
        _run("ip", "netns", "exec", space, "sysctl", "-qw", f"net.ipv6.conf.{link}.accept_dad=0")
        _run("ip", "-n", space, "link", "set", link, "up")
        _run("ip", "-n", space, "link", "set", "lo", "up")


def _run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()} (network namespaces need root)")
    return done.stdout
