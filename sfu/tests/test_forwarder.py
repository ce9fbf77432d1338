import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from sfu.core import commands as order
from sfu.core import publishing, reconcile, subscribing
from sfu.core.commands import PeerHandle, SlotHandle, TrackHandle
from sfu.core.facts import PeerConnected
from sfu.forwarder import Forwarder, ForwarderError
from sfu.net.certificate import dtls_certificate
from sfu.sdp import Extensions, Fingerprint
from sfu.tests.core import lesson as given
from sfu.tests.native.client import Client


@pytest_asyncio.fixture
async def forwarder() -> AsyncIterator[Forwarder]:
    certificate, key = dtls_certificate(datetime.now(UTC))
    forwarder = Forwarder([("127.0.0.1", 0)], certificate=certificate, private_key=key)
    try:
        yield forwarder
    finally:
        forwarder.close()


async def test_every_command_that_the_core_makes_is_taken(forwarder: Forwarder) -> None:
    node = reconcile.desired(
        given.NODE, given.desired(1, open=(given.TEACHER,), bindings=((given.ROOM, "v0", given.TEACHER),))
    ).node
    opened = subscribing.open_subscriber(node, given.open_subscriber(given.ROOM), given.chance())
    offer = opened.node.offers[given.ROOM_OFFER]
    answered = subscribing.answer_subscribe(opened.node, given.answer(given.ROOM, offer.number, offer.slots))
    published = publishing.offer_publish(answered.node, given.offer(given.LEAD, ("1", "teacher")), given.chance(2))
    ended = reconcile.desired(published.node, given.desired(2, seats=given.RIGHTS[1:]))
    seen: set[type] = set()
    replaced = publishing.offer_publish(published.node, given.offer(given.LEAD), given.chance(3))
    assert {type(command) for command in replaced.commands} == {order.RemoveTrack}
    for decision in (answered, published, ended):
        forwarder.apply(decision.commands)
        seen |= {type(command) for command in decision.commands}
    assert seen == {order.AddPeer, order.AddSlot, order.AddTrack, order.OpenTrack, order.BindSlot, order.RemovePeer}


async def test_wrong_use_raises_and_changes_nothing(forwarder: Forwarder) -> None:
    for wrong in (
        order.RemovePeer(PeerHandle(9)),
        order.RemoveTrack(TrackHandle(9)),
        order.OpenTrack(TrackHandle(9), True),
        order.BindSlot(SlotHandle(9), None),
    ):
        with pytest.raises(ForwarderError):
            forwarder.apply([wrong])
    assert forwarder.stats().peers == []


async def test_facts_come_as_a_stream(forwarder: Forwarder) -> None:
    client = Client(7, forwarder.addresses[0])
    algorithm, digest = client.fingerprint
    forwarder.apply(
        [
            order.AddPeer(
                peer=PeerHandle(7),
                local_ufrag=client.node_ufrag,
                local_password=client.node_password,
                remote_ufrag=client.ufrag,
                remote_password=client.password,
                remote_fingerprint=Fingerprint(algorithm, digest),
                dtls_role="passive",
                extensions=Extensions(mid=1),
            )
        ]
    )
    connecting = asyncio.create_task(asyncio.to_thread(client.connect))
    async with asyncio.timeout(10):
        async for fact in forwarder.stream():
            assert fact == PeerConnected(PeerHandle(7), "AEAD_AES_128_GCM", client.address)
            break
    await connecting


async def test_the_stream_ends_when_the_forwarder_is_closed(forwarder: Forwarder) -> None:
    async def listen() -> list[object]:
        return [fact async for fact in forwarder.stream()]

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    forwarder.close()
    assert await asyncio.wait_for(listening, 5) == []
    assert not await forwarder.ready()
