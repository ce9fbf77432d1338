import asyncio

import pytest

from media_tests.faults.emulator import emulator
from media_tests.faults.test_relay import Client, Echo

COUNT = 200


async def test_every_datagram_arrives_or_is_in_the_account() -> None:
    loop = asyncio.get_running_loop()
    echo, _ = await loop.create_datagram_endpoint(Echo, ("127.0.0.1", 0))
    node = echo.get_extra_info("sockname")[:2]
    async with emulator(node, "delay=5ms", "delay=5ms loss=20% burst=3", seed=4) as line:
        sender, client = await loop.create_datagram_endpoint(Client, remote_addr=line.address)
        for index in range(COUNT):
            sender.sendto(index.to_bytes(2, "big"))
        async with asyncio.timeout(30):
            while (account := await line.account()).lost_down + len(client.received) < COUNT:
                await asyncio.sleep(0.01)
        sender.close()
    echo.close()
    assert account.own_losses == 0 and account.up["delivered"] == COUNT
    assert 10 < account.lost_down == account.down["lost"]["burst"] < 100


async def test_words_that_are_no_line_end_it_with_an_error() -> None:
    with pytest.raises(RuntimeError, match="ended with 2"):
        async with emulator(("127.0.0.1", 9), "colour=red", "", seed=1):
            pass
