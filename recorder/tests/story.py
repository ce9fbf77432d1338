"""One short take as records: what several tests read and write."""

from typing import Final

from recorder.core.keys import LessonKey, MasterKey
from recorder.core.names import SegmentNumber, TakeId, TakeTime, segment_file
from recorder.core.records import (
    FragmentWritten,
    GapEnded,
    GapStarted,
    Marked,
    Policy,
    Record,
    SegmentClosed,
    SegmentOpened,
    Software,
    StateChanged,
    TakeOpened,
    TakeResumed,
    TrackAdded,
)
from signaling.messages.ids import LessonId, SeatId, TrackId

MASTER: Final = MasterKey(bytes(range(32)))
KEY: Final = LessonKey(bytes(range(32, 64)))
LESSON: Final = LessonId("L0123456789")
TAKE: Final = TakeId("K0123456789")
SEAT: Final = SeatId("S0123456789")
TRACK: Final = TrackId(f"{SEAT}:teacher")
POLICY: Final = Policy(("teacher", "teacher_mic", "room_mic"), False, "王老师", "guardian consent, register 2026-09")
SOFTWARE: Final = Software("0.1.0", "0.1.0")


def at(milliseconds: int) -> TakeTime:
    return TakeTime(milliseconds * 1000)


ONE: Final = SegmentNumber(1)
RECORDS: Final[tuple[Record, ...]] = (
    TakeOpened(TAKE, LESSON, "分数的意义", 1_790_000_000_000, POLICY, SOFTWARE),
    TrackAdded(at(0), TRACK, SEAT, "城关小学 三(2)班", "teacher", "video"),
    GapStarted(TRACK, at(0), "absent"),
    StateChanged(at(100), "recording", "teacher arrives"),
    SegmentOpened(ONE, TRACK, segment_file(ONE, TRACK, "h264"), "mp4", "h264", 0x1234, at(100), "opened", 1280, 720),
    GapEnded(TRACK, at(100)),
    FragmentWritten(ONE, at(100), at(1100), 25, True, 700, 90_000, 90_800),
    Marked(at(900), "floor", "floor_given", SEAT),
    FragmentWritten(ONE, at(1100), at(2100), 25, True, 90_700, 80_000, 170_900),
    TakeResumed(at(4000), SOFTWARE, 4711),
    SegmentClosed(ONE, 170_900, "ab" * 32, salvaged=True),
    GapStarted(TRACK, at(2100), "recorder_restarted"),
    StateChanged(at(5000), "closed", "the lesson has ended"),
)
