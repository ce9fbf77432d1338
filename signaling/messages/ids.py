"""Names of things that travel in messages."""

import zlib
from typing import Literal, NewType

LessonId = NewType("LessonId", str)
SeatId = NewType("SeatId", str)
"""A place in one lesson, given by an invitation: a role for a classroom."""
SessionId = NewType("SessionId", str)
"""One page or client that sits on a seat, across lost WebSockets."""
TrackId = NewType("TrackId", str)
"""`{seat}:{source}`, with `:{codec}` behind it for the extra copy in another codec."""
Mid = NewType("Mid", str)
"""Names a media section of one connection (RFC 8843); a slot is a mid of the subscriber connection."""
BootId = NewType("BootId", str)
"""Changes whenever a node's process starts anew."""

Mode = Literal["dedicated", "master_teacher", "famous_school"]
Role = Literal["lead", "assistant", "room", "listener", "attendee", "reviewer", "patrol", "recorder", "operator"]
Source = Literal["teacher", "students", "board", "courseware", "teacher_mic", "room_mic", "courseware_audio"]
Kind = Literal["audio", "video"]
Connection = Literal["publish", "subscribe"]
Priority = Literal["courseware", "teacher", "floor_holder", "other_room"]
"""What a picture is worth to a lesson, where a line does not carry all; sound is worth more."""
FitCause = Literal["line", "pictures", "room", "begun", "kept"]
"""Why what a viewer sees was fitted anew: its line carries less, pictures are richer or more, there is room again,
something began, or something went."""
LessonState = Literal["planned", "open", "live", "ended", "archived", "cancelled"]
TakeState = Literal["waiting", "recording", "paused", "stopped", "failed"]
SpaceLevel = Literal["enough", "short", "full"]
"""Of the recorder's disk: `short` will not last, `full` takes nothing."""
Cue = Literal["slower", "repeat", "cannot_hear", "cannot_see"]
"""What an assistant asks of the lead with one touch."""
RecordingPause = Literal["off", "asked", "held"]
"""`asked` by the lead, `held` once the recorder says so."""

VIDEO_SOURCES: tuple[Source, ...] = ("teacher", "students", "board", "courseware")
AUDIO_SOURCES: tuple[Source, ...] = ("teacher_mic", "room_mic", "courseware_audio")


def kind_of(source: Source) -> Kind:
    """Tells whether a source is heard or seen."""
    return "video" if source in VIDEO_SOURCES else "audio"


def source_mark(seat: SeatId, source: Source) -> int:
    """What the node writes into each packet of a seat's source, whichever of its tracks is shown: never 0."""
    return zlib.crc32(f"{seat}:{source}".encode()) or 1


def track_id(seat: SeatId, source: Source, copy: str | None = None) -> TrackId:
    """Names the track of a seat's source, or its extra copy in the codec `copy`."""
    return TrackId(f"{seat}:{source}" if copy is None else f"{seat}:{source}:{copy}")
