"""recorder.disk.take_files: whatever the index names is readable, whenever the power goes"""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from recorder.core.form import FormatError
from recorder.core.index import IndexTip, read_index
from recorder.core.manifest import read_manifest
from recorder.core.names import take_folder
from recorder.core.orders import AskKeyframe, Order
from recorder.core.records import FragmentWritten, Record, SegmentClosed
from recorder.disk.files import Disk, Files
from recorder.disk.sealed import SealedReader
from recorder.disk.take_files import INDEX, MANIFEST, Salvaged, TakeFiles, lesson_key, salvaged
from recorder.tests.disk.power import FragileDisk, PowerCut
from recorder.tests.kept import Kept
from recorder.tests.lesson import Stage
from recorder.tests.playing import decoded
from recorder.tests.story import KEY, LESSON, MASTER, TAKE

FOLDER = Path("/") / take_folder(LESSON, TAKE)


class Listing(Kept):
    """Keeps the batches as the disk would get them."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[Order]] = []

    def carry_out(self, orders: Sequence[Order]) -> None:  # type: ignore[override]
        self.batches += [list(orders)] if orders else []
        super().carry_out(orders)


@cache
def lesson() -> tuple[tuple[Order, ...], ...]:
    """Three seconds of two tracks, with a loss in them, as batches of orders."""
    stage = Stage(kept=Listing())
    camera, _ = stage.camera(), stage.microphone()
    stage.run(1.5)
    stage.run(1.5, lose=camera.track)
    stage.end()
    assert isinstance(stage.kept, Listing)
    return tuple(map(tuple, stage.kept.batches))


def run(files: Files, named: list[int], together: int = 1) -> None:
    """Writes the lesson, so many decisions at a time; `named` has the records of each that was acknowledged."""
    take = TakeFiles(files, FOLDER, KEY, IndexTip())
    for start in range(0, len(lesson()), together):
        orders = list(chain.from_iterable(lesson()[start : start + together]))
        take.carry_out(orders)
        named.append(sum(not isinstance(order, AskKeyframe) for order in orders))
    take.finish()


def check(files: Files, found: Salvaged, *, decode: bool) -> None:
    """All that is named is there, sealed and whole."""
    again = read_index(KEY.index_key, files.read(FOLDER / INDEX))
    assert again.records == found.records and again.tip == found.tip
    for segment in found.manifest.segments:
        assert segment.sha256 and files.size(FOLDER / segment.file) == segment.sealed_bytes
        plain = SealedReader(FOLDER / segment.file, KEY, files=files).read()
        ends = [
            r.offset + r.length
            for r in found.records
            if isinstance(r, FragmentWritten) and r.segment == segment.segment
        ]
        assert len(plain) == max(ends, default=len(plain))
        if decode and segment.frames:
            assert len(decoded(plain)) == segment.frames


def media(records: Sequence[Record]) -> int:
    return sum(isinstance(record, FragmentWritten) for record in records)


def all_steps(together: int = 1) -> int:
    disk = FragileDisk()
    run(disk, [], together)
    return disk.steps


def test_a_take_is_written_and_read_back() -> None:
    disk = FragileDisk()
    run(disk, [])
    manifest = read_manifest(KEY.manifest_key, disk.read(FOLDER / MANIFEST))
    found = salvaged(disk, FOLDER, KEY)
    assert found is not None and found.dropped_bytes == 0 and manifest == found.manifest
    assert manifest.state == "closed" and not any(segment.salvaged for segment in manifest.segments)
    check(disk, found, decode=True)
    assert set(disk.names(FOLDER)) == {INDEX, MANIFEST, "segments"}


@pytest.mark.parametrize("together", [1, 5])
def test_a_power_cut_at_any_step_loses_nothing_that_was_named(together: int) -> None:
    steps = all_steps(together)
    assert steps > 20
    for cut in range(steps):
        disk, named = FragileDisk(cut), list[int]()
        with pytest.raises(PowerCut):
            run(disk, named, together)
        for seed in range(3):
            after = disk.after_power_cut(cut * 3 + seed)
            found = salvaged(after, FOLDER, KEY)
            if found is None:
                assert not named
                continue
            own = [record for record in found.records if not (isinstance(record, SegmentClosed) and record.salvaged)]
            assert len(own) >= sum(named)
            check(after, found, decode=cut % 8 == 0)


def test_the_disk_is_waited_for_once_for_each_file_of_a_batch_and_once_for_the_index() -> None:
    disk = FragileDisk()
    take = TakeFiles(disk, FOLDER, KEY, IndexTip())
    take.carry_out(list(chain.from_iterable(lesson())))
    assert disk.syncs == len(disk.names(FOLDER / "segments")) + 1 >= 3
    found = salvaged(disk, FOLDER, KEY)
    assert found is not None and found.dropped_bytes == 0
    check(disk, found, decode=True)


def test_a_power_cut_while_salvaging_spoils_nothing() -> None:
    disk = FragileDisk(all_steps() // 2)
    with pytest.raises(PowerCut):
        run(disk, [])
    left = disk.after_power_cut(7)
    whole = left.after_power_cut(0)
    expected = salvaged(whole, FOLDER, KEY)
    assert expected is not None and whole.steps > 2
    for cut in range(whole.steps):
        again = left.after_power_cut(0)
        again.steps_left = cut
        with pytest.raises(PowerCut):
            salvaged(again, FOLDER, KEY)
        after = again.after_power_cut(cut)
        found = salvaged(after, FOLDER, KEY)
        assert found is not None and media(found.records) == media(expected.records)
        check(after, found, decode=False)


def test_after_a_kill_only_what_no_line_named_is_dropped_and_the_names_are_free_again() -> None:
    disk = FragileDisk()
    take = TakeFiles(disk, FOLDER, KEY, IndexTip())
    for batch in lesson()[: len(lesson()) * 2 // 3]:
        take.carry_out(batch)
    named = media(read_index(KEY.index_key, disk.read(FOLDER / INDEX)).records)
    segment = next(name for name in disk.contents if name.suffix == ".sealed")
    disk.contents[segment].all += b"half a chunk"
    disk.contents[FOLDER / INDEX].all += b'{"at_us":'
    disk.create(FOLDER / "segments" / "0009-S0123456789-teacher.mp4.sealed").write(b"never named")
    found = salvaged(disk, FOLDER, KEY)
    assert found is not None and media(found.records) == named
    assert found.dropped_bytes == len(b"half a chunk") + len(b'{"at_us":') + len(b"never named")
    assert all(segment.salvaged for segment in found.manifest.segments)
    assert not [name for name in disk.names(FOLDER / "segments") if name.startswith("0009")]
    more = TakeFiles(disk, FOLDER, KEY, found.tip)
    more.carry_out([order for batch in lesson() for order in batch if type(order).__name__ == "Keep"][-1:])
    assert len(read_index(KEY.index_key, disk.read(FOLDER / INDEX)).records) == len(found.records) + 1


def test_no_file_is_written_by_two_processes() -> None:
    disk = FragileDisk()
    run(disk, [])
    with pytest.raises(FileExistsError):
        TakeFiles(disk, FOLDER, KEY, IndexTip())


def test_a_disk_without_room_raises_and_what_was_named_stays() -> None:
    disk, named = FragileDisk(room=60_000), list[int]()
    with pytest.raises(OSError, match="No space left"):
        run(disk, named)
    disk.room = 1 << 30
    found = salvaged(disk, FOLDER, KEY)
    assert found is not None and named
    check(disk, found, decode=True)


def test_on_a_real_disk_too(tmp_path: Path) -> None:
    key = lesson_key(Disk(), tmp_path, LESSON, MASTER)
    assert lesson_key(Disk(), tmp_path, LESSON, MASTER) == key
    folder = tmp_path / take_folder(LESSON, TAKE)
    take = TakeFiles(Disk(), folder, key, IndexTip())
    for batch in lesson():
        take.carry_out(batch)
    manifest = take.finish()
    take.close()
    assert manifest.state == "closed" and take.written_bytes > 10_000
    for segment in manifest.segments:
        assert len(decoded(SealedReader(folder / segment.file, key).read())) == segment.frames
    with pytest.raises(FormatError):
        SealedReader(folder / manifest.segments[0].file, KEY).read()
