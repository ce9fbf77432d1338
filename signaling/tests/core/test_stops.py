"""signaling.core.stops: the emergency stop of a whole lesson, and its emergency end."""

import pytest

from signaling.core import office
from signaling.core.lesson import folded
from signaling.core.permissions import IN_LESSONS, MESSAGE_ACTIONS, WHILE_PAUSED
from signaling.core.refusal import Refusal
from signaling.messages import events as ev
from signaling.tests.core.stage import Stage, publisher, subscriber


def lesson(*more: str, versions: tuple[int, ...] = (3,), absent: str = "") -> Stage:
    """A lesson in which the east speaks."""
    stage = Stage(seats=("lead", "east", "west", *more), versions=versions)
    stage.node_up()
    stage.join(*(name for name in ("lead", "east", "west", *more) if name != absent))
    stage.node_has(publisher("lead", "teacher", "teacher_mic"))
    stage.node_has(publisher("east", "students", "room_mic"))
    for name in ("lead", "east", "west"):
        stage.node_has(subscriber(name))
    stage.say("lead", "floor_give", seat="east")
    stage.heard.clear()
    return stage


def paused(stage: Stage, by: str = "lead") -> None:
    stage.say(by, "pause_lesson")
    stage.heard.clear()


def test_a_pause_closes_every_track_and_empties_every_slot_and_its_end_brings_them_back() -> None:
    stage = lesson()
    before = stage.desired()
    assert len(before.open) == 4 and before.bindings
    paused(stage)
    assert stage.desired().open == () and stage.desired().bindings == ()
    stage.say("lead", "resume_lesson")
    after = stage.desired()
    assert (set(after.open), set(after.bindings)) == (set(before.open), set(before.bindings))
    assert [event for event in stage.events if isinstance(event, ev.LessonPaused | ev.LessonResumed)] == [
        ev.LessonPaused("lead"),
        ev.LessonResumed("lead"),
    ]


def test_every_seat_is_told_who_has_stopped_the_lesson() -> None:
    stage = lesson("aide")
    stage.say("aide", "pause_lesson")
    for name in ("lead", "east", "west", "aide"):
        told = [message for message in stage.take(name) if message["type"] == "pause"]
        assert [(message["paused"], message["by"]) for message in told] == [(True, "assistant")]


def test_who_comes_during_a_pause_is_told_of_it_and_gets_nothing() -> None:
    stage = lesson("guest", absent="guest")
    paused(stage)
    stage.hello("guest")
    stage.say("guest", "join")
    assert [message["type"] for message in stage.take("guest")][-1] == "pause"
    stage.node_has(subscriber("guest"))
    assert stage.desired().bindings == ()


@pytest.mark.parametrize("name", ["east", "aide", "ear", "guest"])
def test_nobody_but_the_lead_lets_a_lesson_go_on(name: str) -> None:
    stage = lesson("aide", "ear", "guest")
    paused(stage)
    stage.converse(f"""
        {name} >> resume_lesson id=a
        {name} << refused reply_to=a code=not_permitted
    """)
    assert stage.desired().open == ()


@pytest.mark.parametrize("name", ["east", "ear", "guest"])
@pytest.mark.parametrize("kind", ["pause_lesson", "shut_down"])
def test_who_does_not_lead_stops_nothing(name: str, kind: str) -> None:
    stage = lesson("ear", "guest")
    stage.converse(f"""
        {name} >> {kind} id=a
        {name} << refused reply_to=a code=not_permitted
    """)


def test_the_operators_stop_is_lifted_by_the_operator_alone() -> None:
    stage = lesson()
    paused(stage)
    stage.do(office.paused, "operator")
    stage.heard.clear()
    stage.converse("""
        lead >> resume_lesson id=a
        lead << refused reply_to=a code=stopped_by_operator
    """)
    with pytest.raises(Refusal):
        stage.do(office.resumed, "lead")
    stage.do(office.resumed, "operator")
    assert stage.room.lesson.paused_by is None and stage.desired().open


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("east", "hand up=true"),
        ("west", "floor_request"),
        ("lead", 'floor_give seat="west"'),
        ("east", "send_text body=hello"),
        ("lead", "send_text body=hello"),
    ],
)
def test_nobody_talks_in_a_paused_lesson(name: str, message: str) -> None:
    stage = lesson()
    paused(stage)
    stage.converse(f"""
        {name} >> {message} id=a
        {name} << refused reply_to=a code=lesson_paused
    """)


def test_what_a_room_sends_anew_during_a_pause_stays_closed() -> None:
    stage = lesson()
    paused(stage)
    stage.node_has(publisher("east", "students", "room_mic", "courseware"))
    stage.node_has(publisher("west", "students", "room_mic"))
    stage.node_up(publisher("west", "students", "room_mic"), subscriber("lead"))
    stage.later(40)
    assert stage.desired().open == () and stage.desired().bindings == ()


def test_a_pause_outlives_a_restart() -> None:
    stage = lesson()
    paused(stage)
    assert folded(stage.events).paused_by == "lead"


def test_the_recordings_pause_and_the_lessons_are_two_things() -> None:
    stage = lesson()
    stage.say("lead", "pause_recording", paused=True)
    assert stage.room.lesson.paused_by is None and stage.desired().open
    paused(stage)
    stage.say("lead", "pause_recording", paused=False)
    assert folded(stage.events).paused_by == "lead" and not stage.room.lesson.recording_paused


def test_a_second_pause_changes_nothing() -> None:
    stage = lesson("aide")
    paused(stage)
    many = len(stage.events)
    stage.converse("""
        aide >> pause_lesson id=a
        aide << done reply_to=a
    """)
    assert len(stage.events) == many and stage.room.lesson.paused_by == "lead"


def test_pages_that_do_not_know_the_word_only_see_their_slots_empty() -> None:
    stage = lesson(versions=(2, 1))
    stage.say("lead", "pause_lesson")
    assert {message["type"] for message in stage.take("east")} == {"slots"}


def test_a_shutdown_ends_everything_for_everyone_and_is_not_undone() -> None:
    stage = lesson()
    paused(stage)
    stage.say("lead", "shut_down")
    assert stage.room.lesson.state == "ended" and stage.desired().seats == ()
    assert set(stage.hung_up) == {"lead", "east", "west"}
    byes = [stage.take(name)[-1] for name in ("east", "west", "lead")]
    assert {(bye["type"], bye["code"], bye["retry"]) for bye in byes} == {("bye", "shut_down", False)}
    assert isinstance(stage.events[-1], ev.LessonShutDown)
    for act in (office.resumed, office.paused, office.opened, office.shut_down):
        with pytest.raises(Refusal):
            stage.do(act, "operator")


def test_what_a_paused_lesson_takes_is_a_part_of_the_table() -> None:
    assert set(MESSAGE_ACTIONS) >= WHILE_PAUSED
    dedicated = IN_LESSONS["dedicated"]
    stops = {action: dedicated[action] for action in ("pause_lesson", "resume_lesson", "shut_down")}
    assert not any(who in {"room", "listener", "attendee", "recorder"} for may in stops.values() for who in may)
