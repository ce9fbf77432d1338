"""signaling.core.door: the subscriber's offer comes before or with the join, which is never held up for it."""

from signaling.core import arrivals, office
from signaling.core.door import OFFER_PATIENCE_S
from signaling.core.outcome import Ask
from signaling.messages import node
from signaling.messages.ids import Mid, SeatId
from signaling.tests.core.stage import LESSON, Stage, publisher, subscriber

PLACES = (node.SlotPlace(Mid("v0"), "video"), node.SlotPlace(Mid("a0"), "audio"))


def offer(number: int = 3) -> node.OfferSubscribe:
    return node.OfferSubscribe(1, number, "v=0 offer", PLACES)


def stage_with_node() -> Stage:
    stage = Stage()
    stage.join("lead")
    stage.node_up()
    return stage


def test_the_offer_is_made_at_the_door_and_comes_with_the_join() -> None:
    stage = stage_with_node()
    stage.hello("east")
    (ask,) = stage.asks()
    assert ask.request == node.OpenSubscriber(0, LESSON, SeatId("east"), 5, 5, stage.session("east"))
    assert stage.answer(ask, offer()).sends == ()
    stage.say("east", "join", id="j", offer=True)
    assert stage.asks() == []
    slots = [{"mid": "v0", "kind": "video"}, {"mid": "a0", "kind": "audio"}]
    joined = {
        "type": "joined",
        "reply_to": "j",
        "offer": {"number": 3, "sdp": "v=0 offer", "slots": slots},
    }
    assert [m for m in stage.take("east") if "reply_to" in m] == [joined]
    stage.say("east", "join", id="j", offer=True)
    assert stage.take("east") == [joined]


def test_a_join_that_comes_before_the_offer_waits_for_it_and_has_the_seat() -> None:
    stage = stage_with_node()
    stage.hello("east")
    stage.say("east", "join", id="j", offer=True)
    assert [m["type"] for m in stage.take("east")] == ["seat_changed"]
    assert stage.room.lesson.seats[SeatId("east")].session == stage.session("east")
    (ask,) = stage.asks()
    stage.answer(ask, offer(9))
    (joined,) = stage.take("east")
    assert (joined["reply_to"], joined["offer"]["number"]) == ("j", 9)


def test_a_node_that_is_silent_holds_a_join_up_for_a_moment_only() -> None:
    stage = stage_with_node()
    stage.hello("east")
    (ask,) = stage.asks()
    stage.say("east", "join", id="j", offer=True)
    stage.later(OFFER_PATIENCE_S - 0.01)
    assert [m for m in stage.take("east") if m["type"] == "joined"] == []
    stage.later(0.02)
    assert stage.take("east") == [{"type": "joined", "reply_to": "j", "offer": None}]
    stage.answer(ask, offer())
    assert stage.take("east") == []


def test_without_a_node_a_join_is_answered_at_once() -> None:
    stage = Stage()
    stage.hello("east")
    stage.say("east", "join", id="j", offer=True)
    assert stage.asks() == []
    assert [m["offer"] for m in stage.take("east") if m["type"] == "joined"] == [None]


def test_what_the_node_refuses_at_the_door_is_no_refusal_of_the_join() -> None:
    stage = stage_with_node()
    stage.hello("east")
    stage.say("east", "join", id="j", offer=True)
    stage.answer(stage.asks()[0], node.RequestRefused(1, "no_node", "It went away."))
    assert stage.take("east")[-1] == {"type": "joined", "reply_to": "j", "offer": None}


def test_who_joins_without_asking_for_an_offer_gets_none() -> None:
    stage = stage_with_node()
    stage.hello("east")
    stage.answer(stage.asks()[0], offer())
    stage.say("east", "join", id="j")
    assert stage.take("east")[-1] == {"type": "done", "reply_to": "j"}


def test_who_still_has_the_connection_gets_no_other() -> None:
    stage = stage_with_node()
    stage.hello("east")
    stage.asks()
    stage.say("east", "join")
    stage.node_has(subscriber("east"))
    session = stage.session("east")
    stage.lose("east")
    stage.hello("east", resume=(session, 10_000))
    stage.asks()
    stage.say("east", "join", id="j", offer=True)
    assert stage.asks() == []
    assert [m["offer"] for m in stage.take("east") if m["type"] == "joined"] == [None]


def test_an_offer_of_a_node_that_went_is_not_given_away() -> None:
    stage = stage_with_node()
    stage.hello("east")
    stage.answer(stage.asks()[0], offer(3))
    stage.node_up()
    stage.say("east", "join", id="j", offer=True)
    stage.answer(stage.asks()[0], offer(4))
    assert [m["offer"]["number"] for m in stage.take("east") if m["type"] == "joined"] == [4]


def test_an_offer_older_than_the_one_that_was_asked_for_is_forgotten() -> None:
    stage = stage_with_node()
    stage.hello("east")
    (at_the_door,) = stage.asks()
    stage.say("east", "join")
    stage.say("east", "subscribe", id="s")
    (asked,) = stage.asks()
    stage.answer(at_the_door, offer(3))
    stage.answer(asked, offer(4))
    stage.say("east", "join", id="j", offer=True)
    stage.answer(stage.asks()[0], offer(5))
    assert [m["offer"]["number"] for m in stage.take("east") if m["type"] == "joined"] == [5]


def test_behind_closed_doors_no_offer_is_made() -> None:
    stage = Stage(open=False)
    stage.node_up()
    stage.hello("east")
    assert stage.asks() == []


def test_a_lost_offer_makes_the_page_rejoin_when_the_node_comes_back() -> None:
    stage = stage_with_node()
    stage.hello("east")
    stage.say("east", "join", offer=True)
    stage.answer(stage.asks()[0], offer())
    stage.heard.clear()
    stage.node_up(publisher("lead", "teacher"))
    assert [m["connections"] for m in stage.take("east") if m["type"] == "rejoin"] == [["subscribe"]]


def told(stage: Stage, name: str) -> list[int]:
    return [m["offer"]["number"] for m in stage.take(name) if m["type"] == "door_offer"]


def test_who_wants_the_offer_at_the_door_is_told_it_there_and_answers_with_the_join() -> None:
    stage = stage_with_node()
    stage.hello("east", offer=True)
    stage.answer(stage.asks()[0], offer(3))
    assert told(stage, "east") == [3]
    stage.say("east", "join", id="j")
    stage.say("east", "subscribe_answer", id="a", number=3, sdp="v=0 answer")
    assert [m["reply_to"] for m in stage.take("east") if m["type"] == "done"] == ["j"]
    (ask,) = stage.asks()
    assert ask.request == node.AnswerSubscribe(0, LESSON, SeatId("east"), 3, "v=0 answer", stage.session("east"))
    assert stage.desired().seats[1].session == stage.session("east")
    stage.answer(ask, node.Accepted(1))
    assert stage.take("east") == [{"type": "done", "reply_to": "a"}]


def test_an_answered_offer_is_not_given_away_again() -> None:
    stage = stage_with_node()
    stage.hello("east", offer=True)
    stage.answer(stage.asks()[0], offer(3))
    stage.say("east", "join")
    stage.say("east", "subscribe_answer", number=3, sdp="v=0 answer")
    stage.asks()
    stage.say("east", "join", id="j", offer=True)
    stage.answer(stage.asks()[0], offer(4))
    assert [m["offer"]["number"] for m in stage.take("east") if m["type"] == "joined"] == [4]


def test_an_answer_at_the_door_without_a_join_changes_nothing() -> None:
    stage = stage_with_node()
    stage.hello("east", offer=True)
    stage.answer(stage.asks()[0], offer(3))
    stage.take("east")
    stage.say("east", "subscribe_answer", number=3, sdp="v=0 answer")
    assert [m["code"] for m in stage.take("east")] == ["not_joined"]
    assert stage.asks() == []


def test_a_join_that_overtakes_its_offer_gets_it_once() -> None:
    stage = stage_with_node()
    stage.hello("east", offer=True)
    stage.say("east", "join", id="j", offer=True)
    stage.answer(stage.asks()[0], offer(3))
    assert [m["type"] for m in stage.take("east") if m["type"] in ("door_offer", "joined")] == ["joined"]


def test_when_the_doors_open_those_before_them_are_told_an_offer_that_the_node_can_make() -> None:
    stage = Stage(open=False)
    stage.node_up()
    stage.hello("east", offer=True)
    stage.hello("west")
    orders = stage.do(office.opened, "operator").orders
    assert [type(order) for order in orders] == [node.DesiredLesson, Ask]
    stage.answer(stage.asks()[0], offer(7))
    assert told(stage, "east") == [7]


def test_a_node_that_comes_anew_makes_new_offers_for_those_at_the_door() -> None:
    stage = stage_with_node()
    stage.hello("east", offer=True)
    stage.answer(stage.asks()[0], offer(3))
    stage.do(arrivals.tick)
    orders = stage.node_up().orders
    assert [type(order) for order in orders] == [node.DesiredLesson, Ask]
    stage.answer(stage.asks()[0], offer(4))
    assert told(stage, "east") == [3, 4]
