"""A client and a node with a router between them, in namespaces without a default route; the router can be a NAT."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from media_tests.faults.namespace import require_no_default_route, unique

CLIENT_SIDE = "10.91.0"
NODE_SIDE = "203.0.113"


@dataclass(frozen=True, slots=True)
class Routed:
    """Three hosts; the client knows a way to the node's network, and the node one to the client's."""

    name: str
    client: str
    node: str
    near: str
    """The router's address at the client's side."""
    far: str
    """And at the node's."""

    @property
    def client_name(self) -> str:
        return f"{self.name}-c"

    @property
    def router_name(self) -> str:
        return f"{self.name}-r"

    @property
    def node_name(self) -> str:
        return f"{self.name}-n"

    def rule(self, *rule: str) -> None:
        """Adds a rule to the router's packet filter."""
        _at(self.router_name, "iptables", *rule)

    def also(self, address: str) -> None:
        """Gives the router another address at the node's side."""
        _run("ip", "-n", self.router_name, "address", "add", f"{address}/24", "dev", "r1")

    def rebind(self, source: str) -> None:
        """From now on the router writes this source on what the client sends, and has forgotten all it wrote before."""
        _at(self.router_name, "iptables", "-t", "nat", "-F", "POSTROUTING")
        for protocol in ("udp", "tcp"):
            where = ("-s", self.client, "-p", protocol, "-j", "SNAT", "--to-source", source)
            self.rule("-t", "nat", "-A", "POSTROUTING", *where)
        _at(self.router_name, "conntrack", "-F")


@contextmanager
def routed(name: str, client_side: str = CLIENT_SIDE, node_side: str = NODE_SIDE) -> Iterator[Routed]:
    """Makes the three and removes them at the end. Needs root."""
    for program, package in (("ip", "iproute2"), ("iptables", "iptables"), ("conntrack", "conntrack")):
        if shutil.which(program) is None:
            raise RuntimeError(f"the program `{program}` is missing; install it with: apt-get install {package}")
    hosts = Routed(unique(name), f"{client_side}.2", f"{node_side}.1", f"{client_side}.1", f"{node_side}.2")
    try:
        _build(hosts, client_side, node_side)
        for space in (hosts.client_name, hosts.router_name, hosts.node_name):
            require_no_default_route(["ip", "netns", "exec", space])
        yield hosts
    finally:
        for space in (hosts.client_name, hosts.router_name, hosts.node_name):
            subprocess.run(["ip", "netns", "del", space], check=False, capture_output=True)


def _build(hosts: Routed, client_side: str, node_side: str) -> None:
    for space in (hosts.client_name, hosts.router_name, hosts.node_name):
        _run("ip", "netns", "add", space)
        _run("ip", "-n", space, "link", "set", "lo", "up")
    _link(hosts.client_name, "c0", f"{hosts.client}/24", hosts.router_name, "r0", f"{hosts.near}/24")
    _link(hosts.node_name, "n0", f"{hosts.node}/24", hosts.router_name, "r1", f"{hosts.far}/24")
    _run("ip", "-n", hosts.client_name, "route", "add", f"{node_side}.0/24", "via", hosts.near)
    _run("ip", "-n", hosts.node_name, "route", "add", f"{client_side}.0/24", "via", hosts.far)
    _at(hosts.router_name, "sysctl", "-qw", "net.ipv4.ip_forward=1")


def _link(one: str, one_link: str, one_address: str, two: str, two_link: str, two_address: str) -> None:
    _run("ip", "link", "add", one_link, "netns", one, "type", "veth", "peer", "name", two_link, "netns", two)
    for space, link, address in ((one, one_link, one_address), (two, two_link, two_address)):
        _at(space, "sysctl", "-qw", f"net.ipv6.conf.{link}.accept_dad=0")
        _run("ip", "-n", space, "address", "add", address, "dev", link)
        _run("ip", "-n", space, "link", "set", link, "up")


def _at(space: str, *command: str) -> None:
    _run("ip", "netns", "exec", space, *command)


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()} (network namespaces need root)")
