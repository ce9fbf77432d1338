"""Names of a take's parts, and of its objects in a store."""

import re
from typing import Final, Literal, NewType

from signaling.messages.ids import LessonId, Source, TrackId

TakeId = NewType("TakeId", str)
"""`K` and 10 letters or digits: one recording of one lesson."""
SegmentNumber = NewType("SegmentNumber", int)
"""Counts a take's segments from 1, whatever their track."""
TakeTime = NewType("TakeTime", int)
"""Microseconds since the take was opened, on the clock that all its tracks share."""

Codec = Literal["h264", "av1", "vp8", "vp9", "opus"]
Container = Literal["mp4", "webm"]
TakeState = Literal["waiting", "recording", "paused", "gap", "closing", "closed", "failed"]
GapCause = Literal[
    "absent",  # its publisher is not there, or not yet
    "muted",  # its room is not to be heard, and the policy does not take muted sound
    "paused",  # the lead had nothing recorded
    "stalled",  # it is published, and nothing arrives
    "lost",  # packets were not repaired in time; until the next keyframe
    "no_keyframe",  # pictures arrive that nothing can be decoded from yet
    "codec",  # sent in a codec that is not kept
    "node_restarted",
    "recorder_restarted",
    "disk_full",
    "disk_slow",
    "disk_failed",
]
CutCause = Literal["opened", "codec", "resolution", "parameters", "ssrc", "clock", "resumed"]
"""Why a segment began."""

CONTAINERS: Final[dict[Codec, Container]] = {
    "h264": "mp4",
    "av1": "mp4",
    "vp8": "webm",
    "vp9": "webm",
    "opus": "webm",
}

_PART: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def take_folder(lesson: LessonId, take: TakeId) -> str:
    """Where a take's objects are; raises ValueError for what is no name."""
    return f"takes/{_part(lesson)}/{_part(take)}"


def key_object(lesson: LessonId) -> str:
    """The lesson's wrapped key; who deletes it has made every take of the lesson unreadable."""
    return f"takes/{_part(lesson)}/key.json"


def tombstone_object(lesson: LessonId, take: TakeId) -> str:
    """What stays of a deleted take."""
    return f"tombstones/{_part(lesson)}/{_part(take)}.json"


def segment_file(number: SegmentNumber, track: TrackId, codec: Codec) -> str:
    """A segment's file, below the take's folder: `segments/0003-SABC-teacher.mp4.sealed`."""
    named = "-".join(_part(part) for part in track.split(":"))
    return f"segments/{number:04}-{named}.{CONTAINERS[codec]}.sealed"


def derived_file(name: str, extension: str) -> str:
    """A file made after the bell, below the take's folder: `derived/combined.mp4.sealed`."""
    return f"derived/{_part(name)}.{_part(extension)}.sealed"


def source_of(track: TrackId) -> Source | str:
    """The source in a track's name."""
    return track.split(":")[1]


def _part(name: str) -> str:
    if not _PART.fullmatch(name):
        raise ValueError(f"{name!r} is no name: 1 to 64 letters, digits, '_' or '-'")
    return name
