"""signaling.core.room: what holds whatever clients, operator and node do in whatever order."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from signaling.core import node_side
from signaling.core.lesson import folded
from signaling.core.outcome import Ask
from signaling.messages import node
from signaling.messages.ids import SeatId, kind_of
from signaling.tests.core.stage import LESSON, Stage, publisher, subscriber

NAMES = st.sampled_from(["lead", "east", "west", "guest"])
PUBLISHED = {
    "lead": ["teacher", "board", "teacher_mic"],
    "east": ["students", "room_mic"],
    "west": ["students", "room_mic", "courseware"],
    "guest": ["students"],
}
CODECS = st.sampled_from([("h264", "vp8", "opus"), ("vp8", "opus"), ("h264", "opus"), ()])


KINDS = ["join", "join", "join", "leave", "floor_request", "floor_release", "floor_take", "subscribe", "end"]


class AnyLesson(RuleBasedStateMachine):
    """Drives one room at random."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(seats=("lead", "east", "west", "guest"))
        self.seen: dict[str, int] = {}
        """The last number that each session has seen."""
        self.asks: list[Ask] = []
        self.attached: set[str] = set()
        self.stage.node_up()
        for name in ("lead", "east", "guest"):
            self.hello(name, resumes=False)
            self.say(name, "join")

    def here(self, name: str) -> bool:
        return name in self.attached and not self.stage.room.lesson.over

    @precondition(lambda self: not self.stage.room.lesson.over)
    @rule(name=NAMES, resumes=st.booleans())
    def hello(self, name: str, resumes: bool) -> None:
        self.listen()
        known = [session for session, whose in self.stage.names.items() if whose == name]
        resume = (known[0], self.seen.get(known[0], 0)) if known and resumes else None
        if known and name in self.attached:
            self.stage.lose(name)
        welcome = self.stage.hello(name, resume=resume)
        if not welcome["resumed"]:
            self.seen[welcome["session"]] = welcome["seq"]
        self.attached.add(name)

    @rule(name=NAMES)
    def lose(self, name: str) -> None:
        if self.here(name):
            self.listen()
            self.stage.lose(name)
            self.attached.discard(name)

    @rule(
        name=NAMES,
        kind=st.sampled_from(
            ["join", "join", "leave", "floor_request", "floor_release", "floor_take", "subscribe", "end"]
        ),
    )
    def say(self, name: str, kind: str) -> None:
        if self.here(name) and (kind != "end" or self.stage.now_s > 1300):
            fields = {"offer": True} if kind == "join" and self.stage.now_s % 2 < 1 else {}
            self.stage.say(name, kind, **fields)
            self.asks += self.stage.asks()

    @rule(name=NAMES, seat=NAMES)
    def give(self, name: str, seat: str) -> None:
        if self.here(name):
            self.stage.say(name, "floor_give", seat=seat)

    @rule(name=NAMES, up=st.booleans())
    def hand(self, name: str, up: bool) -> None:
        if self.here(name):
            self.stage.say(name, "hand", up=up)

    @rule(answers=st.booleans())
    def answer(self, answers: bool) -> None:
        if self.asks:
            ask = self.asks.pop()
            answer = node.OfferSubscribe(1, 1, "v=0", ()) if ask.reply_to is None else node.Accepted(1)
            self.stage.answer(ask, answer if answers else None)

    @rule(name=NAMES, count=st.integers(0, 3), flowing=st.booleans(), origin=st.sampled_from(["control", "whip"]))
    def publishes(self, name: str, count: int, flowing: bool, origin: str) -> None:
        self.stage.node_has(publisher(name, *PUBLISHED[name][:count], flowing=flowing, origin=origin))

    @rule(name=NAMES, video=st.integers(0, 5), audio=st.integers(0, 4), codecs=CODECS)
    def subscribes(self, name: str, video: int, audio: int, codecs: tuple[str, ...]) -> None:
        self.stage.node_has(subscriber(name, video, audio, codecs))

    @rule(
        name=NAMES,
        connection=st.sampled_from(["publish", "subscribe"]),
        reason=st.sampled_from(["consent_expired", "closed_by_peer", "replaced"]),
    )
    def gone(self, name: str, connection: Any, reason: str) -> None:
        self.stage.node_lost(name, connection, reason)

    @rule(keeps=st.booleans())
    def node_comes(self, keeps: bool) -> None:
        self.stage.node_up(*(self.stage.room.media.peers.values() if keeps else ()))

    @rule()
    def node_goes(self) -> None:
        self.stage.do(node_side.node_down)

    @rule(seconds=st.sampled_from([0.1, 3.0, 6.0, 31.0]))
    def time_passes(self, seconds: float) -> None:
        self.listen()
        self.stage.later(seconds)

    def listen(self) -> None:
        """Takes what everyone heard, in the order of its numbers."""
        for name in list(self.stage.heard):
            for message in self.stage.take(name):
                if "seq" in message and message["type"] != "welcome":
                    session = self.stage.session(name)
                    assert message["seq"] == self.seen.get(session, 0) + 1, message
                    self.seen[session] = message["seq"]

    @invariant()
    def the_log_makes_the_lesson(self) -> None:
        assert folded(self.stage.events) == self.stage.room.lesson

    @invariant()
    def numbers_have_no_gap(self) -> None:
        self.attached -= {name for name in self.stage.hung_up if name in self.attached and not self._lives(name)}
        self.listen()

    def _lives(self, name: str) -> bool:
        return any(whose == name and s in self.stage.room.sessions for s, whose in self.stage.names.items())

    @invariant()
    def no_room_is_heard_without_the_floor(self) -> None:
        told = [order for order in self.stage.orders if isinstance(order, node.DesiredLesson)]
        if self.stage.room.node_lost_at_s is None and told:
            holder = self.stage.room.lesson.floor.holder
            voices = [track for track in told[-1].open if track.endswith(":room_mic")]
            assert all(track == f"{holder}:room_mic" for track in voices)

    @invariant()
    def nobody_sits_where_nobody_joined(self) -> None:
        room = self.stage.room
        for seat, place in room.lesson.seats.items():
            assert place.session is None or place.session in room.sessions
            for connection in room.media.held(seat):
                assert place.session is not None or room.lesson.over, (seat, connection)

    @invariant()
    def what_is_said_to_be_published_is_at_the_node(self) -> None:
        room = self.stage.room
        if room.lesson.running:
            for seat, place in room.lesson.seats.items():
                assert set(place.sources) == set(room.media.sources(room.lesson, seat))

    @invariant()
    def the_node_is_told_of_tracks_that_exist(self) -> None:
        told = [order for order in self.stage.orders if isinstance(order, node.DesiredLesson)]
        if not told or self.stage.room.node_lost_at_s is not None:
            return
        tracks = {t.track: t for peer in self.stage.room.media.peers.values() for t in peer.tracks}
        for binding in told[-1].bindings:
            peer = self.stage.room.media.peers[(binding.seat, "subscribe")]
            slot = next(slot for slot in peer.slots if slot.mid == binding.mid)
            assert tracks[binding.track].kind == slot.kind == kind_of(tracks[binding.track].source)
            assert tracks[binding.track].codec in peer.codecs
            assert not binding.track.startswith(f"{binding.seat}:")
        assert {right.seat for right in told[-1].seats} <= {SeatId(name) for name in PUBLISHED}
        assert told[-1].lesson == LESSON


TestAnyLesson = AnyLesson.TestCase
TestAnyLesson.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
