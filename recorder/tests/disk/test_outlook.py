"""recorder.disk.outlook: lessons that run, and how long their disk lasts"""

from dataclasses import dataclass, field

from recorder.core.names import TakeId
from recorder.core.space import MIB, SpaceRules
from recorder.disk.desk import Shown
from recorder.disk.outlook import Outlook
from recorder.disk.recording import Shelf
from recorder.tests.disk.test_recording import Room
from recorder.tests.story import MASTER, SOFTWARE


@dataclass
class Running:
    """The lesson of a room, as a desk shows it."""

    room: Room = field(default_factory=Room)

    @property
    def take(self) -> TakeId:
        return self.room.recording.take_name

    def written_bytes(self) -> int:
        return self.room.recording.written_bytes

    def shown(self) -> list[Shown]:
        return self.room.recording.shown()


def outlook(room: Room, rules: SpaceRules) -> Outlook:
    return Outlook(Shelf(*room.place, MASTER, rules, SOFTWARE))


def test_until_there_is_a_measure_it_goes_by_what_sources_bring_at_most() -> None:
    one = Running()
    look = outlook(one.room, SpaceRules(reserve_bytes=MIB))
    assert look.look([one], 0, one.room.moment.now).lasts_s is None, "nothing flows yet"
    one.room.run(2)
    assert look.look([one], 0, one.room.moment.now).bytes_per_s == 338_000


def test_then_by_what_all_takes_really_write_also_through_a_disk_failure() -> None:
    one = Running()
    room, look = one.room, outlook(one.room, SpaceRules(reserve_bytes=MIB, lesson_s=1))
    look.look([one], 0, room.moment.now)
    began = room.disk.room
    for _ in range(4):
        room.run(5)
        found = look.look([one], 0, room.moment.now)
    media = one.written_bytes()
    assert found.bytes_per_s == media / 20 and media > 10_000
    assert found.lasts_s == (room.disk.room - MIB) / found.bytes_per_s
    assert media <= began - room.disk.room < 2 * media, "the index comes on top"
    held, room.disk.room = room.disk.room, 0
    room.run(3)
    room.disk.room = held
    room.run(5)
    assert one.written_bytes() > media, "what was written before the disk failed is counted once"
    assert look.look([], 0, room.moment.now).bytes_per_s <= found.bytes_per_s, "an ended take brings nothing more"


def test_a_disk_that_fills_is_short_before_it_is_full() -> None:
    one = Running()
    room, levels = one.room, list[str]()
    look = outlook(room, SpaceRules(reserve_bytes=MIB, lesson_s=60))
    room.disk.room = 80 * MIB
    for _ in range(12):
        room.run(5)
        levels.append(look.look([one], 0, room.moment.now).level)
        room.disk.room -= 9 * MIB if room.disk.room > 10 * MIB else 4 * MIB
    assert list(dict.fromkeys(levels)) == ["enough", "short", "full"]
