"""signaling.core.conversation: the protocol as conversations."""

from typing import Any

import pytest

from signaling.core import conversation
from signaling.core.outcome import CLOSE_ENDED, CLOSE_FLOOD, Outcome
from signaling.core.refusal import Refusal
from signaling.messages import events as ev
from signaling.messages import node
from signaling.messages.ids import Mid, SeatId
from signaling.tests.core.stage import LESSON, Stage, publisher


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.join("lead", "east", "west")
    return made


def test_the_floor_goes_from_room_to_room(stage: Stage) -> None:
    stage.converse("""
        east >> floor_request id="1"
        lead << floor_changed floor.holder=null floor.requests=["east"]
        east << floor_changed floor.requests=["east"]
        east << done reply_to="1"
        west << floor_changed floor.requests=["east"]
        lead >> floor_give id="2" seat=east
        lead << floor_changed floor.holder=east floor.requests=[]
        lead << done reply_to="2"
        east << floor_changed floor.holder=east
        west << floor_changed floor.holder=east
        lead >> floor_give id="3" seat=west
        lead << floor_changed floor.holder=west
        lead << done
        east << floor_changed floor.holder=west
        west << floor_changed floor.holder=west
        lead >> floor_take id="4"
        lead << floor_changed floor.holder=null
        lead << done
        east << floor_changed floor.holder=null
        west << floor_changed floor.holder=null
    """)
    kinds = [event.type for event in stage.events[-4:]]
    assert kinds == ["floor_requested", "floor_given", "floor_given", "floor_taken"]


def test_a_room_gives_the_floor_back_or_stops_waiting(stage: Stage) -> None:
    stage.say("lead", "floor_give", seat="east")
    stage.say("west", "floor_request")
    stage.heard.clear()
    stage.converse("""
        east >> floor_release
        lead << floor_changed floor.holder=null floor.requests=["west"]
        east << floor_changed
        east << done
        west << floor_changed
        west >> floor_release
        lead << floor_changed floor.requests=[]
        east << floor_changed
        west << floor_changed
        west << done
        west >> floor_release
        west << refused code=floor_not_held
    """)


def test_the_lead_pauses_the_recording_and_everyone_hears_of_it_once(stage: Stage) -> None:
    stage.converse("""
        east >> pause_recording paused=true
        east << refused code=not_permitted
        lead >> pause_recording id="1" paused=true
        lead << recording_changed pause=asked
        lead << done reply_to="1"
        east << recording_changed pause=asked
        west << recording_changed pause=asked
        lead >> pause_recording id="1" paused=true
        lead << done reply_to="1"
        lead >> pause_recording id="2" paused=true
        lead << done reply_to="2"
        lead >> pause_recording id="1" paused=false
        lead << done reply_to="1"
    """)
    assert stage.events[-1] == ev.RecordingPaused(by="lead")
    assert stage.hello("late", seat="west")["snapshot"]["recording_pause"] == "asked"
    stage.say("lead", "pause_recording", paused=False)
    assert [message["type"] for message in stage.take("east")] == ["recording_changed"]
    assert [event.type for event in stage.events[-2:]] == ["recording_paused", "recording_resumed"]


def test_where_nothing_may_be_taken_there_is_nothing_to_pause() -> None:
    stage = Stage(policy=ev.RecordingPolicy(()))
    stage.join("lead", "east")
    stage.converse("""
        lead >> pause_recording paused=true
        lead << refused code=nothing_to_take
    """)


def test_what_cannot_be_is_refused_and_nobody_else_hears_of_it(stage: Stage) -> None:
    before = list(stage.events)
    stage.converse("""
        east >> floor_release
        east << refused code=floor_not_held
        lead >> floor_take
        lead << refused code=floor_not_held
        lead >> floor_give seat=nobody
        lead << refused code=unknown_seat
        lead >> floor_give seat=lead
        lead << refused code=unknown_seat
        lead >> send_text body=""
        lead << refused code=wrong_message
        lead >> send_text body="\\u0020\\u3000"
        lead << refused code=wrong_message
        lead >> subscribe video_slots=99
        lead << refused code=wrong_message
    """)
    stage.say("lead", "send_text", body="长" * 1001)
    assert stage.take("lead")[0]["code"] == "wrong_message"
    assert stage.events == before


def test_who_waits_cannot_ask_again_nor_who_holds(stage: Stage) -> None:
    stage.say("east", "floor_request")
    stage.heard.clear()
    stage.converse("""
        east >> floor_request
        east << refused code=already_asked
    """)
    stage.say("lead", "floor_give", seat="east")
    stage.heard.clear()
    stage.converse("""
        east >> floor_request
        east << refused code=already_asked
    """)


def test_giving_the_floor_to_its_holder_changes_nothing(stage: Stage) -> None:
    stage.say("lead", "floor_give", seat="east")
    stage.heard.clear()
    stage.converse("""
        lead >> floor_give seat=east
        lead << done
    """)


def test_the_floor_is_for_those_who_are_here(stage: Stage) -> None:
    stage.say("west", "leave")
    stage.heard.clear()
    stage.converse("""
        lead >> floor_give seat=west
        lead << refused code=unknown_seat
    """)


def test_who_is_given_the_floor_has_its_hand_lowered(stage: Stage) -> None:
    stage.say("east", "hand", up=True)
    stage.heard.clear()
    stage.converse("""
        lead >> floor_give seat=east
        lead << seat_changed seat.seat=east seat.hand=false
        lead << floor_changed floor.holder=east
        lead << done
        east << seat_changed seat.hand=false
        east << floor_changed
        west << seat_changed
        west << floor_changed
    """)
    assert stage.events[-2:] == [ev.HandMoved(SeatId("east"), False), ev.FloorGiven(SeatId("east"), "lead")]


def test_an_encoder_may_be_given_the_floor_and_gives_it_back_when_it_stops() -> None:
    stage = Stage()
    stage.join("lead")
    stage.node_up()
    stage.node_has(publisher("east", "room_mic", origin="whip"))
    stage.say("lead", "floor_give", seat="east")
    assert stage.room.lesson.floor.holder == SeatId("east")
    stage.node_lost("east", "publish", "closed_by_peer")
    assert stage.events[-1] == ev.FloorReleased(SeatId("east"))
    assert stage.room.lesson.floor.holder is None


def test_a_hand_goes_up_once_and_down_once(stage: Stage) -> None:
    stage.converse("""
        east >> hand up=true
        lead << seat_changed seat.seat=east seat.hand=true
        east << seat_changed
        east << done
        west << seat_changed
        east >> hand up=true
        east << done
        east >> hand up=false
        lead << seat_changed seat.hand=false
        east << seat_changed
        east << done
        west << seat_changed
    """)


def test_text_reaches_the_teachers_and_no_attendee() -> None:
    stage = Stage(seats=("lead", "east", "aide", "ear", "guest"))
    stage.join("lead", "east", "aide", "ear", "guest")
    stage.converse("""
        aide >> send_text body=你好
        lead << text body=你好 sender=aide at_ms=1000000
        east << text body=你好
        aide << text body=你好
        aide << done
        guest >> send_text body=你好
        guest << refused code=not_permitted
        ear >> send_text body=你好
        ear << refused code=not_permitted
    """)
    assert [event for event in stage.events if isinstance(event, ev.TextSent)] == [ev.TextSent(SeatId("aide"), 2)]
    assert "你好" not in repr(stage.events)


def test_the_lead_ends_the_lesson_and_everyone_goes(stage: Stage) -> None:
    stage.converse("""
        lead >> end
        lead << lesson_changed state=ended
        lead << done
        lead << bye code=ended retry=false
        east << lesson_changed state=ended
        east << bye code=ended retry=false
        west << lesson_changed state=ended
        west << bye code=ended
    """)
    assert stage.hung_up == {name: CLOSE_ENDED for name in ("lead", "east", "west")}
    assert stage.room.sessions == {}


@pytest.mark.parametrize(
    ("name", "kind", "fields"),
    [
        ("east", "floor_give", {"seat": "east"}),
        ("east", "floor_take", {}),
        ("east", "end", {}),
        ("lead", "floor_request", {}),
        ("lead", "floor_release", {}),
        ("lead", "hand", {"up": True}),
        ("guest", "publish", {"sdp": "v=0", "sources": []}),
        ("guest", "hand", {"up": True}),
        ("guest", "floor_request", {}),
        ("guest", "end", {}),
        ("ear", "publish", {"sdp": "v=0", "sources": []}),
        ("ear", "floor_give", {"seat": "east"}),
        ("aide", "floor_give", {"seat": "east"}),
        ("aide", "publish", {"sdp": "v=0", "sources": []}),
        ("east", "publish", {"sdp": "v=0", "sources": [{"mid": "0", "source": "teacher_mic"}]}),
        ("east", "publish", {"sdp": "v=0", "sources": [{"mid": "0", "source": "teacher"}]}),
    ],
)
def test_what_a_role_may_not_do_is_refused_and_changes_nothing(name: str, kind: str, fields: dict[str, Any]) -> None:
    stage = Stage(seats=("lead", "east", "aide", "ear", "guest"))
    stage.join("lead", "east", "aide", "ear", "guest")
    stage.node_up()
    before, stage.orders = list(stage.events), []
    stage.say(name, kind, **fields)
    assert [message["code"] for message in stage.take(name)] == ["not_permitted"]
    assert (stage.events, stage.orders, stage.heard) == (before, [], {})


def test_before_join_one_may_only_look() -> None:
    stage = Stage()
    stage.join("lead")
    stage.hello("east")
    stage.converse("""
        east >> floor_request
        east << refused code=not_joined
        east >> publish sdp=v=0 sources=[]
        east << refused code=not_joined
        lead >> send_text body=早
        lead << text
        lead << done
        east << text body=早
    """)


def test_behind_closed_doors_one_may_look_but_not_join() -> None:
    stage = Stage(open=False)
    assert stage.hello("lead")["snapshot"]["state"] == "planned"
    stage.converse("""
        lead >> join
        lead << refused code=lesson_not_open
    """)


def test_the_same_id_gets_the_same_answer_and_happens_once(stage: Stage) -> None:
    stage.converse("""
        east >> hand id=a up=true
        lead << seat_changed
        east << seat_changed
        east << done reply_to=a
        west << seat_changed
        east >> hand id=a up=false
        east << done reply_to=a
        lead >> floor_take id=b
        lead << refused reply_to=b code=floor_not_held
    """)
    stage.say("lead", "floor_give", seat="east")
    stage.heard.clear()
    stage.converse("""
        lead >> floor_take id=b
        lead << refused reply_to=b code=floor_not_held
    """)
    assert stage.room.lesson.floor.holder == SeatId("east")


@pytest.mark.parametrize("wrong", ["", "x" * 65])
def test_an_id_has_1_to_64_characters(stage: Stage, wrong: str) -> None:
    stage.say("east", "hand", id=wrong, up=True)
    assert stage.take("east") == [
        {"type": "refused", "reply_to": None, "code": "wrong_message", "sentence": "An id has 1 to 64 characters."}
    ]


def test_hello_comes_once(stage: Stage) -> None:
    stage.do(conversation.receive, stage.session("east"), _hello())
    assert stage.take("east")[0]["code"] == "wrong_message"


def _hello() -> Any:
    from signaling.messages.client import Hello

    return Hello((1,), "test/1")


def test_too_many_messages_are_refused_until_a_moment_has_passed(stage: Stage) -> None:
    for _ in range(80):
        stage.say("east", "floor_release")
    codes = [message["code"] for message in stage.take("east")]
    assert codes[:58].count("floor_not_held") == 58 and codes[-1] == "too_many"
    stage.later(1)
    stage.say("east", "floor_release")
    assert stage.take("east")[0]["code"] == "floor_not_held"


def test_a_refusal_for_haste_is_not_remembered(stage: Stage) -> None:
    for _ in range(80):
        stage.say("east", "floor_release")
    stage.say("east", "hand", id="mine", up=True)
    assert stage.take("east")[-1]["code"] == "too_many"
    stage.later(1)
    stage.say("east", "hand", id="mine", up=True)
    assert stage.take("east")[-1] == {"type": "done", "reply_to": "mine"}


def test_a_flood_ends_the_session_and_only_that(stage: Stage) -> None:
    for _ in range(400):
        if "east" in stage.hung_up:
            break
        stage.do(conversation.refuse, stage.session("east"), None, Refusal("wrong_message", "no"))
    assert stage.hung_up == {"east": CLOSE_FLOOD}
    assert stage.room.lesson.seats[SeatId("east")].session is None
    stage.heard.clear()
    stage.converse("""
        west >> hand up=true
        lead << seat_changed
        west << seat_changed
        west << done
    """)


def test_an_offer_goes_to_the_node_and_its_answer_comes_back(stage: Stage) -> None:
    stage.node_up()
    stage.say("east", "publish", id="p", sdp="v=0 offer", sources=[{"mid": "0", "source": "students"}])
    assert stage.take("east") == []
    (ask,) = stage.asks()
    assert ask.request == node.OfferPublish(
        0, LESSON, SeatId("east"), "v=0 offer", (node.PublishedMid(Mid("0"), "students"),), stage.session("east")
    )
    stage.answer(ask, node.AnswerPublish(7, "v=0 answer"))
    assert stage.take("east") == [{"type": "published", "reply_to": "p", "sdp": "v=0 answer"}]


def test_an_offer_that_waits_is_not_asked_twice(stage: Stage) -> None:
    stage.node_up()
    for _ in range(3):
        stage.say("east", "publish", id="p", sdp="v=0", sources=[{"mid": "0", "source": "students"}])
    (ask,) = stage.asks()
    stage.answer(ask, node.AnswerPublish(1, "v=0"))
    stage.say("east", "publish", id="p", sdp="v=0", sources=[{"mid": "0", "source": "students"}])
    assert [message["type"] for message in stage.take("east")] == ["published", "published"]
    assert stage.asks() == []


def test_subscribing_takes_an_offer_and_an_answer(stage: Stage) -> None:
    stage.node_up()
    stage.say("lead", "subscribe", id="s")
    (ask,) = stage.asks()
    assert ask.request == node.OpenSubscriber(0, LESSON, SeatId("lead"), 4, 4, stage.session("lead"))
    places = (node.SlotPlace(Mid("0"), "video"), node.SlotPlace(Mid("1"), "audio"))
    stage.answer(ask, node.OfferSubscribe(1, 3, "v=0", places))
    offer = stage.take("lead")[0]
    assert (offer["type"], offer["number"]) == ("subscribe_offer", 3)
    assert offer["slots"] == [{"mid": "0", "kind": "video"}, {"mid": "1", "kind": "audio"}]
    stage.say("lead", "subscribe_answer", id="a", number=3, sdp="v=0")
    (ask,) = stage.asks()
    stage.answer(ask, node.Accepted(2))
    assert stage.take("lead") == [{"type": "done", "reply_to": "a"}]


def test_a_restart_is_asked_of_the_node_and_its_refusal_is_told(stage: Stage) -> None:
    stage.node_up()
    stage.say("lead", "subscribe", id="s", restart=True)
    (ask,) = stage.asks()
    assert ask.request == node.OpenSubscriber(0, LESSON, SeatId("lead"), 4, 4, stage.session("lead"), restart=True)
    stage.answer(ask, node.RequestRefused(1, "no_connection", "There is none."))
    assert [message["code"] for message in stage.take("lead")] == ["no_connection"]


def test_a_room_has_5_video_and_5_audio_slots(stage: Stage) -> None:
    stage.node_up()
    stage.say("east", "subscribe")
    assert stage.asks()[0].request == node.OpenSubscriber(0, LESSON, SeatId("east"), 5, 5, stage.session("east"))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (node.RequestRefused(1, "wrong_sdp", "No ice-ufrag."), "wrong_sdp"),
        (node.RequestRefused(1, "no_answer", "Too late."), "no_answer"),
        (None, "no_node"),
    ],
)
def test_what_the_node_refuses_is_refused(stage: Stage, answer: Any, code: str) -> None:
    stage.node_up()
    stage.say("east", "publish", id="p", sdp="x", sources=[])
    stage.answer(stage.asks()[0], answer)
    assert [(m["type"], m["code"]) for m in stage.take("east")] == [("refused", code)]


def test_without_a_node_media_is_refused_and_the_rest_goes_on(stage: Stage) -> None:
    stage.converse("""
        east >> subscribe
        east << refused code=no_node
        east >> hand up=true
        lead << seat_changed
        east << seat_changed
        east << done
        west << seat_changed
    """)
    stage.node_up()
    assert [m for m in stage.take("east") if m["type"] == "rejoin"][0]["connections"] == ["subscribe"]


@pytest.mark.parametrize(
    "sources",
    [
        [{"mid": "0", "source": "students"}, {"mid": "0", "source": "board"}],
        [{"mid": "0", "source": "students"}, {"mid": "1", "source": "students"}],
        [{"mid": "0", "source": "students", "copy": "h264"}],
        [{"mid": "0", "source": "room_mic", "copy": "vp8"}],
    ],
)
def test_an_offer_that_contradicts_itself_never_reaches_the_node(stage: Stage, sources: list[Any]) -> None:
    stage.node_up()
    stage.say("east", "publish", sdp="v=0", sources=sources)
    assert stage.take("east")[0]["code"] == "wrong_message"
    assert stage.asks() == []


def test_an_answer_for_a_session_that_is_gone_is_nobodys(stage: Stage) -> None:
    stage.node_up()
    stage.say("east", "publish", sdp="v=0", sources=[])
    (ask,) = stage.asks()
    stage.hello("other", seat="east")
    stage.say("other", "join")
    stage.heard.clear()
    assert stage.answer(ask, node.AnswerPublish(1, "v=0")) == Outcome()


def test_who_leaves_loses_floor_and_media(stage: Stage) -> None:
    stage.node_up()
    stage.node_has(publisher("east", "students", "room_mic"))
    stage.say("lead", "floor_give", seat="east")
    stage.heard.clear()
    stage.converse("""
        east >> leave
        lead << floor_changed floor.holder=null
        lead << seat_changed seat.present=false
        lead << source_ended seat=east source=students
        lead << source_ended seat=east source=room_mic
        west << floor_changed
        west << seat_changed
        west << source_ended
        west << source_ended
        east << floor_changed
        east << seat_changed
        east << source_ended
        east << source_ended
        east << done
    """)
    assert node.ClosePeer(LESSON, SeatId("east"), "publish") in stage.orders
