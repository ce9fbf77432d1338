"""WebSockets come, go, and come back: welcome, resume, grace."""

from dataclasses import replace
from typing import Final

from signaling.core import acts, door, recorder_side
from signaling.core.announce import snapshot_of
from signaling.core.media import CONNECTIONS
from signaling.core.outcome import (
    CLOSE_ENDED,
    CLOSE_FLOOD,
    CLOSE_NOT_AUTHENTICATED,
    CLOSE_REPLACED,
    CLOSE_WRONG_HELLO,
    Instant,
    Outcome,
)
from signaling.core.permissions import actions_of, may
from signaling.core.room import Room
from signaling.core.session import Numbered, Session
from signaling.messages import client as say
from signaling.messages import events as ev
from signaling.messages.ids import Connection, SeatId, SessionId

GRACE_S: Final = 30.0
"""A seat outlives its WebSocket by this; PROTOCOL.md promises it."""
STALE_S: Final = 5.0
"""A node that has only lost its line to us is back before; until then its media is believed to flow."""
MOST_LOOKERS: Final = 8
"""Sessions of one seat that have not joined: a reloaded page and a few forgotten tabs."""


class TurnedAway(Exception):
    """This WebSocket gets no session, and one last word."""

    def __init__(self, bye: say.Bye, close_code: int) -> None:
        super().__init__(bye.code)
        self.bye = bye
        self.close_code = close_code


def attach(
    room: Room,
    seat: SeatId,
    hello: say.Hello,
    fresh: SessionId,
    now: Instant,
    ice_servers: tuple[say.IceServer, ...] = (),
) -> tuple[SessionId, Outcome]:
    """A WebSocket says hello; `fresh` names its session unless it resumes one. Raises TurnedAway."""
    version = _common_version(hello)
    if room.lesson.over:
        raise TurnedAway(say.Bye("ended", "The lesson has ended.", retry=False), CLOSE_ENDED)
    if room.paced(seat, now) != "take":
        bye = say.Bye("too_many", "The pages of this seat ask too much or come too often; wait a moment.")
        raise TurnedAway(bye, CLOSE_FLOOD)
    session = _resumed(room, seat, hello.resume)
    missed = None
    if session is None:
        session = _let_in(room, seat, fresh)
    elif hello.resume is not None:
        missed = session.missed(hello.resume.last_seq)
    session.lost_at_s, session.forgotten, session.version = None, False, version
    welcome = _welcome(room, session, version, missed, resumes=session.id != fresh)
    room.send(session, replace(welcome, ice_servers=ice_servers))
    for message in missed or ():
        room.send(session, message)
    session.door.ahead = hello.offer
    if missed is None:
        door.prepare(room, session)
    return session.id, room.outcome(now)


def detach(room: Room, session: SessionId, now: Instant) -> Outcome:
    """A WebSocket is lost: whoever joined keeps the seat for a while."""
    lost = room.sessions.get(session)
    if lost is not None:
        lost.lost_at_s = now.steady_s
        if not room.sits(lost):
            del room.sessions[session]
    return room.outcome(now)


def tick(room: Room, now: Instant) -> Outcome:
    """Does what only waited for its time."""
    for session in list(room.sessions.values()):
        if session.lost_at_s is not None and now.steady_s >= session.lost_at_s + GRACE_S:
            vacate(room, session, "lost")
            room.sessions.pop(session.id, None)
        door.give_up(room, session, now)
    recorder_side.doubt(room, now)
    if _goes_stale(room, now):
        room.media.stale = True
        for seat, place in room.lesson.seats.items():
            for source in place.sources:
                room.tell_all(say.SourceChanged(0, room.media.source_state(seat, source)))
    return room.outcome(now)


def deadline_s(room: Room, now: Instant) -> float | None:
    """When `tick` has something to do next."""
    times = [s.lost_at_s + GRACE_S for s in room.sessions.values() if s.lost_at_s is not None]
    times += [s.door.until_s for s in room.sessions.values() if s.door.waiting is not None]
    copies = room.media.deadline_s(now.steady_s)
    if copies is not None:
        times.append(copies)
    if room.taking.doubted_at_s is not None:
        times.append(room.taking.doubted_at_s)
    lines = room.lines.deadline_s()
    if lines is not None and room.lesson.running:
        times.append(lines)
    if room.node_lost_at_s is not None and not room.media.stale:
        times.append(room.node_lost_at_s + STALE_S)
    return min(times, default=None)


def vacate(room: Room, session: Session, reason: str) -> None:
    """Gives a session's seat up, with floor and media."""
    if room.sits(session):
        room.happen(*acts.leaving(room.lesson, session.seat, reason))
        room.release_media(session.seat)
    session.hoped_for.clear()


def turn_out(room: Room, session: Session) -> None:
    """The key that this session came with was given back."""
    vacate(room, session, "given_back")
    bye = say.Bye("not_authenticated", "This seat was given back here; ask for a new link.", retry=False)
    room.hang_up(session, bye, CLOSE_NOT_AUTHENTICATED)


def replace_sitter(room: Room, session: Session) -> None:
    """Seats a session; whoever sat there is sent away, and its connections with it."""
    before = room.sitter(session.seat)
    room.happen(ev.SeatTaken(session.seat, session.id))
    if before is not None:
        bye = say.Bye("replaced", "This seat has been taken on another page.", retry=False)
        room.hang_up(before, bye, CLOSE_REPLACED)
    room.release_media(session.seat)


def _common_version(hello: say.Hello) -> int:
    common = [version for version in say.VERSIONS if version in hello.versions]
    if common:
        return common[0]
    spoken = ", ".join(str(version) for version in say.VERSIONS)
    bye = say.Bye("version", f"This server speaks protocol version {spoken}; load the page anew.", retry=False)
    raise TurnedAway(bye, CLOSE_WRONG_HELLO)


def _resumed(room: Room, seat: SeatId, resume: say.Resume | None) -> Session | None:
    session = None if resume is None else room.sessions.get(resume.session)
    return session if session is not None and session.seat == seat else None


def _let_in(room: Room, seat: SeatId, fresh: SessionId) -> Session:
    lookers = [s for s in room.sessions.values() if s.seat == seat and not room.sits(s)]
    if len(lookers) >= MOST_LOOKERS:
        bye = say.Bye("replaced", "Too many pages look on for this seat.", retry=False)
        room.hang_up(lookers[0], bye, CLOSE_REPLACED)
    session = Session(fresh, seat)
    room.sessions[fresh] = session
    return session


def _welcome(
    room: Room, session: Session, version: int, missed: tuple[Numbered, ...] | None, *, resumes: bool
) -> say.Welcome:
    place = room.place(session)
    return say.Welcome(
        version=version,
        session=session.id,
        seat=session.seat,
        role=place.role,
        classroom=place.classroom,
        resumed=missed is not None,
        seq=session.outbox.seq,
        connections=_connections(room, session) if resumes else (),
        actions=actions_of(room.lesson.mode, place.role),
        snapshot=snapshot_of(room.lesson, room.media, room.pause) if missed is None else None,
    )


def _connections(room: Room, session: Session) -> tuple[Connection, ...]:
    if not room.sits(session):
        return ()
    if room.media.known:
        living = room.media.held(session.seat)
    else:
        role = room.place(session).role
        living = tuple(name for name in CONNECTIONS if may(room.lesson.mode, role, name))
    session.hoped_for.update(living)
    return living


def _goes_stale(room: Room, now: Instant) -> bool:
    lost_at_s = room.node_lost_at_s
    return lost_at_s is not None and now.steady_s >= lost_at_s + STALE_S and not room.media.stale
