"""A relay on loopback between clients and a node, with a link's faults in each direction."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self, cast

from media_tests.faults.link import Link, LinkConditions

Address = tuple[str, int]


@dataclass(slots=True)
class _Endpoint(asyncio.DatagramProtocol):
    received: Callable[[bytes, Address], None]
    transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.received(data, addr)

    def send(self, data: bytes, to: Address | None) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.sendto(data, to)


@dataclass(slots=True)
class Relay:
    """Stands at `address` for the node at `node`; every client gets an upstream socket of its own, as behind a NAT."""

    node: Address
    uplink: Link
    downlink: Link
    address: Address = ("127.0.0.1", 0)
    _front: _Endpoint | None = None
    _upstream: dict[Address, asyncio.Future[_Endpoint]] = field(default_factory=dict)
    worst_lateness_s: float = 0.0
    """How late the relay itself was at worst: its own timing error."""

    @classmethod
    async def start(cls, node: Address, up: LinkConditions, down: LinkConditions, seed: int = 1) -> Self:
        """Opens the relay; both ends must be loopback."""
        if not node[0].startswith("127."):
            raise ValueError(f"the relay carries test traffic on loopback only, not to {node[0]}")
        relay = cls(node, Link(up, seed), Link(down, seed + 1))
        loop = asyncio.get_running_loop()
        relay._front = _Endpoint(relay._from_client)
        await loop.create_datagram_endpoint(lambda: relay._front or _Endpoint(relay._from_client), ("127.0.0.1", 0))
        assert relay._front.transport is not None
        relay.address = relay._front.transport.get_extra_info("sockname")[:2]
        return relay

    def close(self) -> None:
        """Closes every socket; what was under way is dropped."""
        endpoints = [self._front, *(f.result() for f in self._upstream.values() if f.done())]
        for endpoint in endpoints:
            if endpoint is not None and endpoint.transport is not None:
                endpoint.transport.close()

    def _from_client(self, data: bytes, client: Address) -> None:
        upstream = self._upstream.get(client)
        if upstream is None:
            upstream = asyncio.ensure_future(self._open_upstream(client))
            self._upstream[client] = upstream
        upstream.add_done_callback(lambda opened: self._carry(self.uplink, data, opened.result(), None))

    async def _open_upstream(self, client: Address) -> _Endpoint:
        endpoint = _Endpoint(lambda data, _node: self._to_client(data, client))
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: endpoint, remote_addr=self.node)
        return endpoint

    def _to_client(self, data: bytes, client: Address) -> None:
        assert self._front is not None
        self._carry(self.downlink, data, self._front, client)

    def _carry(self, link: Link, data: bytes, by: _Endpoint, to: Address | None) -> None:
        loop = asyncio.get_running_loop()
        arrival_s = link.arrival_s(loop.time())
        if arrival_s is not None:
            loop.call_at(arrival_s, self._deliver, arrival_s, data, by, to)

    def _deliver(self, due_s: float, data: bytes, by: _Endpoint, to: Address | None) -> None:
        self.worst_lateness_s = max(self.worst_lateness_s, asyncio.get_running_loop().time() - due_s)
        by.send(data, to)
