"""signaling.net.outgoing"""

import asyncio

from signaling.net.outgoing import UNSENT_BOUND, Outgoing


class Wire:
    """Takes text when it is let."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.open = asyncio.Event()
        self.buffered = 0

    async def write(self, text: str) -> None:
        await self.open.wait()
        self.taken.append(text)


async def test_messages_leave_in_order_and_the_end_waits_for_them() -> None:
    wire = Wire()
    outgoing = Outgoing(wire.write, lambda: wire.buffered)
    assert all(outgoing.put(text) for text in ("a", "b", "c"))
    outgoing.finish()
    wire.open.set()
    await outgoing.run()
    assert wire.taken == ["a", "b", "c"] and outgoing.unsent_bytes == 0


async def test_what_is_put_later_leaves_too() -> None:
    wire = Wire()
    wire.open.set()
    outgoing = Outgoing(wire.write, lambda: wire.buffered)
    running = asyncio.create_task(outgoing.run())
    await asyncio.sleep(0)
    outgoing.put("late")
    async with asyncio.timeout(30):
        while wire.taken != ["late"]:
            await asyncio.sleep(0)
    outgoing.finish()
    await running


async def test_a_mebibyte_may_wait_and_no_byte_more() -> None:
    wire = Wire()
    outgoing = Outgoing(wire.write, lambda: wire.buffered)
    assert outgoing.put("x" * (UNSENT_BOUND - 3))
    assert outgoing.put("字")
    assert not outgoing.put("x")
    assert outgoing.unsent_bytes == UNSENT_BOUND


async def test_what_the_transport_holds_counts() -> None:
    wire = Wire()
    wire.buffered = UNSENT_BOUND
    assert not Outgoing(wire.write, lambda: wire.buffered).put("x")


async def test_dropping_ends_at_once() -> None:
    wire = Wire()
    outgoing = Outgoing(wire.write, lambda: wire.buffered)
    outgoing.put("never")
    outgoing.drop()
    await outgoing.run()
    assert wire.taken == [] and not outgoing.put("after the end")
