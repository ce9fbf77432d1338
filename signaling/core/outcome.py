"""What a room decides, as data: events to store first, then messages, hang-ups, and orders to the node."""

from dataclasses import dataclass

from signaling.messages.client import Bye, ServerMessage
from signaling.messages.events import Event
from signaling.messages.ids import SeatId, SessionId
from signaling.messages.node import AnswerSubscribe, ClosePeer, DesiredLesson, OfferPublish, OpenSubscriber


@dataclass(frozen=True, slots=True)
class Instant:
    """Now, on the clock that never jumps and on the wall."""

    steady_s: float
    wall_ms: int


@dataclass(frozen=True, slots=True)
class Send:
    """One message to one session; `seat` is for the log, which names no session."""

    session: SessionId
    seat: SeatId
    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Hangup:
    """Closes a session's WebSocket after a last word."""

    session: SessionId
    seat: SeatId
    bye: Bye
    close_code: int


Request = OfferPublish | OpenSubscriber | AnswerSubscribe


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to the node whose answer is the reply to a client's message, or (None) is kept for its join."""

    session: SessionId
    reply_to: str | None
    request: Request


Order = DesiredLesson | ClosePeer | Ask


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that follows from one input, in the order in which it is to be done."""

    events: tuple[Event, ...] = ()
    sends: tuple[Send, ...] = ()
    hangups: tuple[Hangup, ...] = ()
    orders: tuple[Order, ...] = ()


CLOSE_WRONG_HELLO = 4000
CLOSE_NOT_AUTHENTICATED = 4001
CLOSE_REPLACED = 4003
CLOSE_ENDED = 4004
CLOSE_SLOW = 4008
CLOSE_FLOOD = 4009
CLOSE_RESTARTING = 4010
