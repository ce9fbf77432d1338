"""What a page or client says to signaling, in the order of a lesson."""

from dataclasses import dataclass
from typing import Literal

from signaling.messages.ids import Cue, Mid, SeatId, SessionId, Source

VERSIONS = (4, 3, 2, 1)
"""Protocol versions that are spoken, newest first; 2 brought `watched`, 3 `pause`, 4 `cues`, `private`, `space`."""


@dataclass(frozen=True, slots=True)
class Resume:
    """What a client that lost its WebSocket still holds."""

    session: SessionId
    last_seq: int
    """The highest `seq` it has received."""


@dataclass(frozen=True, slots=True)
class Hello:
    """First message of every WebSocket."""

    versions: tuple[int, ...]
    client: str
    """Name and version, for the log: `page/0.1.0`."""
    resume: Resume | None = None
    offer: bool = False
    """Wants `door_offer` before it joins."""
    type: Literal["hello"] = "hello"


@dataclass(frozen=True, slots=True)
class Join:
    """Takes the seat; whoever sat on it before is replaced."""

    id: str
    offer: bool = False
    """Wants `joined` with the subscriber's offer as the reply, instead of `done`."""
    type: Literal["join"] = "join"


@dataclass(frozen=True, slots=True)
class PublishedSource:
    """Which source a media section of the offer carries."""

    mid: Mid
    source: Source
    copy: str | None = None
    """`vp8` when this is the extra copy that `republish` asked for."""


@dataclass(frozen=True, slots=True)
class Publish:
    """An offer for the publish connection; a later one adds or ends sources, restarts ICE, or starts it anew."""

    id: str
    sdp: str
    sources: tuple[PublishedSource, ...]
    type: Literal["publish"] = "publish"


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Asks for the subscriber connection; without numbers the role's slots are given."""

    id: str
    video_slots: int | None = None
    audio_slots: int | None = None
    restart: bool = False
    """Restarts the ICE of the connection that lives."""
    type: Literal["subscribe"] = "subscribe"


@dataclass(frozen=True, slots=True)
class SubscribeAnswer:
    """Answers the offer of this number; an answer to an older one is refused."""

    id: str
    number: int
    sdp: str
    type: Literal["subscribe_answer"] = "subscribe_answer"


@dataclass(frozen=True, slots=True)
class Hand:
    """Raises or lowers the hand."""

    id: str
    up: bool
    type: Literal["hand"] = "hand"


@dataclass(frozen=True, slots=True)
class FloorRequest:
    """A room asks to be heard."""

    id: str
    type: Literal["floor_request"] = "floor_request"


@dataclass(frozen=True, slots=True)
class FloorGive:
    """The lead gives the floor to a room; whoever held it loses it."""

    id: str
    seat: SeatId
    type: Literal["floor_give"] = "floor_give"


@dataclass(frozen=True, slots=True)
class FloorTake:
    """The lead takes the floor back."""

    id: str
    type: Literal["floor_take"] = "floor_take"


@dataclass(frozen=True, slots=True)
class FloorRelease:
    """A room gives the floor back, or withdraws its request."""

    id: str
    type: Literal["floor_release"] = "floor_release"


@dataclass(frozen=True, slots=True)
class SendText:
    """A line to the other teachers of the lesson."""

    id: str
    body: str
    type: Literal["send_text"] = "send_text"


@dataclass(frozen=True, slots=True)
class SendPrivate:
    """A line from an assistant to the lead, or from the lead to one assistant; nobody else reads it."""

    id: str
    to: SeatId
    body: str
    type: Literal["send_private"] = "send_private"


@dataclass(frozen=True, slots=True)
class SendCue:
    """Asks something of the lead with one touch, in place of what was asked before; null takes it back."""

    id: str
    cue: Cue | None
    type: Literal["send_cue"] = "send_cue"


@dataclass(frozen=True, slots=True)
class CueSeen:
    """The lead has seen a seat's cue, which is over with that."""

    id: str
    seat: SeatId
    type: Literal["cue_seen"] = "cue_seen"


@dataclass(frozen=True, slots=True)
class PauseRecording:
    """The lead has nothing recorded for a while, or lets the recording go on; the lesson goes on all the same."""

    id: str
    paused: bool
    type: Literal["pause_recording"] = "pause_recording"


@dataclass(frozen=True, slots=True)
class PauseLesson:
    """Stops all pictures, sound and talk of the whole lesson at once."""

    id: str
    type: Literal["pause_lesson"] = "pause_lesson"


@dataclass(frozen=True, slots=True)
class ResumeLesson:
    """Lets the lesson that was paused go on."""

    id: str
    type: Literal["resume_lesson"] = "resume_lesson"


@dataclass(frozen=True, slots=True)
class ShutDown:
    """Ends the lesson at once because it is out of control."""

    id: str
    type: Literal["shut_down"] = "shut_down"


@dataclass(frozen=True, slots=True)
class End:
    """The lead ends the lesson."""

    id: str
    type: Literal["end"] = "end"


@dataclass(frozen=True, slots=True)
class Leave:
    """Gives the seat up; both connections close."""

    id: str
    type: Literal["leave"] = "leave"


ClientMessage = (
    Hello
    | Join
    | Publish
    | Subscribe
    | SubscribeAnswer
    | Hand
    | FloorRequest
    | FloorGive
    | FloorTake
    | FloorRelease
    | SendText
    | SendPrivate
    | SendCue
    | CueSeen
    | PauseRecording
    | PauseLesson
    | ResumeLesson
    | ShutDown
    | End
    | Leave
)
