"""What a take hands out: frames come in, and these go to the disk, in this order, and to the node."""

from dataclasses import dataclass

from recorder.core.names import SegmentNumber
from recorder.core.records import FragmentWritten, Record, SegmentOpened
from recorder.core.timeline import NodeTime
from signaling.messages.ids import TrackId


@dataclass(frozen=True, slots=True)
class Frame:
    """One encoded frame as the node gave it out: whole, in order, repaired as far as it could be."""

    peer: str
    """Whose clock made the timestamp."""
    track: TrackId
    codec: str
    """"h264" with start codes, "vp8", "vp9", "opus"; any other name is a gap."""
    ssrc: int
    clock_rate: int
    rtp: int
    arrived: NodeTime
    data: bytes
    keyframe: bool
    lost: bool = False
    """Something before it never arrived."""
    captured: NodeTime | None = None
    """When it was taken, if the node says so."""
    channels: int = 2


@dataclass(frozen=True, slots=True)
class OpenSegment:
    """Create the file and put its head in; it is named before anything else of it."""

    record: SegmentOpened
    """Without `sealed_bytes`, which the disk knows."""
    head: bytes


@dataclass(frozen=True, slots=True)
class AppendFragment:
    """Put the data behind what is there, make it safe, then name it."""

    record: FragmentWritten
    """Without `sealed_bytes`, which the disk knows."""
    data: bytes


@dataclass(frozen=True, slots=True)
class CloseSegment:
    segment: SegmentNumber


@dataclass(frozen=True, slots=True)
class Keep:
    """Write this into the index."""

    record: Record


@dataclass(frozen=True, slots=True)
class AskKeyframe:
    track: TrackId


Order = OpenSegment | AppendFragment | CloseSegment | Keep | AskKeyframe
