"""A take's files: orders are carried out so that the index names only what has reached the disk."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_bytes
from typing import Final

from recorder.core.index import IndexRead, IndexTip, lines, read_index, salvage_index
from recorder.core.keys import LessonKey, MasterKey, unwrap, wrap
from recorder.core.manifest import Manifest, Segment, folded, write_manifest
from recorder.core.names import SegmentNumber, TakeId, key_object, take_folder
from recorder.core.orders import AppendFragment, CloseSegment, Keep, OpenSegment, Order
from recorder.core.records import Record, SegmentClosed
from recorder.core.seal import FILE_NAME_BYTES, Header, Sealer
from recorder.disk.files import Files, Written, write_whole
from signaling.messages.ids import LessonId

INDEX: Final = "index.jsonl"
MANIFEST: Final = "manifest.json"
SEGMENTS: Final = "segments"


@dataclass(slots=True)
class _Growing:
    """A segment's file while it is written."""

    file: Written
    sealer: Sealer
    hash: "hashlib._Hash"
    size: int = 0

    def add(self, data: bytes) -> None:
        self.file.write(data)
        self.hash.update(data)
        self.size += len(data)


class TakeFiles:
    """Writes one take. After an OSError it is not used again: what is named is safe, and `salvaged` goes on from it."""

    def __init__(self, files: Files, folder: Path, key: LessonKey, tip: IndexTip) -> None:
        self._files: Final = files
        self._folder: Final = folder
        self._key: Final = key
        self._tip = tip
        self._growing: dict[SegmentNumber, _Growing] = {}
        index = folder / INDEX
        self._index: Final[Written] = files.append(index) if tip.lines else files.create(index)
        if not tip.lines:
            files.sync_folder(folder)
        self.written_bytes = 0
        """Of media, since this process began."""

    def carry_out(self, orders: Sequence[Order]) -> None:
        """Returns once all of it would outlive a power cut; raises OSError."""
        records: list[Record] = []
        touched: dict[SegmentNumber, _Growing] = {}
        ended: list[SegmentNumber] = []
        created = False
        for order in orders:
            match order:
                case OpenSegment(record, head):
                    touched[record.segment] = self._opened(record.file, record.segment, head)
                    records.append(replace(record, sealed_bytes=touched[record.segment].size))
                    created = True
                case AppendFragment(record, data):
                    growing = touched[record.segment] = self._growing[record.segment]
                    growing.add(growing.sealer.seal(data))
                    self.written_bytes += len(data)
                    records.append(replace(record, sealed_bytes=growing.size))
                case CloseSegment(number):
                    growing = touched[number] = self._growing[number]
                    ended.append(number)
                    records.append(SegmentClosed(number, growing.size, growing.hash.hexdigest()))
                case Keep(kept):
                    records.append(kept)
        self._make_safe(touched.values(), ended, created)
        if records:
            self._name(records)

    def finish(self) -> Manifest:
        """Writes the manifest; the take is whole."""
        read = read_index(self._key.index_key, self._files.read(self._folder / INDEX))
        manifest = folded(read.records, read.tip)
        write_whole(self._files, self._folder / MANIFEST, write_manifest(self._key.manifest_key, manifest))
        return manifest

    def close(self) -> None:
        for growing in self._growing.values():
            growing.file.close()
        self._growing.clear()
        self._index.close()

    def _opened(self, file: str, number: SegmentNumber, head: bytes) -> _Growing:
        sealer = Sealer(self._key, Header(token_bytes(FILE_NAME_BYTES)))
        growing = _Growing(self._files.create(self._folder / file), sealer, hashlib.sha256())
        self._growing[number] = growing
        growing.add(sealer.header + sealer.seal(head))
        return growing

    def _make_safe(self, touched: Iterable[_Growing], ended: Sequence[SegmentNumber], created: bool) -> None:
        for growing in touched:
            growing.file.sync()
        for number in ended:
            self._growing.pop(number).file.close()
        if created:
            self._files.sync_folder(self._folder / SEGMENTS)

    def _name(self, records: Sequence[Record]) -> None:
        data, tip = lines(self._key.index_key, self._tip, records)
        self._index.write(data)
        self._index.sync()
        self._tip = tip


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What a process left, made whole."""

    records: tuple[Record, ...]
    manifest: Manifest
    tip: IndexTip
    dropped_bytes: int
    """That no line of the index named."""


def lesson_key(files: Files, root: Path, lesson: LessonId, master: MasterKey) -> LessonKey:
    """The lesson's key; made and wrapped when there is none yet."""
    path = root / key_object(lesson)
    if path.name in files.names(path.parent):
        return unwrap(master, lesson, files.read(path))
    key = LessonKey(token_bytes(32))
    write_whole(files, path, wrap(master, lesson, key))
    return key


def folder_of(root: Path, lesson: LessonId, take: TakeId) -> Path:
    return root / take_folder(lesson, take)


def salvaged(files: Files, folder: Path, key: LessonKey) -> Salvaged | None:
    """Cuts every file behind what the index names and closes it; None if the index names nothing at all."""
    path = folder / INDEX
    if INDEX not in files.names(folder):
        return None
    read = salvage_index(key.index_key, files.read(path))
    dropped = files.size(path) - read.good_bytes
    if dropped:
        files.cut(path, read.good_bytes)
    if not read.records:
        files.remove(path)
        return None
    manifest = folded(read.records, read.tip)
    dropped += _drop_unnamed(files, folder, manifest)
    closed: list[Record] = []
    for segment in manifest.segments:
        if not segment.sha256:
            cut, record = _closed(files, folder, segment)
            dropped += cut
            closed.append(record)
    return _named(files, path, key, read, closed, dropped)


def _closed(files: Files, folder: Path, segment: Segment) -> tuple[int, SegmentClosed]:
    path = folder / segment.file
    beyond = files.size(path) - segment.sealed_bytes
    if beyond > 0:
        files.cut(path, segment.sealed_bytes)
    found = hashlib.sha256(files.read(path)).hexdigest()
    return beyond, SegmentClosed(segment.segment, segment.sealed_bytes, found, salvaged=True)


def _drop_unnamed(files: Files, folder: Path, manifest: Manifest) -> int:
    """Files that were begun and never named; their names will be needed again."""
    named = {segment.file.rpartition("/")[2] for segment in manifest.segments}
    dropped = 0
    for name in files.names(folder / SEGMENTS):
        if name not in named:
            dropped += files.size(folder / SEGMENTS / name)
            files.remove(folder / SEGMENTS / name)
    return dropped


def _named(files: Files, path: Path, key: LessonKey, read: IndexRead, closed: list[Record], dropped: int) -> Salvaged:
    data, tip = lines(key.index_key, read.tip, closed)
    if closed:
        index = files.append(path)
        try:
            index.write(data)
            index.sync()
        finally:
            index.close()
    records = (*read.records, *closed)
    return Salvaged(records, folded(records, tip), tip, dropped)
