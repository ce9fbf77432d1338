"""One track of a take: at any time it is in a segment or in a gap, and never in neither."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from recorder.core import h264, opus
from recorder.core.describe import Description, described, is_kept
from recorder.core.names import CONTAINERS, CutCause, GapCause, SegmentNumber, TakeTime, segment_file
from recorder.core.orders import AppendFragment, AskKeyframe, CloseSegment, Frame, Keep, OpenSegment, Order
from recorder.core.records import FragmentWritten, GapEnded, GapStarted, SegmentOpened, TrackAdded
from recorder.core.samples import FRAGMENT_US, LONGEST_FRAME_US, Fragment, Fragments, Sample, Writer
from recorder.core.timeline import Placed
from signaling.messages.ids import Kind

STALLED_US: Final = LONGEST_FRAME_US
SOUND_HOLE_US: Final = 500_000
"""Opus that saves on silence sends each 400 ms; a longer hole is a loss, whoever lost it."""
SOUND_SEAM_US: Final = 40_000
PICTURE_SEAM_US: Final = 250_000
"""Between two streams nothing is saved, and no picture stands still for long."""
_HOLES: Final[dict[Kind, tuple[int, int]]] = {
    "audio": (SOUND_HOLE_US, SOUND_SEAM_US),
    "video": (LONGEST_FRAME_US, PICTURE_SEAM_US),
}
"""How long nothing may come before it is called a gap: within a stream, and from one to another."""
ASK_EVERY_US: Final = 1_000_000
LEAST_STEP_US: Final = 1000
"""Matroska's tick, and 90 of MP4's: frames that are older than what is there still have a time of their own each."""
BLOCKS: Final[tuple[GapCause, ...]] = (
    "paused",
    "disk_failed",
    "disk_full",
    "disk_slow",
    "node_restarted",
    "absent",
    "muted",
)
"""While any of these holds nothing is taken; the first that holds is the gap's cause."""


@dataclass(slots=True)
class _Open:
    """The segment that is being written."""

    number: SegmentNumber
    ssrc: int
    description: Description
    writer: Writer
    plain: int
    """Bytes so far."""


class TrackRun:
    """Turns a track's frames into orders."""

    def __init__(self, added: TrackAdded, number: Callable[[], SegmentNumber], cause: CutCause, gap: GapCause) -> None:
        self.added: Final = added
        self._number: Final = number
        self._cause = cause
        self._open: _Open | None = None
        self._fragments = Fragments()
        self._gap: GapCause | None = gap
        self._note = ""
        self._blocks: dict[GapCause, str] = {}
        self._end_us = added.at_us
        """Where what was taken ends, or the gap began."""
        self._last_us = TakeTime(-LEAST_STEP_US)
        self._coming = self._newest = (-1, 0)
        """SSRC and timestamp of the frame in hand, and of the last one that was taken."""
        self._heard_us = added.at_us
        self._from_us = TakeTime(0)
        """What was seen or heard before is not to be taken, though it may arrive now."""
        self._waiting: tuple[TakeTime | None, TakeTime] = (None, added.at_us)
        """The oldest frame that is not written yet, and since when it waits."""
        self._asked_us = -ASK_EVERY_US
        self._broken = True
        """Pictures cannot be decoded before the next keyframe."""

    @property
    def note(self) -> str:
        """What is said of the gap beside its cause."""
        return self._note

    @property
    def gap(self) -> GapCause | None:
        return self._gap

    def block(self, cause: GapCause, at_us: TakeTime, note: str = "") -> list[Order]:
        """Takes nothing until `unblock`."""
        self._blocks[cause] = note
        return self._show_block(at_us)

    def unblock(self, cause: GapCause, at_us: TakeTime) -> list[Order]:
        """One cause less; the gap lasts until a frame comes that can be taken."""
        if self._blocks.pop(cause, None) is None:
            return []
        self._heard_us = at_us
        if cause in ("muted", "paused"):
            self._from_us = at_us
        return self._show_block(at_us) if self._blocks else self._ask(at_us)

    def frame(self, frame: Frame, placed: Placed, arrived_us: TakeTime) -> tuple[list[Order], bool]:
        """Takes a frame, and says whether it was taken."""
        at_us, stepped = placed.at_us, placed.stepped
        if self._is_there(frame, placed):
            return [], False
        if self._blocks or at_us < self._from_us:
            self._broken = True
            return [], False
        self._heard_us = max(self._heard_us, at_us, arrived_us)
        if not is_kept(frame.codec, self.added.kind):
            return self._start_gap("codec", at_us, f"{frame.codec} is not kept"), False
        if frame.codec == "h264" and not frame.lost and not h264.has_picture(frame.data):
            return [], False
        at_us = TakeTime(max(at_us, self._last_us + LEAST_STEP_US))
        self._coming = (frame.ssrc, placed.media_us)
        if self.added.kind == "video":
            return self._picture(frame, at_us, stepped)
        sound = Description("opus", channels=frame.channels)
        return self._take(frame, at_us, sound, stepped, opus.duration_us(frame.data)), True

    def tick(self, now_us: TakeTime) -> list[Order]:
        """Writes what has waited long enough, and notes silence."""
        if self._blocks:
            return []
        if now_us - self._heard_us >= STALLED_US and self._gap != "stalled":
            return self._start_gap("stalled", now_us)
        first = self._fragments.first_us
        if first != self._waiting[0]:
            self._waiting = (first, now_us)
        # By when it came, not by when it was seen: on a long line that alone is a second ago.
        return self._written(self._fragments.cut()) if now_us - self._waiting[1] >= FRAGMENT_US else []

    def close(self, at_us: TakeTime) -> list[Order]:
        """Nothing more is taken of this track, or not in this segment."""
        return [*self._written(self._fragments.rest(at_us)), *self._close_segment()]

    def leave(self, at_us: TakeTime) -> list[Order]:
        """Writes all that waits: this process ends, and the next one goes on."""
        orders = self._start_gap("recorder_restarted", at_us) if self._gap is None else []
        return [*orders, *self._close_segment()]

    def _is_there(self, frame: Frame, placed: Placed) -> bool:
        """A tap that begins anew gives out once more what came since the last keyframe."""
        ssrc, newest = self._newest
        return ssrc == frame.ssrc and not placed.stepped and placed.media_us <= newest

    def _picture(self, frame: Frame, at_us: TakeTime, stepped: bool) -> tuple[list[Order], bool]:
        described_now = described(frame.codec, frame.data) if frame.keyframe else None
        going_on = self._open.description if self._open and self._open.description.codec == frame.codec else None
        another = self._open is not None and (self._open.ssrc != frame.ssrc or going_on is None)
        if frame.keyframe:
            description = described_now or (None if another else going_on)
        else:
            description = None if self._broken or frame.lost or another or stepped else going_on
        if description is None:
            self._broken = True
            cause: GapCause = "lost" if frame.lost and self._gap is None else "no_keyframe"
            orders = [] if self._gap in ("lost", "no_keyframe") else self._start_gap(cause, at_us)
            return [*orders, *self._ask(at_us)], False
        return self._take(frame, at_us, description, stepped, 0), True

    def _take(self, frame: Frame, at: TakeTime, kind: Description, stepped: bool, duration_us: int) -> list[Order]:
        orders = self._hole(frame, at)
        if self._gap is not None:
            orders.append(Keep(GapEnded(self.added.track, TakeTime(max(at, self._end_us)))))
            self._gap = None
        if cause := self._cut(frame, kind, stepped):
            orders += self.close(at)
            orders += self._open_segment(frame, at, kind, cause)
        orders += self._written(self._fragments.add(Sample(at, frame.data, frame.keyframe, duration_us)))
        self._last_us, self._broken, self._newest = at, False, self._coming
        self._end_us = self._fragments.end_us() or at
        return orders

    def _hole(self, frame: Frame, at_us: TakeTime) -> list[Order]:
        """A gap that is over as soon as it is seen."""
        goes_on = self._open is not None and self._open.ssrc == frame.ssrc
        longest = _HOLES[self.added.kind][0 if goes_on else 1]
        end = self._fragments.end_us(at_us if goes_on else None) or self._end_us
        if self._gap is not None or not (frame.lost or at_us - end > longest):
            return []
        if self.added.kind == "video":
            end = self._fragments.end_us() or self._end_us
        return self._start_gap("lost" if frame.lost else "stalled", end) if at_us > end else []

    def _cut(self, frame: Frame, kind: Description, stepped: bool) -> CutCause | None:
        """Why a new segment begins with this frame, if one does."""
        before = self._open
        if before is None:
            return self._cause
        if before.description.codec != kind.codec:
            return "codec"
        if before.ssrc != frame.ssrc:
            return "ssrc"
        if (before.description.width, before.description.height) != (kind.width, kind.height):
            return "resolution"
        if before.description != kind:
            return "parameters"
        return "clock" if stepped else None

    def _open_segment(self, frame: Frame, at_us: TakeTime, kind: Description, cause: CutCause) -> list[Order]:
        number, writer = self._number(), kind.writer(at_us)
        self._open = _Open(number, frame.ssrc, kind, writer, len(writer.head))
        self._cause = "opened"
        track = self.added.track
        record = SegmentOpened(
            number,
            track,
            segment_file(number, track, kind.codec),
            CONTAINERS[kind.codec],
            kind.codec,
            frame.ssrc,
            at_us,
            cause,
            kind.width,
            kind.height,
            kind.channels,
        )
        return [OpenSegment(record, writer.head)]

    def _close_segment(self) -> list[Order]:
        if self._open is None:
            return []
        closed, self._open = self._open, None
        return [CloseSegment(closed.number)]

    def _written(self, fragment: Fragment | None) -> list[Order]:
        if fragment is None or self._open is None:
            return []
        data = self._open.writer.fragment(fragment)
        record = FragmentWritten(
            self._open.number,
            fragment.start_us,
            fragment.end_us,
            len(fragment.samples),
            fragment.samples[0].keyframe,
            self._open.plain,
            len(data),
            0,
        )
        self._open.plain += len(data)
        self._end_us = fragment.end_us
        return [AppendFragment(record, data)]

    def _show_block(self, at_us: TakeTime) -> list[Order]:
        cause = next(cause for cause in BLOCKS if cause in self._blocks)
        return self._start_gap(cause, at_us, self._blocks[cause])

    def _start_gap(self, cause: GapCause, at_us: TakeTime, note: str = "") -> list[Order]:
        """Begins a gap where what was taken ends; a gap that lasts already changes its cause at `at_us`."""
        if self._gap == cause:
            return []
        end_us = self._fragments.end_us()
        # What is on its way when its publisher goes was shown by nobody; the last picture did not stand for it.
        is_cut_short = end_us is not None and at_us < end_us
        orders = self._written(self._fragments.rest(at_us if is_cut_short else None))
        start = self._end_us if self._gap is None else TakeTime(max(at_us, self._end_us))
        self._gap, self._note, self._broken, self._end_us = cause, note, True, start
        return [*orders, Keep(GapStarted(self.added.track, start, cause, note))]

    def _ask(self, at_us: TakeTime) -> list[Order]:
        if self.added.kind == "audio" or at_us - self._asked_us < ASK_EVERY_US:
            return []
        self._asked_us = at_us
        return [AskKeyframe(self.added.track)]
