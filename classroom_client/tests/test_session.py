"""Conversations between a client's session and a server, with a stepped clock."""

from dataclasses import dataclass, field, replace

import pytest

from classroom_client.core import steps
from classroom_client.core.diagnosis import from_close_code, known
from classroom_client.core.seat import State
from classroom_client.core.session import SILENCE_MS, Session
from signaling.messages import client as wire
from signaling.messages.ids import Connection, LessonId, Mid, SeatId, SessionId

SEAT = SeatId("Sroom000001")
SNAPSHOT = wire.Snapshot(LessonId("L1"), "语文", "dedicated", "live", (), (), (), wire.Floor())
SOURCES = (wire.PublishedSource(Mid("0"), "students"),)


@dataclass
class Room:
    """A session with its shell and server played by the test."""

    session: Session = field(default_factory=lambda: Session(publishes=True))
    now_ms: float = 0.0
    orders: list[steps.Order] = field(default_factory=list)

    def feed(self, *inputs: steps.Input) -> None:
        for what in inputs:
            self.orders.extend(self.session.step(what, self.now_ms, 0.0))

    def hear(self, *messages: wire.ServerMessage) -> None:
        self.feed(*(steps.Heard(message) for message in messages))

    def wait_for_deadline(self) -> None:
        deadline = self.session.deadline()
        assert deadline is not None
        self.now_ms = deadline
        self.orders.extend(self.session.tick(self.now_ms, 0.0))

    def taken(self) -> list[steps.Order]:
        orders, self.orders = self.orders, []
        return orders

    def said(self) -> list[wire.ClientMessage]:
        return [order.message for order in self.taken() if isinstance(order, steps.Say)]


def welcome(*, resumed: bool = False, seq: int = 0, connections: tuple[Connection, ...] = ()) -> wire.Welcome:
    return wire.Welcome(
        1,
        SessionId("X1"),
        SEAT,
        "room",
        "第1教学点",
        resumed,
        seq,
        connections,
        ("join", "publish", "subscribe"),
        None if resumed else SNAPSHOT,
    )


def id_of(messages: list[wire.ClientMessage], kind: type[wire.ClientMessage]) -> str:
    return next(str(getattr(message, "id", "")) for message in messages if isinstance(message, kind))


def seated() -> Room:
    """A room whose two connections are live."""
    room = Room()
    room.feed(steps.Started(), steps.Admitted(), steps.Opened())
    room.hear(welcome())
    room.hear(wire.Done(id_of(room.said(), wire.Join)))
    subscribe = id_of(room.said(), wire.Subscribe)
    room.feed(steps.Offered(1, "offer", SOURCES))
    room.hear(wire.Published(id_of(room.said(), wire.Publish), "answer"))
    room.hear(wire.SubscribeOffer(subscribe, 7, "slots", ()))
    room.feed(steps.Answered(1, 7, "answer"))
    room.hear(wire.Done(id_of(room.said(), wire.SubscribeAnswer)))
    room.now_ms += 60_000
    room.taken()
    return room


def test_a_code_leads_to_a_seat_with_both_connections() -> None:
    room = Room()
    room.feed(steps.Started())
    assert room.taken() == [steps.Exchange()]
    room.feed(steps.Admitted())
    assert room.taken() == [steps.Dial()]
    room.feed(steps.Opened())
    assert room.said() == [wire.Hello((4, 3, 2, 1), "classroom-client/0.1.0")]
    room.hear(welcome())
    assert room.taken() == [steps.TakenSeat(SEAT, "room", "第1教学点"), steps.Say(wire.Join("c1", offer=True))]
    room.hear(wire.Joined("c1", None))
    assert room.taken() == [steps.MakeOffer(1), steps.Say(wire.Subscribe("c2"))]
    room.feed(steps.Offered(1, "o", SOURCES))
    assert room.said() == [wire.Publish("c3", "o", SOURCES)]
    room.hear(wire.Published("c3", "a"), wire.SubscribeOffer("c2", 5, "s", ()))
    assert room.taken() == [steps.TakeAnswer(1, "a"), steps.MakeAnswer(1, 5, "s")]
    room.feed(steps.Answered(1, 5, "b"))
    assert room.said() == [wire.SubscribeAnswer("c4", 5, "b")]


def test_a_client_without_sources_only_subscribes() -> None:
    room = Room(Session(publishes=False))
    room.feed(steps.Started(), steps.Admitted(), steps.Opened())
    room.hear(welcome(), wire.Done("c1"))
    assert not [order for order in room.taken() if isinstance(order, steps.MakeOffer)]


def test_a_seat_that_only_watches_publishes_nothing_and_says_so() -> None:
    room = Room()
    room.feed(steps.Started(), steps.Admitted(), steps.Opened())
    room.hear(replace(welcome(), actions=("join", "subscribe")), wire.Done("c1"))
    orders = room.taken()
    assert any(isinstance(order, steps.Tell) and "may not publish" in order.trouble.sentence for order in orders)
    assert not [order for order in orders if isinstance(order, steps.MakeOffer)]


def test_a_seat_taken_by_another_while_the_websocket_was_away_is_left_to_them() -> None:
    room = seated()
    room.feed(steps.Failed(from_close_code(1006)))
    room.wait_for_deadline()
    room.feed(steps.Opened())
    room.taken()
    sat_on = replace(SNAPSHOT, seats=(wire.Seat(SEAT, "room", "第1教学点", present=True),))
    room.hear(replace(welcome(), session=SessionId("X2"), snapshot=sat_on))
    assert room.taken()[-1] == steps.Finish(known("replaced"))


def test_a_lost_websocket_is_resumed_with_the_last_seq_and_media_is_kept() -> None:
    room = seated()
    room.hear(wire.FloorChanged(4, wire.Floor(holder=SEAT)))
    room.feed(steps.Failed(from_close_code(1006)))
    room.wait_for_deadline()
    assert steps.Dial() in room.taken()
    room.feed(steps.Opened())
    assert room.said() == [wire.Hello((4, 3, 2, 1), "classroom-client/0.1.0", wire.Resume(SessionId("X1"), 4))]
    room.hear(welcome(resumed=True, seq=6, connections=("publish", "subscribe")))
    assert room.taken() == [steps.TakenSeat(SEAT, "room", "第1教学点")]
    assert room.session.state is State.SEATED


def test_what_a_resumed_session_hears_twice_counts_once() -> None:
    room = seated()
    room.hear(wire.FloorChanged(4, wire.Floor(holder=SEAT)), wire.FloorChanged(3, wire.Floor()))
    assert room.session.view.floor.holder == SEAT


def test_an_unanswered_message_is_said_again_with_the_same_id() -> None:
    room = seated()
    room.orders.extend(room.session.wish(wire.FloorRequest, room.now_ms))
    asked = room.said()
    room.feed(steps.Failed(from_close_code(4010)))
    room.wait_for_deadline()
    room.feed(steps.Opened())
    room.taken()
    room.hear(welcome(resumed=True, connections=("publish", "subscribe")))
    assert room.said() == asked


def test_the_offer_that_comes_with_the_seat_is_answered_at_once() -> None:
    room = Room()
    room.feed(steps.Started(), steps.Admitted(), steps.Opened())
    room.hear(welcome())
    room.hear(wire.Joined(id_of(room.said(), wire.Join), wire.Offer(5, "s", ())))
    assert room.taken() == [steps.MakeOffer(1), steps.MakeAnswer(1, 5, "s")]
    room.feed(steps.Answered(1, 5, "b"))
    answer = room.said()[0]
    assert isinstance(answer, wire.SubscribeAnswer) and (answer.number, answer.sdp) == (5, "b")
    room.hear(wire.Rejoin(1, ("subscribe",)))
    assert isinstance(room.said()[-1], wire.Subscribe)


def test_a_connection_that_lives_is_not_negotiated_again_by_a_join() -> None:
    room = seated()
    room.feed(steps.Failed(from_close_code(1006)))
    room.wait_for_deadline()
    room.feed(steps.Opened())
    room.taken()
    room.hear(welcome(connections=("publish", "subscribe")))
    room.hear(wire.Joined(id_of(room.said(), wire.Join), None))
    assert room.taken() == []


def test_a_forgotten_session_joins_anew_and_mends_only_what_the_node_lost() -> None:
    room = seated()
    room.feed(steps.Failed(from_close_code(1006)))
    room.wait_for_deadline()
    room.feed(steps.Opened())
    room.taken()
    room.hear(welcome(connections=("subscribe",)))
    orders = room.taken()
    assert steps.CloseMedia("publish") in orders
    assert steps.CloseMedia("subscribe") not in orders
    joined = next(order.message for order in orders if isinstance(order, steps.Say))
    assert isinstance(joined, wire.Join)
    room.hear(wire.Done(joined.id))
    assert room.taken() == [steps.MakeOffer(2)]


def test_rejoin_starts_the_named_connections_anew_and_late_results_are_ignored() -> None:
    room = seated()
    room.hear(wire.Rejoin(9, ("publish",)))
    assert room.taken() == [steps.CloseMedia("publish"), steps.MakeOffer(2)]
    room.feed(steps.Offered(1, "of the old round", SOURCES))
    assert room.taken() == []


def test_waits_grow_until_a_seat_was_held() -> None:
    room = Room()
    room.feed(steps.Started(), steps.Admitted())
    waits = []
    for _ in range(4):
        room.feed(steps.Failed(from_close_code(1006)))
        deadline = room.session.deadline()
        assert deadline is not None
        waits.append(deadline - room.now_ms)
        room.wait_for_deadline()
    assert waits == [200, 400, 800, 1500]
    room = seated()
    room.feed(steps.Failed(from_close_code(1006)))
    assert room.session.deadline() == room.now_ms + 200


def test_a_server_that_does_not_answer_is_left() -> None:
    room = Room()
    room.feed(steps.Started(), steps.Admitted(), steps.Opened())
    assert room.session.deadline() == SILENCE_MS
    room.wait_for_deadline()
    assert room.session.state is State.WAITING


def test_a_closed_door_is_tried_again_in_words() -> None:
    room = Room()
    room.feed(steps.Started(), steps.Admitted(), steps.Opened())
    room.hear(welcome())
    room.taken()
    room.hear(wire.Refused("c1", "lesson_not_open", "…"))
    told = [order.trouble.sentence for order in room.taken() if isinstance(order, steps.Tell)]
    assert told and told[0].startswith("lesson not open")
    assert room.session.state is State.WAITING


@pytest.mark.parametrize("code", ["replaced", "ended", "lesson_over"])
def test_who_is_replaced_or_done_stays_away(code: str) -> None:
    room = seated()
    room.hear(wire.Bye(code, "…", retry=False))
    assert room.taken() == [steps.Finish(known(code))]
    assert room.session.deadline() is None
    room.feed(steps.Failed(from_close_code(4003)))
    assert room.taken() == []


def test_a_refused_publication_is_tried_again_only_where_that_can_help() -> None:
    room = seated()
    room.hear(wire.Rejoin(9, ("publish",)))
    room.taken()
    room.feed(steps.Offered(2, "o", SOURCES))
    room.hear(wire.Refused(id_of(room.said(), wire.Publish), "no_node", "…"))
    room.taken()
    room.wait_for_deadline()
    assert room.taken() == [steps.MakeOffer(3)]
    room.feed(steps.Offered(3, "o", SOURCES))
    room.hear(wire.Refused(id_of(room.said(), wire.Publish), "not_permitted", "rooms do not publish teacher"))
    assert room.session.deadline() is None


def test_media_that_does_not_come_about_is_negotiated_anew() -> None:
    room = seated()
    trouble = known("no_node")
    assert trouble is not None
    room.feed(steps.MediaFailed("subscribe", 1, trouble))
    assert room.taken() == [steps.CloseMedia("subscribe"), steps.Tell(trouble)]
    room.wait_for_deadline()
    assert isinstance(room.said()[0], wire.Subscribe)


def test_a_copy_is_added_to_the_live_connection_and_taken_off_again() -> None:
    room = seated()
    room.hear(wire.Republish(7, "students", "vp8"))
    assert room.taken() == [steps.MakeOffer(1, ("students",))]
    copied = (*SOURCES, wire.PublishedSource(Mid("1"), "students", "vp8"))
    room.feed(steps.Offered(1, "o", copied))
    room.hear(wire.Republish(8, "students", "vp8", wanted=False))
    assert room.said() == [wire.Publish("c5", "o", copied)]
    room.hear(wire.Published("c5", "a"))
    assert room.taken() == [steps.TakeAnswer(1, "a"), steps.MakeOffer(1)]


def test_a_copy_outlives_the_connection_it_was_asked_for() -> None:
    room = seated()
    room.hear(wire.Republish(7, "students", "vp8"))
    room.taken()
    room.hear(wire.Rejoin(8, ("publish",)))
    assert room.taken() == [steps.CloseMedia("publish"), steps.MakeOffer(2, ("students",))]


def test_a_copy_that_is_refused_does_not_take_the_original_with_it() -> None:
    room = seated()
    room.hear(wire.Republish(7, "students", "vp8"))
    room.taken()
    room.feed(steps.Offered(1, "o", SOURCES))
    room.hear(wire.Refused(id_of(room.said(), wire.Publish), "wrong_sdp", "…"))
    room.taken()
    room.wait_for_deadline()
    assert room.taken() == [steps.MakeOffer(2)]


def test_a_copy_in_a_codec_that_we_have_not_is_not_made() -> None:
    room = seated()
    room.hear(wire.Republish(7, "students", "av1"))
    assert room.taken() == []


def test_a_seat_that_the_server_forgot_is_taken_again() -> None:
    room = seated()
    room.orders.extend(room.session.wish(wire.FloorRequest, room.now_ms))
    room.hear(wire.Refused(id_of(room.said(), wire.FloorRequest), "not_joined", "…"))
    assert any(isinstance(message, wire.Join) for message in room.said())


def test_stopping_gives_the_seat_up() -> None:
    room = seated()
    room.feed(steps.Stopped())
    orders = room.taken()
    assert isinstance(orders[0], steps.Say) and isinstance(orders[0].message, wire.Leave)
    assert orders[1] == steps.Finish(None)


def test_without_a_seat_a_wish_is_not_sent() -> None:
    assert Session(publishes=True).wish(wire.FloorRequest, 0.0) == ()
