import asyncio
import socket
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sfu import _forwarder as native
from sfu.net import metrics
from sfu.tests.core import lesson as given
from sfu.tests.net.node import SIGNALING_TOKEN, running
from sfu.tests.sdp.samples import sample
from signaling.messages import node as say
from signaling.messages.ids import Mid, SessionId


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
        async with asyncio.timeout(30):
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


@pytest.mark.parametrize(
    ("entry", "readings", "others"),
    [
        (native.PeerStats, metrics.PEER_READINGS, {"peer", "remote_address", "estimate_cause", "dropped"}),
        (native.TrackStats, metrics.TRACK_READINGS, {"track", "peer", "last_sequence", "dropped"}),
        (native.SlotStats, metrics.SLOT_READINGS, {"slot", "peer", "track", "rid", "dropped"}),
        (native.Stats, metrics.NODE_READINGS, {"peers", "tracks", "slots", "dropped"}),
    ],
)
def test_every_counter_of_the_forwarder_is_exposed(
    entry: type, readings: tuple[metrics.Reading, ...], others: set[str]
) -> None:
    fields = {name for name in dir(entry) if not name.startswith("_")}
    assert fields - others == {reading.field for reading in readings}


async def test_names_follow_the_conventions_and_no_session_is_among_the_labels() -> None:
    session = SessionId("Xsecret")
    seats = tuple(replace(rights, session=session) for rights in given.RIGHTS)
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(given.desired(1, seats=seats).lesson)
        source = say.PublishedMid(Mid("1"), "teacher")
        order = say.OfferPublish(1, given.LESSON, given.LEAD, sample("chromium_plain"), (source,), session)
        await signaling.send(order)
        await signaling.until(say.AnswerPublish)
        async with node.http.get(node.url("/metrics")) as answer:
            text = await answer.text()
    assert f'seat="{given.LEAD}"' in text
    assert session not in text
    for family in text_string_to_metric_families(text):
        assert not family.name.endswith(("_ms", "_kb", "_percent"))
        assert all(entry.name.endswith("_total") == (family.type == "counter") for entry in family.samples)
