"""One page or client on a seat: what it may have missed, what it was answered."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field, replace
from typing import Final

from signaling.messages.client import (
    Cues,
    Done,
    FloorChanged,
    Joined,
    LessonChanged,
    Lines,
    Offer,
    Pause,
    Private,
    Published,
    RecordingChanged,
    Refused,
    Rejoin,
    Republish,
    SeatChanged,
    Slots,
    SourceChanged,
    SourceEnded,
    Space,
    SubscribeOffer,
    Taking,
    Text,
    Watched,
)
from signaling.messages.ids import Connection, SeatId, SessionId

Numbered = (
    Slots
    | SeatChanged
    | SourceChanged
    | SourceEnded
    | FloorChanged
    | Text
    | Private
    | Cues
    | Republish
    | Rejoin
    | Watched
    | Taking
    | Lines
    | Space
    | RecordingChanged
    | Pause
    | LessonChanged
)
Reply = Done | Refused | Joined | Published | SubscribeOffer

KEPT_MESSAGES: Final = 256
"""A lesson of five classrooms changes less than this in 30 s; who missed more gets a snapshot."""
KEPT_REPLIES: Final = 64
"""A client that reconnects repeats at most what it had in flight."""


class Outbox:
    """Numbers the messages of a session and keeps the last of them for a client that lost its WebSocket."""

    def __init__(self, kept: int = KEPT_MESSAGES) -> None:
        self.seq = 0
        self._kept: deque[Numbered] = deque(maxlen=kept)

    def numbered(self, message: Numbered) -> Numbered:
        """The message with the next number, kept for later."""
        self.seq += 1
        message = replace(message, seq=self.seq)
        self._kept.append(message)
        return message

    def since(self, last_seq: int) -> tuple[Numbered, ...] | None:
        """All that came after `last_seq`, or None when some of it is forgotten."""
        missed = self.seq - last_seq
        if missed < 0 or missed > len(self._kept):
            return None
        return tuple(self._kept)[len(self._kept) - missed :]


class Replies:
    """The answers to the last message ids; an id that still waits has none yet."""

    def __init__(self, kept: int = KEPT_REPLIES) -> None:
        self._kept = kept
        self._replies: OrderedDict[str, Reply | None] = OrderedDict()

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._replies

    def get(self, message_id: str) -> Reply | None:
        """The answer that this id was given."""
        return self._replies.get(message_id)

    def keep(self, message_id: str, reply: Reply | None) -> None:
        """Remembers the answer, and forgets the oldest."""
        self._replies[message_id] = reply
        while len(self._replies) > self._kept:
            self._replies.popitem(last=False)


@dataclass(slots=True)
class Door:
    """The subscriber's offer that is made before anyone asks for it."""

    ahead: bool = False
    """It is told the offer before it joins."""
    asked: bool = False
    """The node is making it."""
    offer: Offer | None = None
    waiting: str | None = None
    """The id of the join that its answer is waited for."""
    until_s: float = 0.0
    """How long that join waits."""


@dataclass(slots=True)
class Session:
    """What a room holds of one client."""

    id: SessionId
    seat: SeatId
    version: int = 1
    """Of the protocol, as its newest WebSocket speaks it."""
    outbox: Outbox = field(default_factory=Outbox)
    replies: Replies = field(default_factory=Replies)
    lost_at_s: float | None = None
    """When its WebSocket went; None while it has one."""
    forgotten: bool = False
    """Restored from the log: what it was sent before is not known."""
    hoped_for: set[Connection] = field(default_factory=set)
    """Connections that it believes in or was refused while the node was away."""
    door: Door = field(default_factory=Door)

    @property
    def connected(self) -> bool:
        """It has a WebSocket."""
        return self.lost_at_s is None

    def missed(self, last_seq: int) -> tuple[Numbered, ...] | None:
        """What a resuming client has missed; `rejoin` is emptied, as `welcome` names what lives."""
        missed = None if self.forgotten else self.outbox.since(last_seq)
        if missed is None:
            return None
        return tuple(replace(m, connections=()) if isinstance(m, Rejoin) else m for m in missed)
