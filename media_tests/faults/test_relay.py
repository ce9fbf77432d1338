import asyncio
from typing import cast

import pytest

from media_tests.faults.link import Independent, LinkConditions
from media_tests.faults.relay import Relay
from media_tests.faults.relay_process import relay_process


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
    async with asyncio.timeout(30):
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


async def test_a_relay_of_its_own_process_carries_and_counts() -> None:
    loop = asyncio.get_running_loop()
    echo, _ = await loop.create_datagram_endpoint(Echo, ("127.0.0.1", 0))
    conditions = LinkConditions(delay_ms=5, loss=Independent(0.3))
    with relay_process(echo.get_extra_info("sockname")[:2], LinkConditions(), conditions, seed=9) as relay:
        sender, client = await loop.create_datagram_endpoint(Client, remote_addr=relay.address)
        for index in range(100):
            sender.sendto(index.to_bytes(2, "big"))
        async with asyncio.timeout(30):
            while (line := relay.carried()).lost + line.carried < 100 or len(client.received) < line.carried:
                await asyncio.sleep(0.01)
    assert 10 < line.lost < 50 and len(client.received) == line.carried
    sender.close()
    echo.close()
