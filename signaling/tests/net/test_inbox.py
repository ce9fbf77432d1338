"""signaling.net.inbox"""

import asyncio

from signaling.net.inbox import Inbox


async def test_what_is_heard_is_taken_in_order_one_after_the_other() -> None:
    taken: list[int] = []
    all_taken = asyncio.Event()

    async def take(what: int) -> None:
        await asyncio.sleep(0)
        taken.append(what)
        if what == 9:
            all_taken.set()

    inbox = Inbox(take, summary=lambda: -1)
    for number in range(10):
        inbox.put(number)
    async with asyncio.timeout(30):
        await all_taken.wait()
    assert taken == list(range(10))


async def test_what_does_not_fit_is_told_as_a_whole() -> None:
    taken: list[int] = []
    gate, ended = asyncio.Event(), asyncio.Event()

    async def take(what: int) -> None:
        await gate.wait()
        taken.append(what)
        if what == 100:
            ended.set()

    inbox = Inbox(take, summary=lambda: -1, most=3)
    inbox.put(0)
    await asyncio.sleep(0)
    for number in (1, 2, 3, 4, 100):
        inbox.put(number)
    gate.set()
    async with asyncio.timeout(30):
        await ended.wait()
    assert taken == [0, -1, 100]


async def test_one_that_breaks_over_a_message_takes_the_next() -> None:
    taken: list[int] = []
    ended = asyncio.Event()

    async def take(what: int) -> None:
        if what == 0:
            raise ValueError("broken")
        taken.append(what)
        ended.set()

    inbox = Inbox(take, summary=lambda: -1)
    inbox.put(0)
    inbox.put(1)
    async with asyncio.timeout(30):
        await ended.wait()
    assert taken == [1]
