"""What the node says: inventories, peers that change or go, levels."""

from collections.abc import Iterable
from typing import Final

from signaling.core import door
from signaling.core.outcome import Instant, Outcome
from signaling.core.room import Room
from signaling.messages import client as say
from signaling.messages import events as ev
from signaling.messages.ids import SeatId, track_id
from signaling.messages.node import ClosePeer, NodeLevels, PeerGone, PeerState

_LOST: Final = frozenset({"consent_expired", "broken_invariant"})
"""Reasons of which the page may know nothing; of the others it was the cause, or they would only come again."""


def node_up(room: Room, peers: Iterable[PeerState], now: Instant) -> Outcome:
    """The node is there and tells what it holds; pages are asked to renegotiate what it does not."""
    room.node_lost_at_s = None
    room.retell_node()
    door.forget_offers(room)
    encoders = {seat for seat in room.lesson.seats if room.media.has_encoder(seat)}
    room.media.adopt(peer for peer in peers if _welcome(room, peer))
    for seat in room.lesson.seats if room.lesson.running else ():
        room.settle_sources(seat)
        _tell_sources(room, seat)
        if (seat in encoders) != room.media.has_encoder(seat):
            room.tell_seat(seat)
    _start_if_lead_flows(room)
    for session in room.sessions.values():
        held = room.media.held(session.seat)
        lost = tuple(sorted(session.hoped_for.difference(held)))
        if lost and session.connected:
            room.tell(session, say.Rejoin(0, lost))
    door.prepare_all(room)
    return room.outcome(now)


def node_down(room: Room, now: Instant) -> Outcome:
    """The line to the node is gone; its media is believed to flow for a while."""
    if room.node_lost_at_s is None:
        room.node_lost_at_s = now.steady_s
    return room.outcome(now)


def peer_changed(room: Room, peer: PeerState, now: Instant) -> Outcome:
    """A connection came, connected, or its tracks or slots changed."""
    if room.lesson.running and _welcome(room, peer):
        seat = peer.seat
        had_encoder, before = room.media.has_encoder(seat), _sources(room, seat)
        room.media.peers[(seat, peer.connection)] = peer
        room.settle_sources(seat)
        _tell_changed_sources(room, seat, before)
        if had_encoder != room.media.has_encoder(seat):
            room.tell_seat(seat)
        _start_if_lead_flows(room)
    return room.outcome(now)


def peer_gone(room: Room, gone: PeerGone, now: Instant) -> Outcome:
    """A connection is no more; a page that cannot know is asked to negotiate anew."""
    peer = room.media.forget((gone.seat, gone.connection), gone.session)
    if peer is None or not room.lesson.running or gone.seat not in room.lesson.seats:
        return room.outcome(now)
    room.settle_sources(gone.seat)
    if peer.origin != "control":
        room.tell_seat(gone.seat)
    session = room.sitter(gone.seat)
    if session is not None and peer.origin == "control":
        if gone.reason in _LOST:
            room.tell(session, say.Rejoin(0, (gone.connection,)))
        elif gone.reason == "closed_by_peer":
            session.hoped_for.discard(gone.connection)
    return room.outcome(now)


def levels(room: Room, heard: NodeLevels, now: Instant) -> Outcome:
    """How loud it was in the last second; not kept for anyone who is away. What only the recorder hears is nobody's."""
    voices = {track_id(seat, "room_mic") for seat, place in room.lesson.seats.items() if place.role == "room"}
    silent = {track for track in voices if track != f"{room.lesson.floor.holder}:room_mic"}
    told = tuple((track, level) for track, level in heard.levels if track not in silent)
    for session in room.sessions.values():
        room.send(session, say.Levels(told))
    return room.outcome(now)


def _welcome(room: Room, peer: PeerState) -> bool:
    """Tells whether a peer belongs here; a page's connection of a session that does not sit on the seat is closed."""
    place = room.lesson.seats.get(peer.seat)
    if place is None or peer.lesson != room.lesson.id:
        return False
    whose = peer.session or place.session
    if peer.origin == "control" and (place.session is None or whose != place.session):
        room.order(ClosePeer(peer.lesson, peer.seat, peer.connection, peer.session))
        return False
    return True


def _sources(room: Room, seat: SeatId) -> dict[str, say.SourceState]:
    sources = room.lesson.seats[seat].sources
    return {source: room.media.source_state(seat, source) for source in sources}


def _tell_changed_sources(room: Room, seat: SeatId, before: dict[str, say.SourceState]) -> None:
    for source, state in _sources(room, seat).items():
        if source in before and before[source] != state:
            room.tell_all(say.SourceChanged(0, state))


def _tell_sources(room: Room, seat: SeatId) -> None:
    for state in _sources(room, seat).values():
        room.tell_all(say.SourceChanged(0, state))


def _start_if_lead_flows(room: Room) -> None:
    if room.lesson.state != "open":
        return
    for seat, place in room.lesson.seats.items():
        if place.role == "lead" and any(room.media.flows(seat, source) for source in place.sources):
            room.happen(ev.LessonStarted(by=seat))
            return
