"""Random lessons: whatever happens in whatever order, books agree and what should be is what is."""

import random

import pytest

from sfu.core import news, publishing, reconcile, subscribing
from sfu.core.chance import BYTES_PER_CONNECTION, Chance
from sfu.core.facts import PeerClosed
from sfu.core.tables import Node, Refusal
from sfu.tests.core import lesson as given
from sfu.tests.core.ledger import Ledger
from signaling.messages.ids import Mid, SeatId, Source, TrackId
from signaling.messages.node import ClosePeer, Desired

SEATS = (given.LEAD, given.ROOM)
NAMES: dict[SeatId, tuple[Source, Source]] = {
    given.LEAD: ("teacher_mic", "teacher"),
    given.ROOM: ("room_mic", "students"),
}
TRACKS = tuple(TrackId(f"{seat}:{source}") for seat in SEATS for source in NAMES[seat])


class History:
    """One random course of a lesson."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.ledger = Ledger()
        self.generation = 0
        self.last: Desired | None = None
        self.node: Node = given.NODE

    def step(self) -> None:
        act = self.dice.choice((self.desire, self.desire, self.publish, self.open, self.answer, self.close, self.lose))
        try:
            act()
        except Refusal:
            self.ledger.agree(self.node)
        self.check()

    def chance(self) -> Chance:
        return Chance(self.dice.randbytes(BYTES_PER_CONNECTION))

    def seat(self) -> SeatId:
        return self.dice.choice(SEATS)

    def desire(self) -> None:
        self.generation += 1
        slots = [(seat, mid) for seat in SEATS for mid in ("v0", "v1", "a0")]
        bindings = [(seat, mid, self.dice.choice(TRACKS)) for seat, mid in slots if self.dice.random() < 0.6]
        seats = [rights for rights in given.RIGHTS if self.dice.random() < 0.97]
        opened = [track for track in TRACKS if self.dice.random() < 0.6]
        self.last = given.desired(self.generation, seats=seats, open=opened, bindings=bindings)
        self.node = self.ledger.take(reconcile.desired(self.node, self.last))

    def publish(self) -> None:
        seat = self.seat()
        audio, video = NAMES[seat]
        both: tuple[tuple[str, Source], ...] = (("0", audio), ("1", video))
        named = [pair for pair in both if self.dice.random() < 0.7]
        sdp = given.other_ufrag(self.dice.choice(("uno1", "due2")) + str(seat))
        offer = given.offer(seat, *named, sdp=sdp)
        self.node = self.ledger.take(publishing.offer_publish(self.node, offer, self.chance()))

    def open(self) -> None:
        order = given.open_subscriber(self.seat())
        self.node = self.ledger.take(subscribing.open_subscriber(self.node, order, self.chance()))

    def answer(self) -> None:
        for (_, seat, _session), offer in list(self.node.offers.items()):
            answer = given.answer(seat, offer.number, offer.slots, ufrag=f"view{offer.number}")
            self.node = self.ledger.take(subscribing.answer_subscribe(self.node, answer))

    def close(self) -> None:
        order = ClosePeer(given.LESSON, self.seat(), self.dice.choice(("publish", "subscribe")))
        self.node = self.ledger.take(reconcile.close_peer(self.node, order))

    def lose(self) -> None:
        if self.ledger.peers:
            handle = self.dice.choice(sorted(self.ledger.peers))
            self.ledger.lose_peer(handle)
            self.node = self.ledger.take(news.learn(self.node, PeerClosed(handle, "consent_expired")))

    def check(self) -> None:
        """What should be, read off the last desired state, is what the forwarder holds."""
        desired = self.last.lesson if self.last is not None else None
        rights = {seat.seat: seat for seat in desired.seats} if desired is not None else {}
        tracks = {track.track: track for peer in self.node.peers.values() for track in peer.tracks}
        for key, peer in self.node.peers.items():
            assert key.seat in rights
            assert all(track.source in rights[key.seat].sources for track in peer.tracks)
            for slot in peer.slots:
                assert desired is not None
                meant = {(b.seat, b.mid): b.track for b in desired.bindings}.get((key.seat, Mid(slot.parameters.mid)))
                track = tracks.get(meant) if meant is not None else None
                fits = track is not None and track.parameters.kind == slot.parameters.kind
                assert slot.bound == (track.handle if track is not None and fits else None)
                assert slot.shown == (meant if fits else None)
        assert desired is None or all(track.open == (name in desired.open) for name, track in tracks.items())


@pytest.mark.parametrize("seed", range(20))
def test_after_every_step_what_should_be_is_what_is(seed: int) -> None:
    history = History(seed)
    for _ in range(80):
        history.step()
    assert history.ledger.batches > 10
