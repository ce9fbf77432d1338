"""What goes over HTTP: bodies of the routes that PROTOCOL.md lists."""

from dataclasses import dataclass

from signaling.messages.client import Seat
from signaling.messages.events import RecordingPolicy
from signaling.messages.ids import Connection, LessonId, LessonState, Mode, Role, SeatId, Source, SpaceLevel


@dataclass(frozen=True, slots=True)
class CreateLesson:
    """Plans a lesson."""

    title: str
    lead_classroom: str
    rural_classrooms: tuple[str, ...]
    mode: Mode = "dedicated"
    policy: RecordingPolicy | None = None
    """Without one: everything but pupils' pictures and voices."""
    school: str = ""
    """Whose lesson it is; without it the library shows the lead classroom."""
    teacher: str = ""


@dataclass(frozen=True, slots=True)
class LessonView:
    """A lesson with its seats."""

    lesson: LessonId
    title: str
    mode: Mode
    state: LessonState
    lead_classroom: str
    rural_classrooms: tuple[str, ...]
    policy: RecordingPolicy
    seats: tuple[Seat, ...]
    school: str = ""
    teacher: str = ""


@dataclass(frozen=True, slots=True)
class LessonList:
    """Lessons, newest first."""

    lessons: tuple[LessonView, ...]


@dataclass(frozen=True, slots=True)
class Invite:
    """Makes a seat, or a new code for one that is there."""

    role: Role
    classroom: str
    lifetime_s: int = 3600
    """How long the code can be used: a minute to a week."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time code and the link that carries it."""

    code: str
    link: str
    seat: SeatId
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class StartSession:
    """Exchanges a code."""

    code: str
    bearer: bool = False
    """True: the answer holds a token. False: a cookie is set."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """Whose seat a cookie or token opens."""

    lesson: LessonId
    seat: SeatId
    role: Role
    classroom: str
    token: str | None = None
    library: bool = False
    """There is a library, and this seat may ask for a code that opens it."""


@dataclass(frozen=True, slots=True)
class WantMediaToken:
    """Asks for a token for WHIP (`publish`) or WHEP (`subscribe`)."""

    connection: Connection
    video: Source | None = None
    """What the offer's first video section is; without it the first that the seat may publish."""
    audio: Source | None = None


@dataclass(frozen=True, slots=True)
class MediaToken:
    """Opens one connection at the node."""

    token: str
    url: str
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class LibraryCode:
    """Opens the library once."""

    code: str
    link: str
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class Health:
    """Signaling answers; `node` tells whether it has reached its node."""

    alive: bool
    node: bool


@dataclass(frozen=True, slots=True)
class RecorderView:
    """Whether the recorder is there, and how long its disk lasts for what is being taken now."""

    connected: bool
    recorder: str = ""
    level: SpaceLevel | None = None
    """None while it has not said."""
    free_bytes: int | None = None
    bytes_per_s: int | None = None
    """Of all takes together."""
    lasts_s: int | None = None
    """None while nothing is written."""
    sentence: str = ""
    """What is to be done; empty while there is enough."""
    refused: tuple[LessonId, ...] = ()
    """Lessons that are not recorded, as they might not fit."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request changed nothing; `code` is stable, `sentence` is for people."""

    code: str
    sentence: str
