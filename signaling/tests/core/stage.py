"""A room with a stepped clock, and conversations written down line by line.

`lead >> hand up=true` is what a client says; the `lead << …` lines that follow are all that clients then hear, each
client's in order. Values are JSON without spaces; what is not JSON is text; `a.b=` looks inside.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from signaling.core import arrivals, conversation, node_side, office
from signaling.core.lesson import folded
from signaling.core.outcome import Ask, Instant, Outcome
from signaling.core.room import Room
from signaling.messages import events as ev
from signaling.messages import node
from signaling.messages.client import Hello, Resume
from signaling.messages.ids import Connection, LessonId, Mid, Role, SeatId, SessionId, Source, kind_of, track_id
from signaling.messages.wire import FROM_CLIENT, TO_CLIENT

LESSON = LessonId("L0000000001")
SEATS: dict[str, Role] = {
    "lead": "lead",
    "east": "room",
    "west": "room",
    "aide": "assistant",
    "ear": "listener",
    "guest": "attendee",
}
CLASSROOMS = {"lead": "主校", "east": "东村", "west": "西村"}


def created(mode: str = "dedicated", policy: ev.RecordingPolicy | None = None) -> ev.LessonCreated:
    """The first event of every lesson here."""
    policy = policy or ev.RecordingPolicy()
    return office.created(LESSON, "第3节", mode, ("主校", "东村", "西村"), policy, "operator")  # type: ignore[arg-type]


def invitations(*seats: str) -> tuple[ev.SeatInvited, ...]:
    """Seats with the role that belongs to their name."""
    return tuple(ev.SeatInvited(SeatId(s), SEATS[s], CLASSROOMS.get(s, s), "operator") for s in seats)


@dataclass
class Stage:
    """One lesson, its clients by name, and everything that happened."""

    seats: tuple[str, ...] = ("lead", "east", "west")
    open: bool = True
    policy: ev.RecordingPolicy | None = None
    now_s: float = 1000.0
    versions: tuple[int, ...] = (1,)
    """What its clients speak."""
    events: list[ev.Event] = field(default_factory=list)
    heard: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    orders: list[object] = field(default_factory=list)
    hung_up: dict[str, int] = field(default_factory=dict)
    names: dict[SessionId, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = created(policy=self.policy)
        self.events = [first, *invitations(*self.seats), *([ev.LessonOpened("operator")] if self.open else [])]
        self.room = Room(folded(self.events), self.now)
        self._ids = count(1)

    @property
    def now(self) -> Instant:
        """The stepped clock."""
        return Instant(self.now_s, int(self.now_s * 1000))

    def do(self, act: Callable[..., Outcome], *args: object) -> Outcome:
        """Takes one step of the room and keeps all that came of it."""
        return self.keep(act(self.room, *args, self.now))

    def keep(self, outcome: Outcome) -> Outcome:
        """Files an outcome."""
        self.events += outcome.events
        self.orders += outcome.orders
        for send in outcome.sends:
            self._hear(send.session, json.loads(TO_CLIENT.encode(send.message)))
        for hangup in outcome.hangups:
            self._hear(hangup.session, json.loads(TO_CLIENT.encode(hangup.bye)))
            self.hung_up[self.names[hangup.session]] = hangup.close_code
        return outcome

    def hello(
        self, name: str, seat: str | None = None, resume: tuple[str, int] | None = None, *, offer: bool = False
    ) -> dict[str, Any]:
        """A client called `name` says hello; gives back its welcome."""
        asked = None if resume is None else Resume(SessionId(resume[0]), resume[1])
        fresh = SessionId(f"X-{name}-{next(self._ids)}")
        hello = Hello(self.versions, "test/1", asked, offer)
        session, outcome = arrivals.attach(self.room, SeatId(seat or name), hello, fresh, self.now)
        for old in [s for s, n in self.names.items() if n == name]:
            del self.names[old]
        self.names[session] = name
        self.heard.pop(name, None)
        self.keep(outcome)
        return self.heard[name].pop(0)

    def join(self, *names: str) -> None:
        """Clients come and sit down; what they hear of it is forgotten."""
        for name in names:
            self.hello(name)
            self.say(name, "join")
        self.heard.clear()

    def say(self, name: str, kind: str, **fields: Any) -> None:
        """A client says something."""
        fields.setdefault("id", f"#{next(self._ids)}")
        message = FROM_CLIENT.decode(json.dumps({"type": kind, **fields}))
        self.do(conversation.receive, self.session(name), message)

    def lose(self, name: str) -> None:
        """A client's WebSocket breaks."""
        self.do(arrivals.detach, self.session(name))

    def later(self, seconds: float) -> None:
        """Time passes, and the room does what waited for it."""
        self.now_s += seconds
        self.do(arrivals.tick)

    def session(self, name: str) -> SessionId:
        """The session of a client."""
        return next(session for session, whose in self.names.items() if whose == name)

    def take(self, name: str) -> list[dict[str, Any]]:
        """What a client has heard since it was last asked."""
        return self.heard.pop(name, [])

    def converse(self, script: str) -> None:
        """Plays a conversation; every message that a client hears must be written down."""
        for line in script.strip().splitlines():
            name, arrow, kind, *rest = line.split()
            fields = dict(_field(part) for part in rest)
            if arrow == ">>":
                self._nothing_left(before=line)
                self.say(name, kind, **fields)
            else:
                self._expect(name, kind, fields, line)
        self._nothing_left(before="the end")

    def node_up(self, *peers: node.PeerState) -> Outcome:
        """The node says hello with these peers."""
        return self.do(node_side.node_up, peers)

    def node_has(self, peer: node.PeerState) -> Outcome:
        """The node tells of a peer."""
        return self.do(node_side.peer_changed, peer)

    def node_lost(self, seat: str, connection: Connection, reason: str, session: SessionId | None = None) -> Outcome:
        """The node tells that a peer is gone."""
        return self.do(node_side.peer_gone, node.PeerGone(LESSON, SeatId(seat), connection, reason, session))

    def answer(self, ask: Ask, answer: node.NodeMessage | None) -> Outcome:
        """The node answers a request, or nobody does."""
        return self.keep(conversation.answered(self.room, ask, answer))

    def asks(self) -> list[Ask]:
        """Requests to the node, and forgets them."""
        found = [order for order in self.orders if isinstance(order, Ask)]
        self.orders = [order for order in self.orders if not isinstance(order, Ask)]
        return found

    def desired(self) -> node.DesiredLesson:
        """What the node was last told."""
        return [order for order in self.orders if isinstance(order, node.DesiredLesson)][-1]

    def _hear(self, session: SessionId, message: dict[str, Any]) -> None:
        self.heard.setdefault(self.names[session], []).append(message)

    def _expect(self, name: str, kind: str, fields: dict[str, Any], line: str) -> None:
        waiting = self.heard.get(name, [])
        assert waiting, f"{line!r}: {name} heard nothing more"
        message = waiting.pop(0)
        assert message["type"] == kind, f"{line!r}: {name} heard {message}"
        for path, value in fields.items():
            assert _inside(message, path) == value, f"{line!r}: {name} heard {message}"

    def _nothing_left(self, before: str) -> None:
        left = {name: messages for name, messages in self.heard.items() if messages}
        assert not left, f"before {before!r}: not written down: {left}"


def publisher(
    seat: str, *tracks: str | tuple[str, str], flowing: bool = True, origin: str = "control"
) -> node.PeerState:
    """A publish connection; a track is a source, or (source, codec), or (source, "copy")."""
    states = []
    for track in tracks:
        source, codec = (track, None) if isinstance(track, str) else track
        states.append(_track(SeatId(seat), source, codec, flowing))  # type: ignore[arg-type]
    return node.PeerState(LESSON, SeatId(seat), "publish", origin, True, tuple(states))  # type: ignore[arg-type]


def _track(seat: SeatId, source: Source, codec: str | None, flowing: bool) -> node.TrackState:
    copy = "vp8" if codec == "copy" else None
    spoken = copy or codec or ("h264" if kind_of(source) == "video" else "opus")
    return node.TrackState(track_id(seat, source, copy), source, kind_of(source), spoken, flowing, copy)


def subscriber(
    seat: str,
    video: int = 5,
    audio: int = 4,
    codecs: tuple[str, ...] = ("h264", "vp8", "opus"),
    origin: str = "control",
) -> node.PeerState:
    """A subscribe connection with slots v0… and a0…"""
    slots = tuple(node.SlotPlace(Mid(f"v{i}"), "video") for i in range(video))
    slots += tuple(node.SlotPlace(Mid(f"a{i}"), "audio") for i in range(audio))
    return node.PeerState(LESSON, SeatId(seat), "subscribe", origin, True, (), slots, codecs)  # type: ignore[arg-type]


def _field(part: str) -> tuple[str, Any]:
    name, _, text = part.partition("=")
    try:
        return name, json.loads(text)
    except ValueError:
        return name, text


def _inside(message: dict[str, Any], path: str) -> Any:
    value: Any = message
    for name in path.split("."):
        value = value[name]
    return value
