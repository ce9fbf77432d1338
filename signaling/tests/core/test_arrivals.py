"""signaling.core.arrivals: hello, resume, replacement, grace."""

import pytest

from signaling.core import arrivals
from signaling.core.arrivals import GRACE_S, MOST_LOOKERS, TurnedAway
from signaling.core.lesson import folded
from signaling.core.outcome import CLOSE_ENDED, CLOSE_FLOOD, CLOSE_REPLACED, CLOSE_WRONG_HELLO
from signaling.core.room import Room
from signaling.core.session import KEPT_MESSAGES
from signaling.messages import events as ev
from signaling.messages import node
from signaling.messages.client import Hello
from signaling.messages.ids import SeatId, SessionId
from signaling.tests.core.stage import LESSON, Stage, publisher, subscriber

EAST = SeatId("east")


def test_welcome_says_who_one_is_and_what_one_may_do() -> None:
    stage = Stage()
    welcome = stage.hello("east")
    assert (welcome["seat"], welcome["role"], welcome["classroom"]) == ("east", "room", "东村")
    assert welcome["actions"] == [
        "join", "publish", "subscribe", "subscribe_answer", "hand", "floor_request", "floor_release",
        "send_text", "send_cue", "leave",
    ]  # fmt: skip
    assert (welcome["resumed"], welcome["connections"], welcome["seq"]) == (False, [], 0)
    assert [seat["present"] for seat in welcome["snapshot"]["seats"]] == [False, False, False]


def test_no_common_version_no_session() -> None:
    stage = Stage()
    with pytest.raises(TurnedAway) as away:
        arrivals.attach(stage.room, EAST, Hello((98, 99), "future"), SessionId("X"), stage.now)
    assert (away.value.bye.code, away.value.bye.retry, away.value.close_code) == ("version", False, CLOSE_WRONG_HELLO)
    assert stage.room.sessions == {}


def test_a_lesson_that_is_over_lets_nobody_in() -> None:
    stage = Stage()
    stage.join("lead")
    stage.say("lead", "end")
    with pytest.raises(TurnedAway) as away:
        arrivals.attach(stage.room, EAST, Hello((1,), "late"), SessionId("X"), stage.now)
    assert (away.value.bye.code, away.value.close_code) == ("ended", CLOSE_ENDED)


def test_who_resumes_hears_what_was_missed_in_order() -> None:
    stage = Stage()
    stage.join("lead", "east", "west")
    session = stage.session("east")
    last_seq = stage.room.sessions[session].outbox.seq
    stage.lose("east")
    stage.say("west", "hand", up=True)
    stage.say("lead", "send_text", body="还在吗")
    assert stage.take("east") == []
    stage.later(GRACE_S - 1)
    welcome = stage.hello("east", resume=(session, last_seq))
    assert (welcome["session"], welcome["resumed"], welcome["snapshot"]) == (session, True, None)
    missed = stage.take("east")
    assert [message["type"] for message in missed] == ["seat_changed", "text"]
    assert [message["seq"] for message in missed] == [last_seq + 1, last_seq + 2]
    assert stage.room.lesson.seats[EAST].session == session


def test_a_reply_that_was_lost_comes_again_for_the_same_id() -> None:
    stage = Stage()
    stage.join("lead", "east")
    session = stage.session("east")
    stage.say("east", "hand", id="h", up=True)
    stage.lose("east")
    stage.hello("east", resume=(session, 0))
    stage.heard.clear()
    stage.converse("""
        east >> hand id=h up=true
        east << done reply_to=h
    """)


@pytest.mark.parametrize("last_seq", [-5, 10_000])
def test_who_claims_what_cannot_be_gets_a_snapshot(last_seq: int) -> None:
    stage = Stage()
    stage.join("lead", "east")
    session = stage.session("east")
    stage.lose("east")
    welcome = stage.hello("east", resume=(session, last_seq))
    assert welcome["resumed"] is False and welcome["snapshot"] is not None
    assert welcome["session"] == session


def test_who_missed_more_than_is_kept_gets_a_snapshot() -> None:
    stage = Stage()
    stage.join("lead", "east", "west")
    session = stage.session("east")
    seq = stage.room.sessions[session].outbox.seq
    stage.lose("east")
    for i in range(KEPT_MESSAGES + 1):
        stage.now_s += 0.1
        stage.say("west", "hand", up=i % 2 == 0)
    welcome = stage.hello("east", resume=(session, seq))
    assert welcome["resumed"] is False
    assert welcome["seq"] == stage.room.sessions[session].outbox.seq


def test_a_session_of_another_seat_cannot_be_resumed() -> None:
    stage = Stage()
    stage.join("lead", "east")
    welcome = stage.hello("thief", seat="west", resume=(stage.session("lead"), 0))
    assert (welcome["resumed"], welcome["seat"]) == (False, "west")
    assert welcome["session"] != stage.session("lead")


def test_a_seat_outlives_its_websocket_by_30_seconds_and_then_leaves() -> None:
    stage = Stage()
    stage.join("lead", "east")
    stage.node_up()
    stage.node_has(publisher("east", "students"))
    stage.say("lead", "floor_give", seat="east")
    stage.lose("east")
    stage.heard.clear()
    stage.later(GRACE_S - 0.1)
    assert stage.room.lesson.seats[EAST].session and not stage.take("lead")
    stage.later(0.2)
    assert [message["type"] for message in stage.take("lead")] == ["floor_changed", "seat_changed", "source_ended"]
    assert stage.room.lesson.seats[EAST].session is None
    assert node.ClosePeer(LESSON, EAST, "publish") in stage.orders
    assert any(isinstance(event, ev.SeatLeft) and event.reason == "lost" for event in stage.events)


def test_the_room_says_when_it_next_wants_to_be_woken() -> None:
    stage = Stage()
    stage.join("lead", "east")
    stage.node_up()
    assert arrivals.deadline_s(stage.room, stage.now) is None
    stage.lose("east")
    assert arrivals.deadline_s(stage.room, stage.now) == stage.now_s + GRACE_S


def test_a_second_join_replaces_the_first_and_closes_its_media() -> None:
    stage = Stage()
    stage.join("lead", "east")
    stage.node_up()
    stage.node_has(publisher("east", "students"))
    stage.node_has(subscriber("east"))
    stage.say("lead", "floor_give", seat="east")
    stage.heard.clear()
    stage.hello("again", seat="east")
    stage.say("again", "join")
    assert stage.take("east")[-1]["code"] == "replaced"
    assert stage.hung_up == {"east": CLOSE_REPLACED}
    closed = [order.connection for order in stage.orders if isinstance(order, node.ClosePeer)]
    assert closed == ["publish", "subscribe"]
    assert stage.room.lesson.floor.holder == "east"
    assert stage.room.lesson.seats[EAST].session == stage.session("again")


def test_joining_again_changes_nothing_and_brings_the_slots() -> None:
    stage = Stage()
    stage.join("lead", "east")
    stage.node_up()
    stage.node_has(publisher("lead", "teacher"))
    stage.node_has(subscriber("east", 1, 0))
    stage.heard.clear()
    before = list(stage.events)
    stage.converse("""
        east >> join
        east << done
        east << slots slots=[{"mid":"v0","kind":"video","seat":"lead","source":"teacher","track":"lead:teacher","trouble":null}]
    """)  # noqa: E501
    assert stage.events == before


def test_a_looker_that_goes_leaves_nothing_behind() -> None:
    stage = Stage()
    stage.hello("east")
    stage.lose("east")
    assert stage.room.sessions == {}


def test_a_page_that_comes_anew_again_and_again_has_no_more_to_say_than_one_that_stays() -> None:
    stage = Stage()
    stage.join("lead", "east")
    taken, turned_away = 0, 0
    for visit in range(40):
        try:
            stage.hello(f"page-{visit}", seat="east")
        except TurnedAway as away:
            assert (away.bye.code, away.bye.retry, away.close_code) == ("too_many", True, CLOSE_FLOOD)
            turned_away += 1
            continue
        for _ in range(3):
            stage.say(f"page-{visit}", "floor_release")
        heard = stage.take(f"page-{visit}")
        taken += [message.get("code") for message in heard].count("not_joined")
    assert 40 <= taken <= 60 and turned_away > 0
    stage.say("lead", "floor_take")
    assert stage.take("lead")[-1]["code"] == "floor_not_held", "another seat has a pace of its own"
    stage.now_s += 1
    assert stage.hello("later", seat="east")["seat"] == "east"


def test_lookers_of_one_seat_are_few() -> None:
    stage = Stage()
    for i in range(MOST_LOOKERS + 1):
        stage.hello(f"looker{i}", seat="east")
    assert stage.hung_up == {"looker0": CLOSE_REPLACED}
    assert len(stage.room.sessions) == MOST_LOOKERS


def restarted(stage: Stage) -> Stage:
    """The same lesson in a new process: only the log is left."""
    names = stage.names
    again = Stage(seats=stage.seats)
    again.events, again.now_s = list(stage.events), stage.now_s + 1
    again.room = Room(folded(again.events), again.now)
    again.names = names
    return again


def test_after_a_restart_the_client_keeps_seat_session_and_connections() -> None:
    stage = Stage()
    stage.join("lead", "east")
    session = stage.session("east")
    stage = restarted(stage)
    welcome = stage.hello("east", resume=(session, 2))
    assert (welcome["session"], welcome["resumed"]) == (session, False)
    assert welcome["connections"] == ["publish", "subscribe"]
    stage.node_up(publisher("east", "students"), subscriber("east"))
    assert not [message for message in stage.take("east") if message["type"] == "rejoin"]
    stage.heard.clear()
    stage.converse("""
        east >> join
        east << done
        east << slots
    """)


def test_after_a_restart_of_both_the_client_is_asked_to_rejoin() -> None:
    stage = Stage()
    stage.join("lead", "east")
    session = stage.session("east")
    stage = restarted(stage)
    stage.hello("east", resume=(session, 2))
    stage.node_up()
    assert [m["connections"] for m in stage.take("east") if m["type"] == "rejoin"] == [["publish", "subscribe"]]


def test_after_a_restart_with_the_node_known_welcome_names_what_lives() -> None:
    stage = Stage()
    stage.join("lead", "east")
    session = stage.session("east")
    stage = restarted(stage)
    stage.node_up(subscriber("east"))
    assert stage.hello("east", resume=(session, 2))["connections"] == ["subscribe"]


def test_a_client_that_outlived_a_restart_is_told_when_the_node_dies() -> None:
    stage = Stage()
    stage.join("lead", "east")
    session = stage.session("east")
    stage = restarted(stage)
    stage.node_up(publisher("east", "students"), subscriber("east"))
    stage.hello("east", resume=(session, 2))
    stage.node_up()
    assert [m["connections"] for m in stage.take("east") if m["type"] == "rejoin"] == [["publish", "subscribe"]]


def test_after_a_restart_who_does_not_come_back_leaves() -> None:
    stage = Stage()
    stage.join("lead", "east")
    stage = restarted(stage)
    stage.node_up(publisher("east", "students"))
    stage.later(GRACE_S + 1)
    assert stage.room.lesson.seats[EAST].session is None
    assert node.ClosePeer(LESSON, EAST, "publish") in stage.orders


def test_a_fresh_page_keeps_no_connection_of_the_page_before() -> None:
    stage = Stage()
    stage.join("lead", "east")
    stage.node_up(subscriber("east"))
    assert stage.hello("again", seat="east")["connections"] == []
