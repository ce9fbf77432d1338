import asyncio
from typing import cast

import pytest

from media_tests.faults.link import Independent, LinkConditions
from media_tests.faults.relay import Relay


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data, addr)


class Client(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.received: list[bytes] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.append(data)


async def _echoed(conditions: LinkConditions, count: int) -> tuple[list[bytes], Relay]:
    loop = asyncio.get_running_loop()
    echo, _ = await loop.create_datagram_endpoint(Echo, ("127.0.0.1", 0))
    relay = await Relay.start(echo.get_extra_info("sockname")[:2], LinkConditions(), conditions, seed=9)
    sender, client = await loop.create_datagram_endpoint(Client, remote_addr=relay.address)
    for index in range(count):
        sender.sendto(index.to_bytes(2, "big"))
    async with asyncio.timeout(5):
        while len(client.received) < relay.downlink.carried or relay.downlink.carried + relay.downlink.lost < count:
            await asyncio.sleep(0.01)
    sender.close()
    relay.close()
    echo.close()
    return client.received, relay


async def test_every_lost_datagram_is_the_links_own() -> None:
    received, relay = await _echoed(LinkConditions(delay_ms=5, loss=Independent(0.3)), 100)
    assert len(received) == 100 - relay.downlink.lost
    assert 10 < relay.downlink.lost < 50
    assert received == sorted(received)


async def test_refuses_to_carry_traffic_off_loopback() -> None:
    with pytest.raises(ValueError, match="loopback only"):
        await Relay.start(("192.0.2.1", 7000), LinkConditions(), LinkConditions())
