"""A disk of the mind: carries out a take's orders and checks what every take must obey."""

from collections.abc import Iterable

from recorder.core.index import IndexTip
from recorder.core.manifest import Manifest, folded
from recorder.core.names import SegmentNumber
from recorder.core.orders import AppendFragment, AskKeyframe, CloseSegment, Keep, OpenSegment, Order
from recorder.core.records import Record, SegmentClosed, StateChanged
from recorder.core.samples import FRAGMENT_US
from signaling.messages.ids import TrackId

LONGEST_US = FRAGMENT_US + 40_000
"""A fragment ends where its last frame does."""


class Kept:
    def __init__(self) -> None:
        self.records: list[Record] = []
        self.files: dict[SegmentNumber, bytes] = {}
        self.asked: list[TrackId] = []
        self._closed: set[SegmentNumber] = set()

    def carry_out(self, orders: Iterable[Order]) -> None:
        for order in orders:
            match order:
                case OpenSegment(record, head):
                    assert record.segment not in self.files
                    self.files[record.segment] = head
                    self.records.append(record)
                case AppendFragment(record, data):
                    assert record.segment not in self._closed
                    assert (record.offset, record.length) == (len(self.files[record.segment]), len(data))
                    assert record.start_us < record.end_us and record.frames > 0
                    self.files[record.segment] += data
                    self.records.append(record)
                case CloseSegment(number):
                    assert number not in self._closed
                    self._closed.add(number)
                    self.records.append(SegmentClosed(number, len(self.files[number]), "00" * 32))
                case Keep(kept):
                    self.records.append(kept)
                case AskKeyframe(track):
                    self.asked.append(track)

    @property
    def manifest(self) -> Manifest:
        return folded(self.records, IndexTip())

    @property
    def states(self) -> list[str]:
        return [record.state for record in self.records if isinstance(record, StateChanged)]

    def gaps(self, track: TrackId) -> list[str]:
        return [gap.cause for gap in self.manifest.gaps if gap.track == track]
