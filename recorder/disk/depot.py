"""Takes on their way into the store, and out of it: sent in parts, checked by reading back, and only then let go."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from recorder.core.form import FormatError
from recorder.core.jobs import Later
from recorder.core.names import TakeId, derived_file, key_object, take_folder, tombstone_object
from recorder.core.space import work_refusal
from recorder.core.stored import PART_BYTES, STORED, StoredFile, StoredTake, objects_of, part_object, write_stored
from recorder.disk.files import Disk, write_whole
from recorder.disk.remux import Beat
from recorder.disk.store import Store, StoreAway
from recorder.disk.take_files import INDEX, MANIFEST, SEGMENTS
from recorder.disk.takes import Takes
from signaling.messages.ids import LessonId

SEALED: Final = ".sealed"
_PART_NAME: Final = re.compile(r"/\d{5}-[0-9a-f]{16}$")


class Depot:
    """What changes a take's place: into the store, out of the folder, out of both."""

    def __init__(
        self, root: Path, takes: Takes, store: Store, *, reserve_bytes: int = 0, part_bytes: int = PART_BYTES
    ) -> None:
        self.root: Final = root
        self.takes: Final = takes
        self.store: Final = store
        self._reserve: Final = reserve_bytes
        self._part_bytes: Final = part_bytes
        self._disk: Final = Disk()
        self.home: Final = store.root is not None and store.root == root.resolve()
        """The recorder's folder is the store: nothing has to be sent."""

    def put(self, lesson: LessonId, take: TakeId, beat: Beat) -> StoredTake:
        """Has all of a take in the store, checked; then its sealed files leave the folder. Goes on after a kill."""
        folder, name = self.takes.folder(lesson, take), take_folder(lesson, take)
        self.takes.drop_parts(lesson, take)
        files = _files(folder)
        self._refuse_without_room(files)
        steps = _Progress(beat, sum(path.stat().st_size for path in files) * (1 if self.home else 2))
        there = {} if self.home else self.store.sizes(name)
        sent = {path: self._sent(path, folder, name, there, steps) for path in files}
        self._compare(lesson, take, sent.values())
        earlier = self._earlier(lesson, take)
        names = {each.name for each in sent.values()}
        kept = tuple(each for each in earlier.files if each.name not in names) if earlier is not None else ()
        stored = StoredTake(lesson, take, self._part_bytes, (*kept, *sent.values()))
        if not self.home:
            for each in sent.values():
                self._read_back(name, each, steps)
            self.store.put(key_object(lesson), (self.root / key_object(lesson)).read_bytes())
        self._list(stored)
        if not self.home:
            self.store.delete(self.store.sizes(name).keys() - stored.objects())
            _let_go(path for path in files if path.name.endswith(SEALED))
        return stored

    def thin(self, lesson: LessonId, take: TakeId) -> None:
        """Removes the segments, of which whole files were made."""
        self._drop(lesson, take, lambda name: name.startswith(f"{SEGMENTS}/"))

    def remove_raw(self, lesson: LessonId, take: TakeId, kept: Iterable[str]) -> None:
        """Removes the tracks, as they were taken and as whole files, and keeps what is named, such as `film.mp4`."""
        staying = {derived_file(stem, extension) for stem, _, extension in (each.rpartition(".") for each in kept)}
        self._drop(lesson, take, lambda name: "/" in name and name not in staying)

    def remove(self, lesson: LessonId, take: TakeId) -> None:
        """Removes all of a take, the key first, and leaves the tombstone."""
        self.forget_key(lesson, take)
        if not self.home:
            tombstone = tombstone_object(lesson, take)
            with suppress(FileNotFoundError):
                self.store.put(tombstone, (self.root / tombstone).read_bytes())
            self.store.clear(take_folder(lesson, take))
        self.takes.remove(lesson, take)

    def forget_key(self, lesson: LessonId, take: TakeId) -> None:
        """Makes a lesson unreadable for good in folder and store, unless another take needs the key."""
        self.takes.forget_key(lesson, take)
        if self.home or (self.root / key_object(lesson)).exists():
            return
        key, own = key_object(lesson), take_folder(lesson, take) + "/"
        if not any(name != key and not name.startswith(own) for name in self.store.sizes(key.rpartition("/")[0])):
            self.store.delete([key])

    def _sent(self, path: Path, folder: Path, name: str, there: dict[str, int], steps: "_Progress") -> StoredFile:
        """Sends what is not there yet, and says what the file is."""
        file, whole, parts = path.relative_to(folder).as_posix(), sha256(), []
        in_parts = path.name.endswith(SEALED) and not self.home
        for number, data in enumerate(_read(path, self._part_bytes)):
            whole.update(data)
            if in_parts:
                parts.append(sha256(data).hexdigest())
                place = part_object(name, file, number, parts[-1])
                if there.get(place) != len(data):
                    self.store.put(place, data)
            steps.done(len(data))
        if not in_parts and not self.home:
            self.store.put(f"{name}/{file}", path.read_bytes())
        return StoredFile(file, path.stat().st_size, whole.hexdigest(), tuple(parts))

    def _read_back(self, name: str, file: StoredFile, steps: "_Progress") -> None:
        """What the store gives is what was sent, byte for byte; a part that is not is taken away, and sent anew."""
        for place, digest in objects_of(name, file):
            try:
                data = self.store.get(place)
            except FileNotFoundError as lost:
                raise StoreAway(f"{lost}, though it took it; it is sent again") from None
            if sha256(data).hexdigest() != digest:
                self.store.delete([place])
                raise StoreAway(f"The store {self.store.shown} gave back other bytes for {place}; they are sent again")
            steps.done(len(data))

    def _compare(self, lesson: LessonId, take: TakeId, files: Iterable[StoredFile]) -> None:
        """The recorder said of each segment what it is; one that changed since is not passed on as if it were that."""
        digests = {each.file: each.sha256 for each in self.takes.manifest(lesson, take).segments}
        for each in files:
            if digests.get(each.name, each.sha256) not in (each.sha256, ""):
                raise FormatError(f"{each.name} is not what the recorder wrote; it stays where it is")

    def _earlier(self, lesson: LessonId, take: TakeId) -> StoredTake | None:
        try:
            return self.takes.stored(lesson, take)
        except FileNotFoundError:
            return None

    def _list(self, stored: StoredTake) -> None:
        """Writes the list into the store and then into the folder, which is asked first."""
        text = write_stored(self.takes.key(stored.lesson).manifest_key, stored)
        name = f"{take_folder(stored.lesson, stored.take)}/{STORED}"
        if not self.home:
            self.store.put(name, text)
        write_whole(self._disk, self.root / name, text)

    def _drop(self, lesson: LessonId, take: TakeId, gone: Callable[[str], bool]) -> None:
        """The list first, so that it never names what is not there; done again after a kill, it ends what was begun."""
        name = take_folder(lesson, take)
        stored = self._earlier(lesson, take)
        if stored is not None:
            self._list(stored.without([each.name for each in stored.files if gone(each.name)]))
        if not self.home:
            found = self.store.sizes(name)
            self.store.delete(each for each in found if gone(_PART_NAME.sub("", each[len(name) + 1 :])))
        folder = self.takes.folder(lesson, take)
        _let_go(path for path in folder.rglob(f"*{SEALED}") if gone(path.relative_to(folder).as_posix()))
        for path in (folder / SEGMENTS, folder / "derived"):
            with suppress(OSError):  # something is kept in it
                path.rmdir()

    def _refuse_without_room(self, files: Iterable[Path]) -> None:
        free = None if self.home else self.store.free_bytes()
        wanted = sum(path.stat().st_size for path in files)
        if free is not None and (words := work_refusal(free, wanted, self._reserve)):
            raise Later(f"The store {self.store.shown}: {words}")


class _Progress:
    """Bytes done of all bytes."""

    def __init__(self, beat: Beat, all_bytes: int) -> None:
        self._beat, self._all, self._done = beat, max(1, all_bytes), 0

    def done(self, count: int) -> None:
        """So much more; raises what the beat raises, to stop between two parts."""
        self._done += count
        self._beat(self._done / self._all)


def _files(folder: Path) -> list[Path]:
    """All that goes into the store: index and manifest, whole files, segments."""
    named = [path for path in (folder / INDEX, folder / MANIFEST) if path.is_file()]
    return named + sorted(folder.glob(f"derived/*{SEALED}")) + sorted(folder.glob(f"{SEGMENTS}/*{SEALED}"))


def _read(path: Path, part_bytes: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while data := file.read(part_bytes):
            yield data


def _let_go(paths: Iterable[Path]) -> None:
    """For good: what comes back after a power cut would be looked for by nobody."""
    gone = list(paths)
    for path in gone:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in gone}:
        Disk().sync_folder(folder)
