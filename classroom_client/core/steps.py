"""What happens to a client session, and what it orders done: data in, data out."""

from dataclasses import dataclass

from classroom_client.core.diagnosis import Trouble
from signaling.messages.client import ClientMessage, PublishedSource, ServerMessage
from signaling.messages.ids import Connection, Role, SeatId, Source


@dataclass(frozen=True, slots=True)
class Started:
    """The client shall take its seat."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The code was exchanged; the shell keeps the token."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The WebSocket is open."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Exchange, dialling or the WebSocket came to an end."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Heard:
    """The server said something."""

    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Offered:
    """The publish connection has its offer."""

    round: int
    sdp: str
    sources: tuple[PublishedSource, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """The subscribe connection has its answer."""

    round: int
    number: int
    sdp: str


@dataclass(frozen=True, slots=True)
class MediaFailed:
    """A connection to the node did not come about, or broke."""

    connection: Connection
    round: int
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Stopped:
    """The client shall leave."""


Input = Started | Admitted | Opened | Failed | Heard | Offered | Answered | MediaFailed | Stopped


@dataclass(frozen=True, slots=True)
class Exchange:
    """Exchange the code for a token."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Open a WebSocket, in place of any before."""


@dataclass(frozen=True, slots=True)
class Say:
    """Send this message."""

    message: ClientMessage


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """Build the publish connection, or widen it within a round; wants `Offered`. `round` counts the connections."""

    round: int
    copies: tuple[Source, ...] = ()
    """Pictures to send a second time in VP8, for viewers without H.264."""


@dataclass(frozen=True, slots=True)
class TakeAnswer:
    """The node's answer for the publish connection."""

    round: int
    sdp: str


@dataclass(frozen=True, slots=True)
class MakeAnswer:
    """Build the subscribe connection; wants `Answered`."""

    round: int
    number: int
    sdp: str


@dataclass(frozen=True, slots=True)
class CloseMedia:
    """Close what there is of this connection."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Tell:
    """One line for the person in the classroom."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class TakenSeat:
    """The seat is ours."""

    seat: SeatId
    role: Role
    classroom: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Close everything; the session is over. Without trouble it was stopped."""

    trouble: Trouble | None


Order = Exchange | Dial | Say | MakeOffer | TakeAnswer | MakeAnswer | CloseMedia | Tell | TakenSeat | Finish
