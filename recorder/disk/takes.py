"""Takes as worker and library see them: on the disk, or in the store once they have left it."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from recorder.core.form import FormatError
from recorder.core.keys import LessonKey, MasterKey, unwrap, wrapped_anew
from recorder.core.manifest import Manifest, read_manifest
from recorder.core.names import TakeId, derived_file, key_object, take_folder, tombstone_object
from recorder.core.stored import STORED, StoredTake, read_stored
from recorder.core.tombstone import Tombstone, read_tombstone
from recorder.disk.far import Anywhere
from recorder.disk.files import PART, Disk, write_whole
from recorder.disk.opened import Opened
from recorder.disk.sealed import SealedReader, SealedWriter
from recorder.disk.store import Store
from signaling.messages.ids import LessonId

MANIFEST: Final = "manifest.json"


class Takes:
    """One folder of takes, the store to which they go from there, and the master key that opens them."""

    def __init__(self, folder: Path, master: MasterKey, store: Store | None = None) -> None:
        """Without a store the folder is all there is."""
        self._root: Final = folder
        self._master: Final = master
        self._store: Final = store
        self._disk: Final = Disk()

    def finished(self) -> Iterator[tuple[LessonId, TakeId]]:
        """Every take that has ended: its manifest was written last."""
        for found in sorted(self._root.glob(f"takes/*/*/{MANIFEST}")):
            yield LessonId(found.parent.parent.name), TakeId(found.parent.name)

    def folder(self, lesson: LessonId, take: TakeId) -> Path:
        """Where a take lies."""
        return self._root / take_folder(lesson, take)

    def key(self, lesson: LessonId) -> LessonKey:
        """The lesson's key; raises FormatError, or FileNotFoundError when the lesson was deleted."""
        return unwrap(self._master, lesson, self._document(key_object(lesson)))

    @property
    def master(self) -> MasterKey:
        """The one of today, with those before it."""
        return self._master

    def wrapped_anew(self, lesson: LessonId) -> bytes | None:
        """The lesson's `key.json` under the master of today; None where it is that already. Raises FormatError."""
        return wrapped_anew(self._master, lesson, self._document(key_object(lesson)))

    def manifest(self, lesson: LessonId, take: TakeId) -> Manifest:
        """What was taken; raises FormatError when it was changed."""
        text = self._document(f"{take_folder(lesson, take)}/{MANIFEST}")
        return read_manifest(self.key(lesson).manifest_key, text)

    def stored(self, lesson: LessonId, take: TakeId) -> StoredTake:
        """What the store holds of it; raises FileNotFoundError where it is not all there yet."""
        text = self._document(f"{take_folder(lesson, take)}/{STORED}")
        return read_stored(self.key(lesson).manifest_key, text)

    def manifest_bytes(self, lesson: LessonId, take: TakeId) -> bytes:
        """The manifest as it lies there; nothing where there is none."""
        try:
            return self._document(f"{take_folder(lesson, take)}/{MANIFEST}")
        except FileNotFoundError:
            return b""

    def segment(self, lesson: LessonId, take: TakeId, file: str, sealed_bytes: int) -> Opened:
        """A segment, to be read in plain."""
        path, files = self.folder(lesson, take) / file, self._anywhere(lesson, take)
        return Opened(SealedReader(path, self.key(lesson), sealed_bytes=sealed_bytes, files=files))

    def derived(self, lesson: LessonId, take: TakeId, name: str) -> SealedReader:
        """A file made after the bell, by its plain name such as `film.mp4`."""
        return SealedReader(self._derived(lesson, take, name), self.key(lesson), files=self._anywhere(lesson, take))

    def has_derived(self, lesson: LessonId, take: TakeId, name: str) -> bool:
        """A file that has its name is whole."""
        path = self._derived(lesson, take, name)
        if path.is_file():
            return True
        try:
            self.stored(lesson, take).file(path.relative_to(self.folder(lesson, take)).as_posix())
        except FileNotFoundError:
            return False
        return True

    def free_bytes(self) -> int:
        """What the disk has left."""
        return self._disk.free_bytes(self._root)

    def make(self, lesson: LessonId, take: TakeId, name: str, worker: str) -> "Making":
        """A file to be made; nobody sees it before it is whole and safe."""
        return Making(self._disk, self._derived(lesson, take, name), self.key(lesson), worker)

    def drop_parts(self, lesson: LessonId, take: TakeId) -> None:
        """Removes what killed workers left half made; nobody may be making anything of this take now."""
        for path in (self.folder(lesson, take) / "derived").glob(f"*{PART}"):
            path.unlink(missing_ok=True)

    def used_bytes(self, lesson: LessonId, take: TakeId) -> tuple[int, int]:
        """How many files a take has, and how long they are together."""
        lying = {path.name: path.stat().st_size for path in self.folder(lesson, take).rglob("*") if path.is_file()}
        with suppress(FileNotFoundError, FormatError):
            lying |= {each.name.rpartition("/")[2]: each.size for each in self.stored(lesson, take).files}
        return len(lying), sum(lying.values())

    def forget_key(self, lesson: LessonId, take: TakeId) -> None:
        """Makes a lesson unreadable for good, wherever copies of its files lie, unless another take needs the key."""
        folder = self.folder(lesson, take).parent
        if any(each.is_dir() and each.name != take for each in folder.glob("*")):
            return
        (self._root / key_object(lesson)).unlink(missing_ok=True)
        if folder.is_dir():
            self._disk.sync_folder(folder)

    def remove(self, lesson: LessonId, take: TakeId) -> None:
        """Removes all of a take."""
        shutil.rmtree(self.folder(lesson, take), ignore_errors=True)
        self.forget_key(lesson, take)
        with suppress(OSError):  # another take lies there
            self.folder(lesson, take).parent.rmdir()
        self._disk.sync_gone(self.folder(lesson, take))

    def put_tombstone(self, lesson: LessonId, take: TakeId, content: bytes) -> None:
        """Puts what stays of it beside the takes."""
        path = self._root / tombstone_object(lesson, take)
        write_whole(self._disk, path, content)

    def tombstones(self) -> Iterator[tuple[LessonId, TakeId]]:
        """Every take whose deletion was begun, or is over."""
        for found in self._root.glob("tombstones/*/*.json"):
            yield LessonId(found.parent.name), TakeId(found.stem)

    def tombstone(self, lesson: LessonId, take: TakeId) -> Tombstone:
        """What was signed before it was deleted; raises FormatError, or FileNotFoundError."""
        text = (self._root / tombstone_object(lesson, take)).read_bytes()
        *keys, oldest = self._master.tombstone_keys
        for key in keys:
            with suppress(FormatError):
                return read_tombstone(key, text)
        return read_tombstone(oldest, text)

    def withdraw_tombstone(self, lesson: LessonId, take: TakeId) -> None:
        """Of a deletion of which nobody was told, and that is not to be."""
        path = self._root / tombstone_object(lesson, take)
        path.unlink(missing_ok=True)
        self._disk.sync_gone(path)

    def _document(self, name: str) -> bytes:
        """A small file; raises FileNotFoundError."""
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            if self._store is None:
                raise
            return self._store.get(name)

    def _anywhere(self, lesson: LessonId, take: TakeId) -> Anywhere:
        return Anywhere(self._disk, self.folder(lesson, take), self._store, lambda: self.stored(lesson, take))

    def _derived(self, lesson: LessonId, take: TakeId, name: str) -> Path:
        stem, _, extension = name.rpartition(".")
        return self.folder(lesson, take) / derived_file(stem, extension)


class Making:
    """A sealed file on its way; `finish` gives it its name."""

    def __init__(self, disk: Disk, path: Path, key: LessonKey, worker: str) -> None:
        self._disk, self._path = disk, path
        self._part = path.with_name(f"{path.name}.{worker}{PART}")
        self._part.unlink(missing_ok=True)
        try:
            self._writer = SealedWriter(disk, self._part, key)
        except OSError:
            self._part.unlink(missing_ok=True)
            raise

    def write(self, data: bytes) -> None:
        """Appends."""
        self._writer.write(data)

    def finish(self) -> None:
        """Returns once the file is safe under its name."""
        self._writer.close()
        self._disk.replace(self._part, self._path)
        self._disk.sync_folder(self._path.parent)

    def drop(self) -> None:
        """Leaves no trace."""
        self._writer.abandon()
        self._part.unlink(missing_ok=True)
