"""Whether what was stored is still what was stored: signatures, the index's chain, and SHA-256 of every file."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from recorder.core.form import FormatError
from recorder.core.index import read_index
from recorder.core.names import TakeId, take_folder
from recorder.core.stored import StoredFile, StoredTake, objects_of
from recorder.disk.depot import Depot
from recorder.disk.remux import Beat
from recorder.disk.take_files import INDEX
from signaling.messages.ids import LessonId

READ_BYTES: Final = 1 << 20
MOST_TOLD: Final = 3


class Damaged(FormatError):
    """The sentence names the files; only a copy from elsewhere brings them back."""


def check(depot: Depot, lesson: LessonId, take: TakeId, beat: Beat, *, content: bool = True) -> int:
    """Returns how many files are as they were; raises Damaged, or StoreAway where that cannot be told now.

    Without `content` a store is only asked what it has, and how long it is: reading all of a bucket has a price.
    """
    takes = depot.takes
    manifest = takes.manifest(lesson, take)
    stored, wrong = _stored(depot, lesson, take), list(_chain(depot, lesson, take, manifest.index_chain))
    if stored is None:
        segments = [StoredFile(each.file, each.sealed_bytes, each.sha256) for each in manifest.segments if each.sha256]
        stored = StoredTake(lesson, take, 1, tuple(segments))
        found = _near(depot, stored, beat)
    elif depot.home:
        found = _near(depot, stored, beat)
    else:
        found = _read(depot, stored, beat) if content else _listed(depot, stored)
    spoiled = dict(found)
    # What has had its time meanwhile is gone, and no damage.
    now = _stored(depot, lesson, take) or stored
    wrong += [words for name, words in spoiled.items() if any(each.name == name for each in now.files)]
    if wrong:
        more = f"; and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
        raise Damaged("; ".join(wrong[:MOST_TOLD]) + more)
    return len(stored.files)


def _stored(depot: Depot, lesson: LessonId, take: TakeId) -> StoredTake | None:
    try:
        return depot.takes.stored(lesson, take)
    except FileNotFoundError:
        return None


def _chain(depot: Depot, lesson: LessonId, take: TakeId, chain: str) -> Iterator[str]:
    path = depot.takes.folder(lesson, take) / INDEX
    if not path.is_file():
        return
    try:
        tip = read_index(depot.takes.key(lesson).index_key, path.read_bytes()).tip
    except FormatError as error:
        yield f"{INDEX}: {error}"
        return
    if chain not in ("", tip.chain):
        yield f"{INDEX}: it is not the one that the manifest was made of"


def _near(depot: Depot, stored: StoredTake, beat: Beat) -> Iterator[tuple[str, str]]:
    """In the recorder's folder, file by file."""
    folder, step = depot.takes.folder(stored.lesson, stored.take), _steps(stored, beat)
    for each in stored.files:
        try:
            if _digest(folder / each.name, step) != each.sha256:
                yield each.name, f"{each.name} is not what was stored"
        except FileNotFoundError:
            yield each.name, f"{each.name} is missing"


def _read(depot: Depot, stored: StoredTake, beat: Beat) -> Iterator[tuple[str, str]]:
    """In the store, object by object."""
    folder, step = take_folder(stored.lesson, stored.take), _steps(stored, beat)
    for each in stored.files:
        for place, digest in objects_of(folder, each):
            try:
                data = depot.store.get(place)
            except FileNotFoundError:
                yield each.name, f"{place} is missing in the store"
                continue
            step(len(data))
            if sha256(data).hexdigest() != digest:
                yield each.name, f"{place} is not what was stored"


def _listed(depot: Depot, stored: StoredTake) -> Iterator[tuple[str, str]]:
    """By names and lengths alone; a part's name tells its content, and an object is there whole or not at all."""
    folder = take_folder(stored.lesson, stored.take)
    there = depot.store.sizes(folder)
    for each in stored.files:
        places = [place for place, _ in objects_of(folder, each)]
        lost = [place for place in places if place not in there]
        if lost:
            yield each.name, f"{lost[0]} is missing in the store"
        elif sum(there[place] for place in places) != each.size:
            yield each.name, f"{each.name} has another length in the store"


def _steps(stored: StoredTake, beat: Beat) -> Callable[[int], None]:
    whole, done = max(1, sum(each.size for each in stored.files)), 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        beat(min(1.0, done / whole))

    return step


def _digest(path: Path, step: Callable[[int], None]) -> str:
    found = sha256()
    with path.open("rb") as file:
        while data := file.read(READ_BYTES):
            found.update(data)
            step(len(data))
    return found.hexdigest()
