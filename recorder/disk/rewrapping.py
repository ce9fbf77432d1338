"""A new master key: the lessons' keys are wrapped anew in folder and store, and no media is touched."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from recorder.core.form import FormatError
from recorder.core.names import TakeId, key_object
from recorder.disk.depot import Depot
from recorder.disk.files import Disk, write_whole
from signaling.messages.ids import LessonId


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What became of the keys that another master had wrapped."""

    lessons: int = 0
    left: tuple[str, ...] = ()
    """In words, why a key stayed as it is."""


def wrap_anew(depot: Depot) -> Rewrapped:
    """Wraps what a former master wrapped; goes on after a kill. Raises StoreAway."""
    takes, store = depot.takes, depot.store
    # A whole bucket is listed only while there is a former master, whose lessons may lie there alone.
    far = store.sizes("takes").keys() if takes.master.former and not depot.home else frozenset()
    near = (path.as_posix() for path in depot.root.glob("takes/*/key.json"))
    done, left = 0, []
    for lesson in sorted({*_lessons(near), *_lessons(far)}):
        name = key_object(lesson)
        try:
            text = takes.wrapped_anew(lesson)
            if text is None:
                continue
            if name in far:
                store.put(name, text)
            if (depot.root / name).exists():
                write_whole(Disk(), depot.root / name, text)
        except FileNotFoundError:
            continue  # deleted meanwhile
        except FormatError as error:
            left.append(str(error))
            continue
        _forget_deleted(depot, lesson)
        done += 1
    return Rewrapped(done, tuple(left))


def _forget_deleted(depot: Depot, lesson: LessonId) -> None:
    """A deletion writes its tombstone before it takes the key: one that was put back meanwhile goes again."""
    for stone in depot.root.glob(f"tombstones/{lesson}/*.json"):
        depot.forget_key(lesson, TakeId(stone.stem))


def _lessons(paths: Iterable[str]) -> Iterator[LessonId]:
    return (LessonId(path.rsplit("/", 2)[1]) for path in paths if path.endswith("/key.json"))
