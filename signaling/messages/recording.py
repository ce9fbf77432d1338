"""The conversation between the recorder and signaling: which lessons are to be taken, and what is taken of them."""

from dataclasses import dataclass
from typing import Literal

from signaling.messages.client import TakenSource
from signaling.messages.events import RecordingPolicy
from signaling.messages.ids import LessonId, SeatId, SpaceLevel

VERSIONS = (2, 1)
"""Newest first; 2 brought `space_left`."""


@dataclass(frozen=True, slots=True)
class RecorderHello:
    """First message after the WebSocket opened with the recorder's bearer token."""

    versions: tuple[int, ...]
    recorder: str
    """Its name, for the log and for who sees what is taken."""
    type: Literal["recorder_hello"] = "recorder_hello"


@dataclass(frozen=True, slots=True)
class WantTake:
    """The token of this take is no longer good."""

    lesson: LessonId
    type: Literal["want_take"] = "want_take"


@dataclass(frozen=True, slots=True)
class TakeStates:
    """The whole truth about one take; what it does not name is `waiting`."""

    lesson: LessonId
    sources: tuple[TakenSource, ...]
    paused: bool = False
    """It has heard of the pause, and writes nothing until it hears of its end."""
    type: Literal["take_state"] = "take_state"


@dataclass(frozen=True, slots=True)
class SpaceLeft:
    """How long the recorder's disk lasts for what is being taken now; whenever that changes, and every few seconds."""

    free_bytes: int
    bytes_per_s: int
    """Of all takes together."""
    lasts_s: int | None
    """None while nothing is written."""
    level: SpaceLevel
    sentence: str = ""
    """What is to be done, for the operator; empty while there is enough."""
    refused: tuple[LessonId, ...] = ()
    """Lessons that are not recorded, as they might not fit."""
    type: Literal["space_left"] = "space_left"


RecorderMessage = RecorderHello | WantTake | TakeStates | SpaceLeft


@dataclass(frozen=True, slots=True)
class RecordingHello:
    """Answers `recorder_hello`."""

    version: int
    lessons: tuple[LessonId, ...]
    """All that are to be taken; every other take is over. A `take` for each follows."""
    type: Literal["recording_hello"] = "recording_hello"


@dataclass(frozen=True, slots=True)
class Take:
    """A lesson that is to be taken from now until `take_ended`."""

    lesson: LessonId
    title: str
    policy: RecordingPolicy
    seat: SeatId
    """The recorder's seat in it."""
    token: str
    """Opens `/ws` for that seat, as bearer."""
    school: str = ""
    teacher: str = ""
    classrooms: tuple[str, ...] = ()
    """All that take part, the lead's first, whether or not anything is taken of them."""
    type: Literal["take"] = "take"


@dataclass(frozen=True, slots=True)
class TakeEnded:
    """The lesson is over, or unknown here."""

    lesson: LessonId
    reason: str
    type: Literal["take_ended"] = "take_ended"


@dataclass(frozen=True, slots=True)
class RefusedState:
    """A `take_state` changed nothing."""

    lesson: LessonId
    code: str
    sentence: str
    type: Literal["refused_state"] = "refused_state"


RecordingMessage = RecordingHello | Take | TakeEnded | RefusedState
