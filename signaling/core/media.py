"""What the node holds of one lesson, and the plan that is made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from signaling.core.copies import Copies, Seen, Wish
from signaling.core.lesson import Lesson
from signaling.core.permissions import may, publishable
from signaling.core.subscriptions import Place, Placement, Plan, Scene, Stream, Subscriber, planned, silenced
from signaling.core.watched import Told, Watching, pictures
from signaling.messages.client import SlotState, SourceState
from signaling.messages.ids import (
    AUDIO_SOURCES,
    VIDEO_SOURCES,
    Connection,
    SeatId,
    SessionId,
    Source,
    TrackId,
    kind_of,
)
from signaling.messages.node import DesiredLesson, PeerState, SeatRights, TrackState

CONNECTIONS: Final[tuple[Connection, ...]] = ("publish", "subscribe")

Key = tuple[SeatId, Connection]


class Media:
    """Peers of one lesson as the node last told them; the plan that follows; what publishers were asked for by it."""

    def __init__(self) -> None:
        self.peers: dict[Key, PeerState] = {}
        self.plan = Plan()
        self.copies = Copies()
        self.watching = Watching()
        self.known = False
        """The node has told what it holds, at least once."""
        self.stale = False
        """The node has been away for so long that nobody knows whether media flows."""

    def adopt(self, peers: Iterable[PeerState]) -> None:
        """Takes an inventory; what sits in a slot there is where it was."""
        self.peers = {(peer.seat, peer.connection): peer for peer in peers}
        if not self.known:
            self.plan = Plan(slots=_placed_at_node(self.peers))
        self.known, self.stale = True, False

    def forget(self, key: Key, session: SessionId | None = None) -> PeerState | None:
        """Drops one peer if it is this session's, and says what it was."""
        peer = self.peers.get(key)
        if peer is None or (session is not None and peer.session not in (None, session)):
            return None
        return self.peers.pop(key)

    def held(self, seat: SeatId) -> tuple[Connection, ...]:
        """The connections that a page of this seat negotiated and that live."""
        return tuple(name for name in CONNECTIONS if self._is_page(self.peers.get((seat, name))))

    def has_encoder(self, seat: SeatId) -> bool:
        """Tells whether WHIP or WHEP sits on this seat."""
        return any(self._is_encoder((seat, name)) for name in CONNECTIONS)

    def sources(self, lesson: Lesson, seat: SeatId) -> tuple[Source, ...]:
        """What a seat publishes and may publish, oldest first."""
        may_publish = publishable(lesson.mode, lesson.seats[seat].role)
        return tuple(track.source for track in self._originals(seat) if track.source in may_publish)

    def source_state(self, seat: SeatId, source: Source) -> SourceState:
        """One source as the page shows it; what sleeps because nobody sees it is not interrupted."""
        flows = self.flows(seat, source) or (seat, source) in self.watching.excused
        flowing = flows and not self.stale
        return SourceState(seat, source, kind_of(source), flowing)

    def flows(self, seat: SeatId, source: Source) -> bool:
        """Whether the node says that it arrives."""
        return any(track.flowing for track in self._originals(seat) if track.source == source)

    def replan(self, lesson: Lesson, pages: Mapping[SeatId, SessionId], now_s: float) -> "Changes":
        """Decides anew who gets what, and says what has changed by it; `pages` understand what is watched of theirs."""
        before = self.plan
        wishes = self.copies.look(self._seen, now_s)
        scene = self._scene(lesson, now_s)
        self.plan = planned(scene, before.slots) if lesson.paused_by is None else silenced(scene, before)
        slots = {seat: s for seat, s in self.plan.slots.items() if s and s != before.slots.get(seat)}
        wishes += self.copies.want(self.plan.copies, lambda place: "publish" in self.held(place[0]), now_s)
        told = tuple((p, wanted) for p, wanted in wishes if wanted or p[1] in lesson.seats[p[0]].sources)
        excused = self.watching.excused
        pages = {seat: session for seat, session in pages.items() if not self._is_encoder((seat, "publish"))}
        watched = self.watching.look(pictures(scene, self.plan), pages, now_s)
        seem = excused ^ self.watching.excused
        seen = tuple(p for p in seem if p[1] in lesson.seats[p[0]].sources and not self.flows(*p))
        return Changes(slots, told, watched, seen)

    def desired(self, lesson: Lesson) -> DesiredLesson:
        """What the node should hold of this lesson now."""
        if not lesson.running:
            return DesiredLesson(lesson.id, (), (), ())
        mode = lesson.mode
        rights = tuple(
            SeatRights(seat, publishable(mode, place.role), may(mode, place.role, "subscribe"), place.session)
            for seat, place in lesson.seats.items()
        )
        return DesiredLesson(lesson.id, rights, self.plan.open, self.plan.bindings)

    def deadline_s(self, now_s: float) -> float | None:
        """When something changes by time alone."""
        times = (self.copies.deadline_s(now_s), self.watching.deadline_s(now_s))
        return min((at_s for at_s in times if at_s is not None), default=None)

    def _scene(self, lesson: Lesson, now_s: float) -> Scene:
        streams = tuple(
            Stream(seat, track.source, track.codec, track.copy, track.layers)
            for seat, place in lesson.seats.items()
            for track in self._tracks(seat)
            if track.source in place.sources
        )
        subscribers = tuple(
            Subscriber(seat, peer.slots, frozenset(peer.codecs))
            for seat in lesson.seats
            if (peer := self.peers.get((seat, "subscribe"))) is not None
        )
        roles = {seat: place.role for seat, place in lesson.seats.items()}
        no_copy = frozenset((s.seat, s.source) for s in streams if self._cannot_copy((s.seat, s.source), now_s))
        taken = frozenset(lesson.policy.sources)
        return Scene(
            lesson.mode,
            roles,
            lesson.floor.holder,
            streams,
            subscribers,
            no_copy,
            taken,
            lesson.policy.muted_sound,
            self.copies.silent,
        )

    def _cannot_copy(self, place: Place, now_s: float) -> bool:
        peer = self.peers.get((place[0], "publish"))
        if peer is None or peer.origin != "control":
            return True
        return self.copies.refused(place, self._seen(place), now_s)

    def _seen(self, place: Place) -> Seen:
        tracks = [track for track in self._tracks(place[0]) if track.source == place[1]]
        return Seen(
            original_flows=any(track.flowing for track in tracks if track.copy is None),
            copy=any(track.copy is not None for track in tracks),
            copy_flows=any(track.flowing for track in tracks if track.copy is not None),
        )

    def _tracks(self, seat: SeatId) -> tuple[TrackState, ...]:
        peer = self.peers.get((seat, "publish"))
        return () if peer is None else peer.tracks

    def _originals(self, seat: SeatId) -> list[TrackState]:
        return [track for track in self._tracks(seat) if track.copy is None]

    def _is_encoder(self, key: Key) -> bool:
        peer = self.peers.get(key)
        return peer is not None and peer.origin != "control"

    @staticmethod
    def _is_page(peer: PeerState | None) -> bool:
        return peer is not None and peer.origin == "control"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new plan changes for pages."""

    slots: Mapping[SeatId, tuple[SlotState, ...]]
    copies: tuple[Wish, ...]
    watched: tuple[Told, ...] = ()
    seen: tuple[Place, ...] = ()
    """Sources that look as if they flowed from now on, or no longer do."""


def _placed_at_node(peers: dict[Key, PeerState]) -> Placement:
    return {
        seat: tuple(_slot_at_node(SlotState(slot.mid, slot.kind), slot.track) for slot in peer.slots)
        for (seat, connection), peer in peers.items()
        if connection == "subscribe"
    }


def _slot_at_node(slot: SlotState, track: TrackId | None) -> SlotState:
    named = None if track is None else place_of_track(track)
    return slot if named is None else replace(slot, seat=named[0], source=named[1])


def place_of_track(track: TrackId) -> Place | None:
    """Which source of which seat a track shows or lets hear; copies too."""
    seat, _, rest = track.partition(":")
    source = rest.partition(":")[0]
    for known in VIDEO_SOURCES + AUDIO_SOURCES:
        if known == source:
            return SeatId(seat), known
    return None
