"""The recorder comes to a lesson, says what it takes, and goes."""

from signaling.core.outcome import Instant, Outcome
from signaling.core.policy import takeable
from signaling.core.refusal import Refusal
from signaling.core.room import Room
from signaling.core.subscriptions import Place
from signaling.core.taking import AWAY_S, SILENT_S
from signaling.messages import events as ev
from signaling.messages.client import Space, TakenSource
from signaling.messages.ids import SeatId
from signaling.messages.recording import SpaceLeft

CLASSROOM = "录制服务"
"""What screens show where others have their school."""
LEAD_S = 20 * 60
"""The operator is warned an hour before; a teacher only when it may touch this lesson."""


def to_be_taken(room: Room) -> bool:
    """Tells whether the doors are open and the policy allows anything."""
    return room.lesson.running and bool(room.lesson.policy.sources)


def came(room: Room, recorder: str, fresh: SeatId, now: Instant) -> tuple[SeatId, Outcome]:
    """The recorder takes the lesson on; its seat is made once. Raises Refusal."""
    if not to_be_taken(room):
        raise Refusal("nothing_to_take", "This lesson is not open, or its policy lets nothing be taken.")
    found = [seat for seat, place in room.lesson.seats.items() if place.role == "recorder"]
    seat = found[0] if found else fresh
    if not found:
        room.happen(ev.SeatInvited(seat, "recorder", CLASSROOM, recorder))
    room.taking.doubted_at_s = now.steady_s + SILENT_S
    if not found:
        for session in room.sessions.values():
            if room.sits(session):
                room.tell_taking(session)
    return seat, room.outcome(now)


def said(room: Room, sources: tuple[TakenSource, ...], recorder: str, now: Instant, *, paused: bool = False) -> Outcome:
    """The whole truth about the take. Raises Refusal when it names what may not be taken."""
    if not to_be_taken(room):
        raise Refusal("lesson_over", "This lesson is not to be taken any more.")
    for taken in sources:
        if taken.seat not in room.lesson.seats or taken.source not in takeable(room.lesson, taken.seat):
            raise Refusal("not_permitted", f"The policy does not let {taken.source} of {taken.seat} be taken.")
    room.taking.doubted_at_s = now.steady_s + SILENT_S
    _change(room, {(taken.seat, taken.source): taken for taken in sources}, recorder)
    _hold(room, paused)
    return room.outcome(now)


def has_space(room: Room, left: SpaceLeft, now: Instant) -> Outcome:
    """How long the recorder's disk lasts: told who leads, once it may touch this lesson."""
    _tell_space(room, _space_of(room, left))
    return room.outcome(now)


def went(room: Room, now: Instant) -> Outcome:
    """The recorder's line is gone; its take may go on."""
    if room.taking.doubted_at_s is not None:
        room.taking.doubted_at_s = min(room.taking.doubted_at_s, now.steady_s + AWAY_S)
    return room.outcome(now)


def doubt(room: Room, now: Instant) -> None:
    """Says nothing of a recorder that has been silent for too long, but that it is."""
    at_s = room.taking.doubted_at_s
    if at_s is not None and now.steady_s >= at_s:
        room.taking.doubted_at_s = None
        if room.lesson.running:
            _change(room, room.taking.without_word(room.lesson), "system")
            _hold(room, False)
            _tell_space(room, Space(0, "enough"))


def _space_of(room: Room, left: SpaceLeft) -> Space:
    if not to_be_taken(room):
        return Space(0, "enough")
    if left.level == "full" or room.lesson.id in left.refused:
        return Space(0, "full")
    if left.level == "short" and left.lasts_s is not None and left.lasts_s < LEAD_S:
        return Space(0, "short", left.lasts_s // 60)
    return Space(0, "enough")


def _tell_space(room: Room, space: Space) -> None:
    if space == room.taking.space:
        return
    room.taking.space = space
    for session in room.sessions.values():
        if room.sits(session):
            room.tell_space(session)


def _hold(room: Room, paused: bool) -> None:
    before, room.taking.paused = room.pause, paused
    if room.pause != before:
        room.tell_pause()


def _change(room: Room, states: dict[Place, TakenSource], by: str) -> None:
    changed = room.taking.differences(room.lesson, states)
    for state in changed:
        moved = {state.state, room.taking.state((state.seat, state.source)).state}
        if len(moved) == 2 and (by != "system" or "recording" in moved):
            room.happen(ev.TakeChanged(state.seat, state.source, state.state, state.sentence, by))
    room.taking.states = states
    seats = {state.seat for state in changed}
    for session in room.sessions.values():
        if room.sits(session) and seats.intersection(s.seat for s in room.taking.shown_to(room.lesson, session.seat)):
            room.tell_taking(session)
