"""signaling.core.lesson"""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core.lesson import OVER, RUNNING, STATES, IllegalStep, Lesson, fold, folded
from signaling.messages import events as ev
from signaling.messages.ids import LessonState, SeatId, SessionId
from signaling.tests.core.stage import created, invitations

EAST, WEST, LEAD, X = SeatId("east"), SeatId("west"), SeatId("lead"), SessionId("X1")
TO_STATE: dict[LessonState, tuple[ev.Event, ...]] = {
    "planned": (),
    "open": (ev.LessonOpened("operator"),),
    "live": (ev.LessonOpened("operator"), ev.LessonStarted("lead")),
    "ended": (ev.LessonOpened("operator"), ev.LessonEnded("operator")),
    "archived": (ev.LessonOpened("operator"), ev.LessonEnded("operator"), ev.LessonArchived("system")),
    "cancelled": (ev.LessonCancelled("operator"),),
}
STATE_EVENTS = (ev.LessonOpened, ev.LessonStarted, ev.LessonEnded, ev.LessonCancelled, ev.LessonArchived)


def lesson_in(state: LessonState) -> Lesson:
    return folded((created(), *invitations("lead", "east", "west"), *TO_STATE[state]))


@pytest.mark.parametrize("state", TO_STATE)
@pytest.mark.parametrize("event", STATE_EVENTS)
def test_a_lesson_moves_only_as_the_table_says(state: LessonState, event: type[ev.LessonOpened]) -> None:
    before = lesson_in(state)
    assert before.state == state
    if (state, event) in STATES:
        assert fold(before, event("operator")).state == STATES[state, event]
    else:
        with pytest.raises(IllegalStep):
            fold(before, event("operator"))


def test_every_way_from_planned_ends_over() -> None:
    ways = {state: {to for (at, _), to in STATES.items() if at == state} for state in TO_STATE}
    assert {state for state, to in ways.items() if not to} == {"archived", "cancelled"}
    assert set(ways) == RUNNING | OVER | {"planned"}


def test_the_first_event_creates_and_no_other_does() -> None:
    with pytest.raises(IllegalStep):
        fold(None, ev.LessonOpened("operator"))
    with pytest.raises(IllegalStep):
        fold(lesson_in("planned"), created())
    with pytest.raises(IllegalStep):
        folded(())


@pytest.mark.parametrize("state", ["planned", "ended", "archived", "cancelled"])
@pytest.mark.parametrize(
    "event",
    [
        ev.SeatTaken(EAST, X),
        ev.HandMoved(EAST, True),
        ev.FloorRequested(EAST),
        ev.FloorGiven(EAST, "lead"),
        ev.SourceStarted(EAST, "students"),
        ev.TextSent(EAST, 1),
        ev.RecordingPaused("lead"),
    ],
)
def test_nothing_happens_behind_closed_doors(state: LessonState, event: ev.Event) -> None:
    with pytest.raises(IllegalStep):
        fold(lesson_in(state), event)


@pytest.mark.parametrize(
    "event",
    [
        ev.SeatTaken(SeatId("nobody"), X),
        ev.SeatLeft(EAST, X, "left"),
        ev.SourceStopped(EAST, "students"),
        ev.FloorGiven(LEAD, "lead"),
        ev.FloorRequested(SeatId("nobody")),
        ev.FloorTaken(EAST, "lead"),
        ev.FloorReleased(EAST),
        ev.RecordingResumed("lead"),
        ev.SeatInvited(EAST, "lead", "东村", "operator"),
    ],
)
def test_an_impossible_step_raises(event: ev.Event) -> None:
    before = lesson_in("open")
    with pytest.raises(IllegalStep):
        fold(before, event)
    assert before == lesson_in("open")


def test_a_source_starts_once_and_stops_once() -> None:
    flowing = fold(lesson_in("open"), ev.SourceStarted(EAST, "students"))
    assert flowing.seats[EAST].sources == ("students",)
    with pytest.raises(IllegalStep):
        fold(flowing, ev.SourceStarted(EAST, "students"))
    assert fold(flowing, ev.SourceStopped(EAST, "students")).seats[EAST].sources == ()


def test_who_leaves_gives_back_floor_and_hand() -> None:
    steps = (ev.SeatTaken(EAST, X), ev.HandMoved(EAST, True), ev.FloorGiven(EAST, "lead"), ev.SeatLeft(EAST, X, "lost"))
    after = folded((created(), *invitations("lead", "east"), *TO_STATE["open"], *steps))
    assert after.floor.holder is None
    assert (after.seats[EAST].session, after.seats[EAST].hand) == (None, False)


def test_the_end_empties_every_seat() -> None:
    steps = (ev.SeatTaken(EAST, X), ev.FloorGiven(EAST, "lead"), ev.SourceStarted(EAST, "students"))
    after = folded((created(), *invitations("lead", "east"), *TO_STATE["live"], *steps, ev.LessonEnded("lead")))
    assert after.floor.holder is None and after.floor.requests == ()
    assert all(place.session is None and not place.sources for place in after.seats.values())


def test_a_second_invitation_of_the_same_seat_keeps_who_sits_there() -> None:
    sitting = fold(lesson_in("open"), ev.SeatTaken(EAST, X))
    assert fold(sitting, invitations("east")[0]).seats[EAST].session == X


def test_the_recording_is_paused_once_and_resumed_once() -> None:
    paused = fold(lesson_in("open"), ev.RecordingPaused("lead"))
    assert paused.recording_paused
    with pytest.raises(IllegalStep):
        fold(paused, ev.RecordingPaused("lead"))
    assert not fold(paused, ev.RecordingResumed("lead")).recording_paused


EVENTS = st.one_of(
    st.sampled_from([event("operator") for event in (*STATE_EVENTS, ev.RecordingPaused, ev.RecordingResumed)]),
    *(
        st.builds(form, seat=st.sampled_from([EAST, WEST, LEAD, SeatId("nobody")]), **extra)
        for form, extra in (
            (ev.SeatTaken, {"session": st.sampled_from([X, SessionId("X2")])}),
            (ev.SeatLeft, {"session": st.sampled_from([X, SessionId("X2")]), "reason": st.just("lost")}),
            (ev.FloorRequested, {}),
            (ev.FloorGiven, {"by": st.just("lead")}),
            (ev.FloorTaken, {"by": st.just("lead")}),
            (ev.FloorReleased, {}),
            (ev.HandMoved, {"up": st.booleans()}),
            (ev.SourceStarted, {"source": st.sampled_from(["students", "board"])}),
            (ev.SourceStopped, {"source": st.sampled_from(["students", "board"])}),
        )
    ),
)


@given(st.lists(EVENTS, max_size=40))
def test_whatever_happens_the_lesson_stays_sound(events: list[ev.Event]) -> None:
    lesson, log = lesson_in("open"), 0
    for event in events:
        before = {field.name: getattr(lesson, field.name) for field in fields(lesson)}
        try:
            lesson = fold(lesson, event)
            log += 1
        except IllegalStep:
            assert before == {field.name: getattr(lesson, field.name) for field in fields(lesson)}
        holder = lesson.floor.holder
        assert holder not in lesson.floor.requests
        assert len(set(lesson.floor.requests)) == len(lesson.floor.requests)
        on_the_floor = (*lesson.floor.requests, *([holder] if holder else []))
        assert all(lesson.seats[seat].role == "room" for seat in on_the_floor)
        assert lesson.position == lesson_in("open").position + log
        if lesson.over:
            assert lesson.floor.holder is None
