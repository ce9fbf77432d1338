from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from sfu.core import publishing, reconcile
from sfu.core.commands import PeerHandle, RemovePeer
from sfu.core.decision import Decision
from sfu.core.tables import Node, Refusal
from sfu.forwarder import Forwarder
from sfu.net.certificate import dtls_certificate
from sfu.net.station import ATTEMPTS, Station
from sfu.tests.core import lesson as given
from signaling.messages.node import Applied, NodeMessage


@pytest_asyncio.fixture
async def station() -> AsyncIterator[Station]:
    certificate, key = dtls_certificate(datetime.now(UTC))
    forwarder = Forwarder([("127.0.0.1", 0)], certificate=certificate, private_key=key)
    try:
        yield Station(forwarder, Node(forwarder.fingerprint, forwarder.addresses))
    finally:
        forwarder.close()


async def test_a_decision_is_in_force_when_the_forwarder_has_taken_it(station: Station) -> None:
    told: list[NodeMessage] = []
    station.tell = told.append
    station.do(lambda node: reconcile.desired(node, given.desired(1)))
    station.do(lambda node: publishing.offer_publish(node, given.offer(given.LEAD, ("1", "teacher")), given.chance()))
    stats = station.forwarder.stats()
    assert (len(stats.peers), len(stats.tracks)) == (1, 1)
    assert told[0] == Applied(1, given.LESSON)
    assert len(told) == 2


async def test_what_the_forwarder_refuses_changes_nothing(station: Station) -> None:
    before, tries = station.node, 0

    def impossible(node: Node) -> Decision:
        nonlocal tries
        tries += 1
        return Decision(reconcile.drain(node).node, (RemovePeer(PeerHandle(99)),))

    with pytest.raises(Refusal) as refusal:
        station.do(impossible)
    assert (refusal.value.code, tries) == ("node_failed", ATTEMPTS)
    assert station.node == before


async def test_a_refusal_of_the_core_is_passed_on(station: Station) -> None:
    with pytest.raises(Refusal) as refusal:
        station.do(lambda node: publishing.offer_publish(node, given.offer(given.LEAD), given.chance()))
    assert refusal.value.code == "lesson_not_open"
