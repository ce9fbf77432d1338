"""signaling.core.lines"""

from dataclasses import replace

import pytest

from signaling.core import arrivals
from signaling.messages import events as ev
from signaling.messages.ids import SeatId, TrackId
from signaling.messages.node import LineState, PeerState, ReducedTrack
from signaling.tests.core.stage import Stage, publisher, subscriber

EAST_LINE = LineState(2, 900_000, "line", (ReducedTrack(TrackId("lead:teacher"), 360, False),))


def fitted(seat: str, line: LineState | None) -> PeerState:
    return replace(subscriber(seat, 2, 1), line=line)


def logged(stage: Stage) -> list[ev.PicturesFitted]:
    return [event for event in stage.events if isinstance(event, ev.PicturesFitted)]


def lines(stage: Stage, name: str) -> list[list[str]]:
    told = [message["lines"] for message in stage.take(name) if message["type"] == "lines"]
    return [[f"{line['seat']} {line['level']} {line['bit_rate']}" for line in each] for each in told]


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.node_up()
    stage.join("lead", "east", "west")
    stage.node_has(publisher("lead", "teacher"))
    for name in ("lead", "east", "west"):
        stage.node_has(subscriber(name, 2, 1))
        stage.take(name)
    return stage


def test_a_line_is_told_to_its_room_and_to_the_lead_and_to_nobody_else(stage: Stage) -> None:
    stage.node_has(fitted("east", EAST_LINE))
    assert lines(stage, "east") == lines(stage, "lead") == [["east 2 900000"]]
    assert lines(stage, "west") == []
    stage.node_has(fitted("west", LineState(0, 150_000, "line", ())))
    assert lines(stage, "lead") == [["east 2 900000", "west 0 150000"]]
    assert lines(stage, "east") == []


def test_a_line_that_carries_everything_again_is_no_longer_told_of(stage: Stage) -> None:
    stage.node_has(fitted("east", EAST_LINE))
    stage.take("east")
    stage.node_has(fitted("east", None))
    assert lines(stage, "east") == [[]]


def test_who_comes_later_is_told_too(stage: Stage) -> None:
    stage.node_has(fitted("east", EAST_LINE))
    stage.hello("another page", "lead")
    stage.say("another page", "join")
    assert lines(stage, "another page") == [["east 2 900000"]]


def test_the_log_has_each_decision_in_words(stage: Stage) -> None:
    paused = ReducedTrack(TrackId("west:students"), None, True)
    stage.node_has(fitted("east", replace(EAST_LINE, reduced=(*EAST_LINE.reduced, paused))))
    sentence = "teacher of lead reduced to 360p; students of west paused: line 900 kbit/s"
    assert logged(stage) == [ev.PicturesFitted(SeatId("east"), 2, 900_000, sentence)]


def test_a_line_that_wavers_leaves_one_entry_in_twenty_seconds_and_the_last_of_them(stage: Stage) -> None:
    for level in (4, 3, 2, 3, 4, 1):
        stage.node_has(fitted("east", replace(EAST_LINE, level=level)))
        stage.later(1.0)
    assert [event.level for event in logged(stage)] == [4]
    assert arrivals.deadline_s(stage.room, stage.now) is not None
    stage.later(20.0)
    assert [event.level for event in logged(stage)] == [4, 1]
    stage.later(60.0)
    assert len(logged(stage)) == 2


def test_of_a_connection_that_goes_nothing_more_is_logged(stage: Stage) -> None:
    stage.node_has(fitted("east", EAST_LINE))
    stage.node_has(fitted("east", replace(EAST_LINE, level=1)))
    stage.node_lost("east", "subscribe", "closed_by_peer")
    stage.later(60.0)
    assert [event.level for event in logged(stage)] == [2]
