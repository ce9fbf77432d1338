"""signaling.core.node_side"""

from dataclasses import replace

import pytest

from signaling.core import node_side
from signaling.core.arrivals import STALE_S
from signaling.core.copies import COPY_PATIENCE_S
from signaling.messages import events as ev
from signaling.messages import node
from signaling.messages.ids import Mid, SeatId, SessionId, TrackId
from signaling.tests.core.stage import LESSON, Stage, publisher, subscriber

EAST, LEAD = SeatId("east"), SeatId("lead")


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.join("lead", "east", "west")
    made.node_up()
    return made


def kinds(stage: Stage, name: str) -> list[str]:
    return [message["type"] for message in stage.take(name)]


def test_the_lesson_is_live_when_the_lead_flows_and_not_before(stage: Stage) -> None:
    stage.node_has(publisher("east", "students"))
    stage.node_has(publisher("lead", "teacher", flowing=False))
    assert ev.LessonStarted("lead") not in stage.events
    stage.node_has(publisher("lead", "teacher"))
    assert stage.events[-1] == ev.LessonStarted("lead")
    assert stage.room.lesson.state == "live"


def test_sources_begin_flow_stall_and_end_in_every_room(stage: Stage) -> None:
    stage.node_has(publisher("east", "students", flowing=False))
    stage.node_has(publisher("east", "students"))
    stage.node_has(publisher("east", "students"))
    stage.node_has(publisher("east", "students", flowing=False))
    stage.node_lost("east", "publish", "closed_by_peer")
    heard = stage.take("west")
    assert [m["type"] for m in heard] == ["source_changed"] * 3 + ["source_ended"]
    assert [m["source"]["flowing"] for m in heard[:3]] == [False, True, False]
    sources = [e for e in stage.events if isinstance(e, ev.SourceStarted | ev.SourceStopped)]
    assert sources == [ev.SourceStarted(EAST, "students"), ev.SourceStopped(EAST, "students")]


def test_the_floor_opens_the_holders_microphone_at_the_node(stage: Stage) -> None:
    stage.node_has(publisher("east", "room_mic"))
    assert stage.desired().open == ()
    stage.say("lead", "floor_give", seat="east")
    assert stage.desired().open == (TrackId("east:room_mic"),)
    stage.say("lead", "floor_take")
    assert stage.desired().open == ()


def test_the_node_is_told_what_goes_where(stage: Stage) -> None:
    stage.node_has(publisher("lead", "teacher", "teacher_mic"))
    stage.node_has(subscriber("east", 1, 1))
    desired = stage.desired()
    assert set(desired.bindings) == {
        node.Binding(EAST, Mid("v0"), TrackId("lead:teacher"), priority="teacher"),
        node.Binding(EAST, Mid("a0"), TrackId("lead:teacher_mic")),
    }
    assert kinds(stage, "east")[-1] == "slots"
    rights = {seat.seat: (len(seat.sources), seat.subscribe) for seat in desired.seats}
    assert rights == {"lead": (7, True), "east": (4, True), "west": (4, True)}


def test_the_node_is_told_only_what_has_changed(stage: Stage) -> None:
    stage.orders.clear()
    stage.say("west", "hand", up=True)
    assert [order for order in stage.orders if isinstance(order, node.DesiredLesson)] == []


def test_a_node_that_comes_again_is_told_everything_again(stage: Stage) -> None:
    stage.do(node_side.node_down)
    stage.node_up()
    assert isinstance(stage.orders[-1], node.DesiredLesson)


def test_a_restarted_node_has_the_seats_rejoin(stage: Stage) -> None:
    stage.say("east", "publish", sdp="v=0", sources=[{"mid": "0", "source": "students"}])
    stage.say("west", "subscribe")
    stage.node_has(publisher("east", "students"))
    stage.node_has(subscriber("west"))
    stage.heard.clear()
    stage.do(node_side.node_down)
    stage.node_up()
    assert [m["connections"] for m in stage.take("east") if m["type"] == "rejoin"] == [["publish"]]
    assert [m["connections"] for m in stage.take("west") if m["type"] == "rejoin"] == [["subscribe"]]
    assert not [m for m in stage.take("lead") if m["type"] == "rejoin"]
    assert stage.room.lesson.seats[EAST].sources == ()


def test_a_node_that_only_lost_the_line_keeps_everything(stage: Stage) -> None:
    stage.say("east", "publish", sdp="v=0", sources=[{"mid": "0", "source": "students"}])
    stage.node_has(publisher("east", "students"))
    stage.do(node_side.node_down)
    stage.heard.clear()
    stage.node_up(publisher("east", "students"))
    assert not [m for m in stage.take("east") if m["type"] in ("rejoin", "source_ended")]


def test_who_rejoins_by_welcome_is_not_asked_again_by_what_was_missed(stage: Stage) -> None:
    stage.say("east", "subscribe")
    stage.node_has(subscriber("east"))
    session = stage.session("east")
    seq = stage.room.sessions[session].outbox.seq
    stage.do(node_side.node_down)
    stage.node_up()
    stage.lose("east")
    welcome = stage.hello("east", resume=(session, seq))
    assert welcome["resumed"] and welcome["connections"] == []
    assert [m["connections"] for m in stage.take("east") if m["type"] == "rejoin"] == [[]]


def test_when_the_node_stays_away_nothing_is_said_to_flow(stage: Stage) -> None:
    stage.node_has(publisher("east", "students"))
    stage.do(node_side.node_down)
    stage.heard.clear()
    stage.later(STALE_S - 0.1)
    assert kinds(stage, "west") == []
    stage.later(0.2)
    (told,) = stage.take("west")
    assert told["source"] == {"seat": "east", "source": "students", "kind": "video", "flowing": False}
    stage.node_up(publisher("east", "students"))
    assert [m["source"]["flowing"] for m in stage.take("west") if m["type"] == "source_changed"] == [True]


def test_a_page_that_cannot_know_is_told_that_its_connection_is_lost(stage: Stage) -> None:
    stage.node_has(subscriber("east"))
    stage.heard.clear()
    stage.node_lost("east", "subscribe", "consent_expired")
    assert kinds(stage, "east") == ["rejoin"]


@pytest.mark.parametrize("reason", ["closed_by_peer", "fingerprint_mismatch", "handshake_failed", "replaced"])
def test_a_page_that_caused_the_end_is_not_told(stage: Stage, reason: str) -> None:
    stage.node_has(subscriber("east"))
    stage.heard.clear()
    stage.node_lost("east", "subscribe", reason)
    assert "rejoin" not in kinds(stage, "east")


def test_a_page_connection_on_an_empty_seat_is_closed(stage: Stage) -> None:
    stage.say("east", "leave")
    stage.orders.clear()
    stage.node_has(publisher("east", "students"))
    assert node.ClosePeer(LESSON, EAST, "publish") in stage.orders
    assert stage.room.lesson.seats[EAST].sources == ()


def test_an_encoder_makes_its_seat_present_without_any_page() -> None:
    stage = Stage()
    stage.join("lead")
    stage.node_up()
    stage.node_has(publisher("east", "students", origin="whip"))
    seat = [m["seat"] for m in stage.take("lead") if m["type"] == "seat_changed"][-1]
    assert (seat["seat"], seat["present"]) == ("east", True)
    stage.node_lost("east", "publish", "closed_by_peer")
    seat = [m["seat"] for m in stage.take("lead") if m["type"] == "seat_changed"][-1]
    assert (seat["seat"], seat["present"]) == ("east", False)


def test_tracks_that_the_role_may_not_publish_are_not_heard_of(stage: Stage) -> None:
    stage.node_has(publisher("east", "teacher_mic"))
    assert stage.room.lesson.seats[EAST].sources == ()
    assert stage.desired().open == ()


def test_peers_of_other_lessons_and_unknown_seats_are_nobodys(stage: Stage) -> None:
    before = list(stage.events)
    stage.node_has(publisher("stranger", "students"))
    stage.node_lost("stranger", "publish", "consent_expired")
    assert stage.events == before


def test_the_publisher_is_asked_for_a_copy_and_told_when_nobody_needs_it(stage: Stage) -> None:
    stage.node_has(publisher("lead", "teacher"))
    stage.heard.clear()
    stage.node_has(subscriber("east", codecs=("vp8", "opus")))
    assert [(m["source"], m["codec"], m["wanted"]) for m in stage.take("lead") if m["type"] == "republish"] == [
        ("teacher", "vp8", True)
    ]
    assert stage.take("east")[-1]["slots"][0]["trouble"] == "copy_coming"
    stage.node_has(publisher("lead", "teacher", ("teacher", "copy")))
    slot = stage.take("east")[-1]["slots"][0]
    assert (slot["track"], slot["trouble"]) == ("lead:teacher:vp8", None)
    assert "lead:teacher:vp8" in stage.desired().open
    stage.node_lost("east", "subscribe", "closed_by_peer")
    assert [m["wanted"] for m in stage.take("lead") if m["type"] == "republish"] == [False]


def test_a_copy_that_does_not_come_is_a_trouble_in_words(stage: Stage) -> None:
    stage.node_has(publisher("lead", "teacher"))
    stage.node_has(subscriber("east", codecs=("vp8", "opus")))
    stage.heard.clear()
    stage.later(COPY_PATIENCE_S - 0.1)
    assert kinds(stage, "east") == []
    stage.later(0.2)
    assert stage.take("east")[-1]["slots"][0]["trouble"] == "codec_not_supported"
    stage.node_has(publisher("lead", "teacher", ("teacher", "copy")))
    assert stage.take("east")[-1]["slots"][0]["trouble"] is None


def wishes(stage: Stage) -> list[bool]:
    return [message["wanted"] for message in stage.take("lead") if message["type"] == "republish"]


def shown(stage: Stage) -> tuple[str | None, str | None]:
    slot = stage.take("east")[-1]["slots"][0]
    return slot["track"], slot["trouble"]


def silent_copy(stage: Stage) -> node.PeerState:
    """The lead's picture flows; the copy that it agreed to does not."""
    peer = publisher("lead", "teacher", ("teacher", "copy"))
    original, copy = peer.tracks
    return replace(peer, tracks=(original, replace(copy, flowing=False)))


def test_a_copy_that_was_agreed_to_and_does_not_flow_is_asked_for_once_more_and_then_given_up(stage: Stage) -> None:
    stage.node_has(publisher("lead", "teacher"))
    stage.node_has(subscriber("east", codecs=("vp8", "opus")))
    stage.node_has(silent_copy(stage))
    assert shown(stage) == ("lead:teacher:vp8", None)
    assert wishes(stage) == [True]
    stage.later(COPY_PATIENCE_S - 0.1)
    assert (stage.take("east"), wishes(stage)) == ([], [])
    stage.later(0.2)
    assert shown(stage) == ("lead:teacher:vp8", "copy_silent")
    assert wishes(stage) == [False]
    stage.node_has(publisher("lead", "teacher"))
    assert shown(stage) == (None, "copy_coming")
    assert wishes(stage) == [True]
    stage.node_has(silent_copy(stage))
    stage.later(COPY_PATIENCE_S + 0.1)
    assert (shown(stage), wishes(stage)) == (("lead:teacher:vp8", "copy_silent"), [False])
    stage.node_has(publisher("lead", "teacher"))
    stage.later(60)
    assert (shown(stage), wishes(stage)) == ((None, "copy_silent"), [])
    stage.node_lost("lead", "publish", "closed_by_peer")
    stage.node_has(publisher("lead", "teacher"))
    assert (shown(stage), wishes(stage)) == ((None, "copy_coming"), [True])


def test_a_copy_that_begins_to_flow_in_time_is_no_trouble(stage: Stage) -> None:
    stage.node_has(publisher("lead", "teacher"))
    stage.node_has(subscriber("east", codecs=("vp8", "opus")))
    stage.node_has(silent_copy(stage))
    stage.later(COPY_PATIENCE_S - 0.1)
    stage.node_has(publisher("lead", "teacher", ("teacher", "copy")))
    stage.heard.clear()
    stage.later(60)
    assert stage.heard == {}


def test_while_the_camera_is_off_its_copy_need_not_flow(stage: Stage) -> None:
    stage.node_has(publisher("lead", "teacher", ("teacher", "copy")))
    stage.node_has(subscriber("east", codecs=("vp8", "opus")))
    stage.node_has(publisher("lead", "teacher", ("teacher", "copy"), flowing=False))
    stage.heard.clear()
    stage.later(60)
    assert stage.heard == {}


def test_an_encoder_is_not_asked_for_copies() -> None:
    stage = Stage()
    stage.join("lead", "east")
    stage.node_up()
    stage.node_has(publisher("lead", "teacher", origin="whip"))
    stage.node_has(subscriber("east", codecs=("vp8", "opus")))
    assert "republish" not in kinds(stage, "lead")
    assert stage.take("east")[-1]["slots"][0]["trouble"] == "codec_not_supported"


def test_levels_are_not_numbered_and_not_kept(stage: Stage) -> None:
    session = stage.room.sessions[stage.session("east")]
    before = session.outbox.seq
    stage.do(node_side.levels, node.NodeLevels(LESSON, ((TrackId("lead:teacher_mic"), 20),)))
    assert stage.take("east") == [{"type": "levels", "levels": [["lead:teacher_mic", 20]]}]
    assert session.outbox.seq == before


def test_the_end_empties_the_lesson_at_the_node(stage: Stage) -> None:
    stage.node_has(publisher("lead", "teacher"))
    stage.say("lead", "end")
    assert stage.desired() == node.DesiredLesson(LESSON, (), (), ())


def test_an_inventory_keeps_every_slot_as_it_is() -> None:
    """A signaling that restarts finds the picture where it was, not where it would have put it."""
    stage = Stage()
    stage.join("lead", "east")
    held = subscriber("east", 2, 0)
    slots = (held.slots[0], node.SlotPlace(Mid("v1"), "video", TrackId("lead:teacher")))
    held = node.PeerState(LESSON, EAST, "subscribe", "control", True, (), slots, held.codecs)
    stage.node_up(publisher("lead", "teacher"), held)
    assert stage.desired().bindings == (node.Binding(EAST, Mid("v1"), TrackId("lead:teacher"), priority="teacher"),)


def test_an_answer_finds_its_session_after_the_line_was_lost_and_found(stage: Stage) -> None:
    stage.say("east", "publish", id="p", sdp="v=0", sources=[])
    (ask,) = stage.asks()
    session, seq = stage.session("east"), stage.room.sessions[stage.session("east")].outbox.seq
    stage.lose("east")
    stage.answer(ask, node.AnswerPublish(1, "v=0"))
    stage.hello("east", resume=(session, seq))
    stage.say("east", "publish", id="p", sdp="v=0", sources=[])
    assert stage.take("east") == [{"type": "published", "reply_to": "p", "sdp": "v=0"}]


def test_what_comes_late_of_a_replaced_session_touches_nothing_of_the_new_one(stage: Stage) -> None:
    """Its offer that the node still took, its picture, and its end."""
    before = stage.session("east")
    stage.node_has(replace(publisher("east", "students"), session=before))
    stage.hello("again", seat="east")
    stage.say("again", "join")
    after = stage.session("again")
    assert stage.desired().seats[1] == node.SeatRights(EAST, stage.desired().seats[1].sources, True, after)
    stage.node_has(replace(publisher("east", "students"), session=after))
    stage.orders.clear()
    stage.heard.clear()
    stage.node_has(replace(publisher("east", "board"), session=before))
    assert stage.orders == [node.ClosePeer(LESSON, EAST, "publish", before)]
    stage.node_lost("east", "publish", "consent_expired", before)
    assert stage.room.lesson.seats[EAST].sources == ("students",)
    assert kinds(stage, "again") == [] and kinds(stage, "west") == []
    stage.node_lost("east", "publish", "consent_expired", after)
    assert kinds(stage, "again") == ["source_ended", "rejoin"]


def test_a_replaced_session_takes_its_connections_with_it(stage: Stage) -> None:
    before = stage.session("east")
    stage.node_has(replace(subscriber("east"), session=before))
    stage.hello("again", seat="east")
    stage.orders.clear()
    stage.say("again", "join")
    assert node.ClosePeer(LESSON, EAST, "subscribe", before) in stage.orders


def test_an_inventory_with_a_replaced_sessions_connection_has_it_closed(stage: Stage) -> None:
    old = replace(publisher("east", "students"), session=SessionId("X-of-yesterday"))
    stage.orders.clear()
    stage.node_up(old)
    assert node.ClosePeer(LESSON, EAST, "publish", SessionId("X-of-yesterday")) in stage.orders
    assert stage.room.lesson.seats[EAST].sources == ()
