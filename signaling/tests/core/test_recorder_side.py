"""signaling.core.recorder_side and signaling.core.taking: what is taken, who is told, and what is never claimed."""

from functools import partial
from typing import Any

import pytest

from signaling.core import node_side, recorder_side
from signaling.core.lesson import folded
from signaling.core.refusal import Refusal
from signaling.core.room import Room
from signaling.core.taking import AWAY_S, SILENT_S
from signaling.messages import events as ev
from signaling.messages.client import TakenSource
from signaling.messages.ids import LessonId, SeatId, SpaceLevel, TakeState, TrackId
from signaling.messages.node import NodeLevels
from signaling.messages.recording import SpaceLeft
from signaling.tests.core.stage import LESSON, Stage, publisher, subscriber

LEAD, EAST, WEST, TAKER = SeatId("lead"), SeatId("east"), SeatId("west"), SeatId("taker")
PUPILS = ev.RecordingPolicy(("teacher", "teacher_mic", "room_mic"), "王老师", "家长同意书 2026-09")
ALL_SOUND = ev.RecordingPolicy(PUPILS.sources, PUPILS.enabled_by, PUPILS.basis, muted_sound=True)


def taught(policy: ev.RecordingPolicy | None = None) -> Stage:
    """A lesson with its recorder."""
    stage = Stage(policy=policy)
    stage.join("lead", "east", "west")
    seat, outcome = recorder_side.came(stage.room, "recorder-1", TAKER, stage.now)
    assert seat == TAKER
    stage.keep(outcome)
    return stage


def says(stage: Stage, *states: tuple[SeatId, Any, TakeState]) -> None:
    stage.do(recorder_side.said, tuple(TakenSource(*state) for state in states), "recorder-1")


def takings(stage: Stage, name: str) -> list[dict[tuple[str, str], str]]:
    """What a seat was told, by seat and source."""
    heard = [message for message in stage.take(name) if message["type"] == "taking"]
    return [{(s["seat"], s["source"]): s["state"] for s in message["sources"]} for message in heard]


def test_every_seat_learns_what_is_taken_of_it_and_the_lead_of_all() -> None:
    stage = taught(PUPILS)
    assert takings(stage, "east") == [{("east", "room_mic"): "waiting"}]
    lead = takings(stage, "lead")[-1]
    assert set(lead) == {(s, "room_mic") for s in ("lead", "east", "west")} | {
        ("lead", "teacher"),
        ("lead", "teacher_mic"),
    }
    says(stage, (EAST, "room_mic", "recording"))
    (told,) = [message for message in stage.heard["east"] if message["type"] == "taking"]
    assert (told["enabled_by"], told["basis"]) == ("王老师", "家长同意书 2026-09")
    assert takings(stage, "east") == [{("east", "room_mic"): "recording"}]
    assert takings(stage, "lead")[-1][("east", "room_mic")] == "recording"
    assert takings(stage, "west") == [{("west", "room_mic"): "waiting"}]


def test_the_log_says_who_was_taken_from_when_to_when() -> None:
    stage = taught(PUPILS)
    says(stage, (EAST, "room_mic", "recording"))
    says(stage, (EAST, "room_mic", "recording"))
    says(stage)
    changes = [event for event in stage.events if isinstance(event, ev.TakeChanged)]
    assert changes == [
        ev.TakeChanged(EAST, "room_mic", "recording", None, "recorder-1"),
        ev.TakeChanged(EAST, "room_mic", "waiting", None, "recorder-1"),
    ]
    assert folded(stage.events) == stage.room.lesson


@pytest.mark.parametrize("place", [(EAST, "students"), (EAST, "room_mic"), (SeatId("nobody"), "teacher")])
def test_what_the_policy_spares_is_never_said_to_be_taken(place: tuple[SeatId, Any]) -> None:
    stage = taught()
    stage.heard.clear()
    before = list(stage.events)
    with pytest.raises(Refusal) as refused:
        says(stage, (LEAD, "teacher", "recording"), (*place, "recording"))
    assert refused.value.code == "not_permitted"
    assert (stage.events, stage.heard) == (before, {})
    assert stage.room.taking.state((LEAD, "teacher")).state == "waiting"


def test_a_recorder_that_falls_silent_is_not_said_to_record() -> None:
    stage = taught()
    says(stage, (LEAD, "teacher", "recording"))
    stage.later(SILENT_S - 1)
    says(stage, (LEAD, "teacher", "recording"))
    stage.heard.clear()
    stage.later(SILENT_S - 1)
    assert takings(stage, "lead") == []
    stage.later(1.5)
    assert takings(stage, "lead")[-1][("lead", "teacher")] == "failed"
    says(stage, (LEAD, "teacher", "recording"))
    assert takings(stage, "lead")[-1][("lead", "teacher")] == "recording"


def test_a_recorder_whose_line_is_lost_is_doubted_sooner() -> None:
    stage = taught()
    says(stage, (LEAD, "teacher", "recording"))
    stage.heard.clear()
    stage.do(recorder_side.went)
    stage.later(AWAY_S - 0.1)
    assert takings(stage, "lead") == []
    stage.later(0.2)
    assert takings(stage, "lead")[-1][("lead", "teacher")] == "failed"
    sentence = stage.room.taking.state((LEAD, "teacher")).sentence
    assert stage.events[-1] == ev.TakeChanged(LEAD, "teacher", "failed", sentence, "system")


def test_a_signaling_that_restarts_claims_nothing_until_the_recorder_speaks() -> None:
    stage = taught()
    says(stage, (LEAD, "teacher", "recording"))
    stage.room = Room(folded(stage.events), stage.now)
    assert stage.room.taking.state((LEAD, "teacher")).state == "waiting"
    stage.later(AWAY_S)
    assert stage.room.taking.state((LEAD, "teacher")).state == "failed"


def test_whoever_joins_later_is_told_as_well() -> None:
    stage = taught(PUPILS)
    says(stage, (EAST, "room_mic", "recording"))
    stage.heard.clear()
    stage.hello("again", seat="east")
    stage.say("again", "join")
    assert takings(stage, "again") == [{("east", "room_mic"): "recording"}]


def test_without_a_recorder_nobody_is_told_of_one() -> None:
    stage = Stage(policy=PUPILS)
    stage.hello("east")
    stage.say("east", "join")
    assert takings(stage, "east") == []


def test_a_lesson_of_which_nothing_may_be_taken_has_no_recorder() -> None:
    stage = Stage(policy=ev.RecordingPolicy(()))
    with pytest.raises(Refusal) as refused:
        recorder_side.came(stage.room, "recorder-1", TAKER, stage.now)
    assert refused.value.code == "nothing_to_take" and TAKER not in stage.room.lesson.seats


def test_the_recorder_keeps_its_seat_when_it_comes_again() -> None:
    stage = taught()
    stage.do(recorder_side.went)
    seat, outcome = recorder_side.came(stage.room, "recorder-1", SeatId("another"), stage.now)
    assert (seat, outcome.events) == (TAKER, ())


def with_media(policy: ev.RecordingPolicy) -> Stage:
    """Everyone publishes, and the recorder has its slots."""
    stage = taught(policy)
    stage.node_up()
    stage.hello("recorder", seat="taker")
    stage.say("recorder", "join")
    stage.node_has(publisher("lead", "teacher", "students", "teacher_mic"))
    stage.node_has(publisher("east", "students", "room_mic"))
    stage.node_has(publisher("west", "students", "room_mic"))
    stage.node_has(subscriber("lead"))
    stage.node_has(subscriber("taker", 5, 5, codecs=("h264", "opus")))
    return stage


def bound_to(stage: Stage, seat: SeatId) -> set[str]:
    return {str(binding.track) for binding in stage.desired().bindings if binding.seat == seat}


def test_the_recorder_gets_exactly_what_the_policy_names() -> None:
    stage = with_media(ev.RecordingPolicy())
    assert bound_to(stage, TAKER) == {"lead:teacher", "lead:teacher_mic"}
    stage = with_media(PUPILS)
    assert bound_to(stage, TAKER) == {"lead:teacher", "lead:teacher_mic", "east:room_mic", "west:room_mic"}
    assert not {"east:room_mic", "west:room_mic"}.intersection(stage.desired().open)
    stage.say("lead", "floor_give", seat="east")
    assert "east:room_mic" in stage.desired().open and "west:room_mic" not in stage.desired().open


def test_the_sound_of_muted_rooms_reaches_the_recorder_and_nobody_else() -> None:
    stage = with_media(ALL_SOUND)
    assert {"east:room_mic", "west:room_mic"} <= set(stage.desired().open)
    assert {"east:room_mic", "west:room_mic"} <= bound_to(stage, TAKER)
    assert not {track for track in bound_to(stage, LEAD) if track.endswith("room_mic")}
    stage.say("lead", "floor_give", seat="east")
    assert {track for track in bound_to(stage, LEAD) if track.endswith("room_mic")} == {"east:room_mic"}
    stage.heard.clear()
    stage.do(node_side.levels, NodeLevels(LESSON, ((TrackId("east:room_mic"), 20), (TrackId("west:room_mic"), 30))))
    assert stage.take("lead")[-1]["levels"] == [["east:room_mic", 20]]
    stage.node_lost("taker", "subscribe", "closed_by_peer")
    assert "west:room_mic" not in stage.desired().open


def test_a_pause_of_the_recording_moves_no_media() -> None:
    stage = with_media(ALL_SOUND)
    stage.orders.clear()
    stage.heard.clear()
    stage.say("lead", "pause_recording", paused=True)
    assert stage.orders == []
    assert [message["type"] for message in stage.take("east")] == ["recording_changed"]


def pauses(stage: Stage, name: str) -> list[str]:
    """What a seat was told of the recording's pause."""
    return [message["pause"] for message in stage.take(name) if message["type"] == "recording_changed"]


def test_a_pause_is_said_to_be_held_only_while_the_recorder_says_so() -> None:
    stage = taught()
    holds = partial(recorder_side.said, paused=True)
    says(stage, (LEAD, "teacher", "recording"))
    stage.heard.clear()
    stage.say("lead", "pause_recording", paused=True)
    says(stage, (LEAD, "teacher", "recording"))
    assert pauses(stage, "east") == ["asked"] and takings(stage, "lead") == []
    for _ in range(2):
        stage.do(holds, (TakenSource(LEAD, "teacher", "paused"),), "recorder-1")
    (told,) = takings(stage, "lead")
    assert told[("lead", "teacher")] == "paused" and pauses(stage, "east") == ["held"]
    assert stage.hello("late", seat="west")["snapshot"]["recording_pause"] == "held"
    stage.later(SILENT_S)
    assert takings(stage, "lead")[-1][("lead", "teacher")] == "failed" and pauses(stage, "east") == ["asked"]
    stage.do(holds, (TakenSource(LEAD, "teacher", "paused"),), "recorder-1")
    stage.say("lead", "pause_recording", paused=False)
    stage.say("lead", "pause_recording", paused=True)
    assert pauses(stage, "east") == ["held", "off", "asked"]


def test_the_recorder_is_no_cause_of_a_copy() -> None:
    stage = with_media(ev.RecordingPolicy())
    stage.node_has(subscriber("taker", 5, 5, codecs=("vp8", "opus")))
    assert not [message for message in stage.heard.get("lead", []) if message["type"] == "republish"]


def left(level: SpaceLevel, lasts_s: int | None = None, *refused: str) -> SpaceLeft:
    return SpaceLeft(10**9, 400_000, lasts_s, level, refused=tuple(LessonId(lesson) for lesson in refused))


def spaces(stage: Stage, name: str) -> list[tuple[str, int | None]]:
    return [(each["level"], each["lasts_min"]) for each in stage.take(name) if each["type"] == "space"]


def spacious(versions: tuple[int, ...] = (4,)) -> Stage:
    stage = Stage(seats=("lead", "east", "aide"), versions=versions)
    stage.join("lead", "east", "aide")
    stage.keep(recorder_side.came(stage.room, "recorder-1", TAKER, stage.now)[1])
    stage.heard.clear()
    return stage


def test_who_leads_hears_that_the_disk_fills_once_it_may_touch_this_lesson() -> None:
    stage = spacious()
    stage.do(recorder_side.has_space, left("short", 50 * 60))
    assert stage.heard == {}, "the operator knows; this lesson is over before"
    for lasts_s in (700, 690, 59):
        stage.do(recorder_side.has_space, left("short", lasts_s))
    assert spaces(stage, "lead") == spaces(stage, "aide") == [("short", 11), ("short", 0)]
    assert spaces(stage, "east") == [], "a room can do nothing about it"
    stage.do(recorder_side.has_space, left("full", 0))
    stage.do(recorder_side.has_space, left("enough", 90_000))
    assert spaces(stage, "lead") == [("full", None), ("enough", None)]


def test_a_lesson_that_was_refused_says_so_and_the_one_beside_it_does_not() -> None:
    stage = spacious()
    stage.do(recorder_side.has_space, left("short", None, "L0000000002"))
    assert stage.heard == {}
    stage.do(recorder_side.has_space, left("short", None, LESSON))
    assert spaces(stage, "lead") == [("full", None)]


def test_who_sits_down_later_hears_it_too_and_an_older_page_does_not() -> None:
    stage = spacious()
    stage.do(recorder_side.has_space, left("full", 0))
    stage.heard.clear()
    stage.lose("lead")
    stage.hello("lead")
    stage.say("lead", "join")
    assert spaces(stage, "lead") == [("full", None)]
    older = spacious((3, 2, 1))
    older.do(recorder_side.has_space, left("full", 0))
    assert older.heard == {}


def test_what_a_silent_recorder_said_of_its_disk_counts_no_more() -> None:
    stage = spacious()
    stage.do(recorder_side.has_space, left("short", 60))
    stage.heard.clear()
    stage.later(SILENT_S + 1)
    assert spaces(stage, "lead") == [("enough", None)]
