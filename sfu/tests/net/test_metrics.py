import asyncio
import socket

from prometheus_client.parser import text_string_to_metric_families

from sfu.tests.core import lesson as given
from sfu.tests.net.node import SIGNALING_TOKEN, running
from sfu.tests.sdp.samples import sample
from signaling.messages import node as say
from signaling.messages.ids import Mid


async def test_counters_are_told_by_peer_track_and_slot() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(given.desired(1).lesson)
        source = say.PublishedMid(Mid("1"), "teacher")
        await signaling.publish(given.LESSON, given.LEAD, sample("chromium_plain"), [source])
        await signaling.open(given.LESSON, given.ROOM, 1, 0)
        slots = node.service.station.node.offers[given.ROOM_OFFER].slots
        await signaling.answer(given.LESSON, given.ROOM, 1, given.answer(given.ROOM, 1, slots).sdp)
        async with node.http.get(node.url("/metrics")) as answer:
            assert answer.status == 200
            text = await answer.text()
    samples = {
        sample.name: sample.labels | {"value": str(sample.value)}
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["sfu_lessons"]["value"] == "1.0"
    assert samples["sfu_peers"]["value"] == "2.0"
    assert samples["sfu_track_packets_total"]["track"] == given.TEACHER
    assert samples["sfu_slot_packets_total"] == {
        "lesson": given.LESSON,
        "seat": given.ROOM,
        "slot": "v0",
        "value": "0.0",
    }
    assert samples["sfu_peer_received_bytes_total"]["lesson"] == given.LESSON


async def test_datagrams_of_nobody_are_counted_by_reason() -> None:
    async with running() as node:
        host, port = node.service.station.forwarder.addresses[0]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stray:
            stray.sendto(b"\xff" * 40, (host, port))
        async with asyncio.timeout(5):
            while "sfu_stray_dropped_total{" not in await (await node.http.get(node.url("/metrics"))).text():
                await asyncio.sleep(0.01)


async def test_who_comes_through_a_proxy_must_show_signalings_token() -> None:
    async with running() as node:
        proxied = {"X-Forwarded-For": "192.0.2.1"}
        async with node.http.get(node.url("/metrics"), headers=proxied) as answer:
            assert answer.status == 401
        shown = proxied | {"Authorization": f"Bearer {SIGNALING_TOKEN}"}
        async with node.http.get(node.url("/metrics"), headers=shown) as answer:
            assert answer.status == 200
