"""What happened in a lesson: the append-only log that its state is folded from.

`by` is a seat, or `operator` or `system`.
"""

from dataclasses import dataclass
from typing import Literal

from signaling.messages.ids import Cue, LessonId, Mode, Role, SeatId, SessionId, Source, TakeState


@dataclass(frozen=True, slots=True)
class RecordingPolicy:
    """What may be taken of a lesson, who enabled pupils' pictures and voices, and on what basis."""

    sources: tuple[Source, ...] = ("teacher", "board", "courseware", "teacher_mic", "courseware_audio")
    enabled_by: str | None = None
    """The named person who enabled `students` or `room_mic`; required when either is taken."""
    basis: str | None = None
    """The stated basis, as `guardian consent, register 2026-09`."""
    muted_sound: bool = False
    """`room_mic` is taken of rooms that do not hold the floor, too; needs a person and a basis like the pupils."""


@dataclass(frozen=True, slots=True)
class LessonCreated:
    lesson: LessonId
    title: str
    mode: Mode
    lead_classroom: str
    rural_classrooms: tuple[str, ...]
    policy: RecordingPolicy
    by: str
    school: str = ""
    """Whose lesson it is; empty: the lead classroom's name says it."""
    teacher: str = ""
    """Who teaches, as the library shows it."""
    type: Literal["lesson_created"] = "lesson_created"


@dataclass(frozen=True, slots=True)
class LessonOpened:
    by: str
    type: Literal["lesson_opened"] = "lesson_opened"


@dataclass(frozen=True, slots=True)
class LessonStarted:
    """The lead's media flows: the lesson is live."""

    by: str
    type: Literal["lesson_started"] = "lesson_started"


@dataclass(frozen=True, slots=True)
class LessonEnded:
    by: str
    type: Literal["lesson_ended"] = "lesson_ended"


@dataclass(frozen=True, slots=True)
class LessonCancelled:
    """It did not take place."""

    by: str
    type: Literal["lesson_cancelled"] = "lesson_cancelled"


@dataclass(frozen=True, slots=True)
class LessonArchived:
    """What was taken of it is in the library; nothing of it changes any more."""

    by: str
    type: Literal["lesson_archived"] = "lesson_archived"


@dataclass(frozen=True, slots=True)
class SeatInvited:
    seat: SeatId
    role: Role
    classroom: str
    by: str
    type: Literal["seat_invited"] = "seat_invited"


@dataclass(frozen=True, slots=True)
class SeatTaken:
    """A client joined; a session that sat there before is replaced."""

    seat: SeatId
    session: SessionId
    type: Literal["seat_taken"] = "seat_taken"


@dataclass(frozen=True, slots=True)
class SeatLeft:
    seat: SeatId
    session: SessionId
    reason: str
    type: Literal["seat_left"] = "seat_left"


@dataclass(frozen=True, slots=True)
class SourceStarted:
    seat: SeatId
    source: Source
    type: Literal["source_started"] = "source_started"


@dataclass(frozen=True, slots=True)
class SourceStopped:
    seat: SeatId
    source: Source
    type: Literal["source_stopped"] = "source_stopped"


@dataclass(frozen=True, slots=True)
class HandMoved:
    seat: SeatId
    up: bool
    type: Literal["hand_moved"] = "hand_moved"


@dataclass(frozen=True, slots=True)
class FloorRequested:
    seat: SeatId
    type: Literal["floor_requested"] = "floor_requested"


@dataclass(frozen=True, slots=True)
class FloorGiven:
    seat: SeatId
    by: str
    type: Literal["floor_given"] = "floor_given"


@dataclass(frozen=True, slots=True)
class FloorTaken:
    """The floor went back to the lead."""

    seat: SeatId
    by: str
    type: Literal["floor_taken"] = "floor_taken"


@dataclass(frozen=True, slots=True)
class FloorReleased:
    """A room gave the floor back or withdrew its request."""

    seat: SeatId
    type: Literal["floor_released"] = "floor_released"


@dataclass(frozen=True, slots=True)
class TakeChanged:
    """The recorder began, stopped or failed to take a source."""

    seat: SeatId
    source: Source
    state: TakeState
    sentence: str | None
    by: str
    """The recorder's name, or `system` when it is away."""
    type: Literal["take_changed"] = "take_changed"


@dataclass(frozen=True, slots=True)
class PicturesFitted:
    """What a seat sees became less, or more again, as its line carries it; what changes in quick succession is one."""

    seat: SeatId
    level: int
    """Of the ladder of pictures, 0 to 5."""
    bit_rate: int | None
    """None once everything is whole again."""
    sentence: str
    type: Literal["pictures_fitted"] = "pictures_fitted"


@dataclass(frozen=True, slots=True)
class RecordingPaused:
    """Nothing is to be recorded until it is resumed."""

    by: str
    type: Literal["recording_paused"] = "recording_paused"


@dataclass(frozen=True, slots=True)
class RecordingResumed:
    by: str
    type: Literal["recording_resumed"] = "recording_resumed"


@dataclass(frozen=True, slots=True)
class LessonPaused:
    """The emergency stop: nobody is seen or heard until it is resumed; the recording's pause is another thing."""

    by: str
    type: Literal["lesson_paused"] = "lesson_paused"


@dataclass(frozen=True, slots=True)
class LessonResumed:
    by: str
    type: Literal["lesson_resumed"] = "lesson_resumed"


@dataclass(frozen=True, slots=True)
class LessonShutDown:
    """The emergency end; the normal one is `lesson_ended`."""

    by: str
    type: Literal["lesson_shut_down"] = "lesson_shut_down"


@dataclass(frozen=True, slots=True)
class TextSent:
    """A line between teachers; the log keeps that it was sent, its length, never its words."""

    seat: SeatId
    length: int
    type: Literal["text_sent"] = "text_sent"


@dataclass(frozen=True, slots=True)
class PrivateSent:
    """A line between the lead and an assistant; the log keeps its length, never its words."""

    seat: SeatId
    to: SeatId
    length: int
    type: Literal["private_sent"] = "private_sent"


@dataclass(frozen=True, slots=True)
class CueSent:
    """A seat asks something of the lead, in place of what it asked before."""

    seat: SeatId
    cue: Cue
    type: Literal["cue_sent"] = "cue_sent"


@dataclass(frozen=True, slots=True)
class CueEnded:
    """The lead has seen a seat's cue, or the seat has taken it back."""

    seat: SeatId
    by: SeatId
    type: Literal["cue_ended"] = "cue_ended"


Event = (
    LessonCreated
    | LessonOpened
    | LessonStarted
    | LessonEnded
    | LessonCancelled
    | LessonArchived
    | SeatInvited
    | SeatTaken
    | SeatLeft
    | SourceStarted
    | SourceStopped
    | HandMoved
    | FloorRequested
    | FloorGiven
    | FloorTaken
    | FloorReleased
    | TakeChanged
    | PicturesFitted
    | RecordingPaused
    | RecordingResumed
    | LessonPaused
    | LessonResumed
    | LessonShutDown
    | TextSent
    | PrivateSent
    | CueSent
    | CueEnded
)
