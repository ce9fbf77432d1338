"""What a node holds: lessons, peers, tracks, slots. All frozen: a decision makes the next state out of this one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeVar

from sfu.core.commands import PeerHandle, SlotHandle, TrackHandle
from sfu.core.facts import PicturesFitted
from sfu.sdp import (
    Codec,
    DtlsRole,
    Extensions,
    Fingerprint,
    LocalParameters,
    SlotParameters,
    TrackParameters,
    Transport,
)
from signaling.messages.ids import Connection, LessonId, Mid, Priority, SeatId, SessionId, Source, TrackId
from signaling.messages.node import Binding, LineState, PeerState, ReducedTrack, SeatRights, SlotPlace, TrackState

Origin = Literal["control", "whip", "whep"]
_K = TypeVar("_K")
_V = TypeVar("_V")


class Refusal(ValueError):
    """A request that changes nothing; the code is stable, the sentence is for whoever asked."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class PeerKey(NamedTuple):
    """A seat has at most one connection of each kind."""

    lesson: LessonId
    seat: SeatId
    connection: Connection


@dataclass(frozen=True, slots=True)
class Track:
    """One published stream."""

    handle: TrackHandle
    track: TrackId
    source: Source
    copy: str | None
    parameters: TrackParameters
    open: bool = False
    flowing: bool = False
    codec: str = ""
    """What flows, or was negotiated first."""

    def state(self) -> TrackState:
        """For the inventory."""
        kind, layers = self.parameters.kind, self.parameters.rids
        return TrackState(self.track, self.source, kind, self.codec, self.flowing, self.copy, layers)


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a subscriber connection."""

    handle: SlotHandle
    parameters: SlotParameters
    codecs: tuple[Codec, ...]
    bound: TrackHandle | None = None
    shown: TrackId | None = None
    """The name of what is bound."""
    layer: str | None = None
    """The simulcast layer that the forwarder was told to show at most; None leaves it the richest."""
    priority: Priority = "other_room"
    """What the forwarder was told that its picture is worth."""

    def place(self) -> SlotPlace:
        """For the inventory."""
        return SlotPlace(Mid(self.parameters.mid), self.parameters.kind, self.shown)


@dataclass(frozen=True, slots=True)
class Peer:
    """One connection of a seat."""

    key: PeerKey
    handle: PeerHandle
    origin: Origin
    local: LocalParameters
    remote: Transport
    role: DtlsRole
    extensions: Extensions
    connected: bool = False
    tracks: tuple[Track, ...] = ()
    slots: tuple[Slot, ...] = ()
    number: int = 0
    """Of the offer that made this subscriber connection."""
    session: SessionId | None = None
    """Who negotiated it; never logged, since it opens the seat."""
    offerer: str = ""
    """The `o=` line's id of the offers that made a publish connection."""
    offered: tuple[SlotParameters, ...] = ()
    """All that was offered to a subscriber; a later description has the same sections."""
    fitted: PicturesFitted | None = None
    """What the forwarder said last of its line."""

    def state(self) -> PeerState:
        """For the inventory."""
        names = dict.fromkeys(codec.name for slot in self.slots for codec in slot.codecs)
        return PeerState(
            lesson=self.key.lesson,
            seat=self.key.seat,
            connection=self.key.connection,
            origin=self.origin,
            connected=self.connected,
            tracks=tuple(track.state() for track in self.tracks),
            slots=tuple(slot.place() for slot in self.slots),
            codecs=tuple(names),
            session=self.session,
            line=self._line(),
        )

    def _line(self) -> LineState | None:
        shown = {slot.handle: slot.shown for slot in self.slots}
        fitted = self.fitted
        if fitted is None:
            return None
        reduced = tuple(
            ReducedTrack(track, each.lines, each.paused)
            for each in fitted.reduced
            if (track := shown.get(each.slot)) is not None
        )
        return LineState(fitted.level, fitted.bit_rate, fitted.cause, reduced) if reduced else None

    def belongs_to(self, rights: SeatRights) -> bool:
        """Whether who sits on the seat now has made this; encoders are the seat's own."""
        return self.origin != "control" or rights.session == self.session


@dataclass(frozen=True, slots=True)
class HeldLesson:
    """What should be of one lesson, as signaling said last."""

    generation: int
    rights: Mapping[SeatId, SeatRights]
    open: frozenset[TrackId]
    bindings: Mapping[tuple[SeatId, Mid], Binding]


class OfferKey(NamedTuple):
    """Offers are made at the door, before it is said who sits down: each session has its own."""

    lesson: LessonId
    seat: SeatId
    session: SessionId | None


@dataclass(frozen=True, slots=True)
class SlotOffer:
    """A subscriber offer that waits for its answer."""

    number: int
    local: LocalParameters
    slots: tuple[SlotParameters, ...]
    restarts: PeerHandle | None = None
    """The connection whose ICE it restarts; none: it makes a new one."""


def frozen(table: Mapping[_K, _V]) -> Mapping[_K, _V]:
    """A table that nobody changes any more."""
    return MappingProxyType(dict(table))


@dataclass(frozen=True, slots=True)
class Node:
    """Everything a node knows."""

    fingerprint: Fingerprint
    addresses: tuple[tuple[str, int], ...]
    """What peers are told, best first."""
    tcp: bool = False
    """Whether TCP connections are taken in there too."""
    fronts: tuple[tuple[str, int], ...] = ()
    """Where else they are, for peers whose network lets nothing out but one TCP port."""
    generation: int = 0
    """The highest that was applied."""
    lessons: Mapping[LessonId, HeldLesson] = field(default_factory=lambda: frozen({}))
    peers: Mapping[PeerKey, Peer] = field(default_factory=lambda: frozen({}))
    offers: Mapping[OfferKey, SlotOffer] = field(default_factory=lambda: frozen({}))
    """Oldest first."""
    levels: Mapping[TrackHandle, int] = field(default_factory=lambda: frozen({}))
    """The loudest since they were last told."""
    named: frozenset[LessonId] = frozenset()
    """Lessons that signaling named since it said hello."""
    draining: bool = False
    next_handle: int = 1
    next_number: int = 1

    def inventory(self) -> tuple[PeerState, ...]:
        """What is, for signaling."""
        return tuple(peer.state() for peer in self.peers.values())

    def lesson_of(self, lesson: LessonId) -> HeldLesson:
        """A lesson that is held here; raises Refusal."""
        if lesson not in self.lessons:
            raise Refusal("lesson_not_open", f"lesson {lesson} is not held by this node")
        return self.lessons[lesson]

    def rights_of(self, lesson: LessonId, seat: SeatId) -> SeatRights:
        """What a seat may do here; raises Refusal."""
        rights = self.lesson_of(lesson).rights.get(seat)
        if rights is None:
            raise Refusal("unknown_seat", f"lesson {lesson} has no seat {seat}")
        return rights

    def rights_of_session(self, lesson: LessonId, seat: SeatId, session: SessionId | None) -> SeatRights:
        """What the session of a request may do here; raises Refusal unless it is the one that sits on the seat."""
        rights = self.rights_of(lesson, seat)
        if rights.session != session:
            raise Refusal("not_joined", f"another session sits on seat {seat}, or none")
        return rights

    def peers_in(self, lesson: LessonId) -> Iterator[Peer]:
        """The connections of one lesson."""
        return (peer for key, peer in self.peers.items() if key.lesson == lesson)
