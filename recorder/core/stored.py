"""What a store holds of a take: a signed list of its files, long ones in parts that are named by what is in them.

A part lies there whole or not at all, and its name tells its content: an upload that was cut off asks which parts are
there and sends the others, whichever store it is. The list is written last.
"""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from recorder.core.form import Form, FormatError, canonical, parsed
from recorder.core.names import TakeId, take_folder
from signaling.messages.ids import LessonId

VERSION: Final = 1
FORMAT: Final = "three-classrooms stored take"
STORED: Final = "stored.json"
PART_BYTES: Final = 8 << 20
"""A few seconds on a school's uplink: what an interruption costs at most."""
NAMED_DIGITS: Final = 16
"""Hexadecimal digits of a part's SHA-256 in its name."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One sealed file, as it lay on the disk."""

    name: str
    """Below the take's folder, such as `derived/film.mp4.sealed`."""
    size: int
    sha256: str
    parts: tuple[str, ...] = ()
    """The SHA-256 of each part in order; none: it lies there whole, under its own name."""


@dataclass(frozen=True, slots=True)
class StoredTake:
    lesson: LessonId
    take: TakeId
    part_bytes: int
    """Of every part but a file's last."""
    files: tuple[StoredFile, ...]

    def file(self, name: str) -> StoredFile:
        """The file of that name; raises FileNotFoundError."""
        for each in self.files:
            if each.name == name:
                return each
        raise FileNotFoundError(f"{take_folder(self.lesson, self.take)}/{name} is not in the store")

    def without(self, names: Iterable[str]) -> "StoredTake":
        """The same take when these files have had their time."""
        gone = frozenset(names)
        return replace(self, files=tuple(each for each in self.files if each.name not in gone))

    def objects(self) -> frozenset[str]:
        """The names of all objects that belong to it, the list among them."""
        folder = take_folder(self.lesson, self.take)
        named = {f"{folder}/{STORED}"}
        return frozenset(named.union(*({name for name, _ in objects_of(folder, each)} for each in self.files)))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes of one object."""

    object: str
    start: int
    end: int


def part_object(folder: str, name: str, number: int, digest: str) -> str:
    """Where part `number` of a file lies, counted from 0."""
    return f"{folder}/{name}/{number + 1:05}-{digest[:NAMED_DIGITS]}"


def objects_of(folder: str, file: StoredFile) -> tuple[tuple[str, str], ...]:
    """The objects that a file is made of in order, each with the SHA-256 of its content."""
    if not file.parts:
        return ((f"{folder}/{file.name}", file.sha256),)
    return tuple((part_object(folder, file.name, i, digest), digest) for i, digest in enumerate(file.parts))


def stretches(stored: StoredTake, file: StoredFile, offset: int, length: int) -> Iterator[Stretch]:
    """Which bytes of which objects are these of a file; what lies behind its end is none."""
    objects = objects_of(take_folder(stored.lesson, stored.take), file)
    step = stored.part_bytes if file.parts else max(1, file.size)
    place, end = max(0, offset), min(file.size, offset + length)
    while place < end:
        number = place // step
        until = min(end, (number + 1) * step)
        yield Stretch(objects[number][0], place - number * step, until - number * step)
        place = until


STORED_FORM: Final[Form[StoredTake]] = Form("stored take", StoredTake)


def write_stored(key: bytes, stored: StoredTake) -> bytes:
    """The list as signed JSON."""
    data = STORED_FORM.fields(stored) | {"format": FORMAT, "version": VERSION}
    return canonical(data | {"signature": _signature(key, data)}) + b"\n"


def read_stored(key: bytes, text: bytes) -> StoredTake:
    """Raises FormatError when it is none, or was changed."""
    data = parsed("stored take", text)
    signature = data.pop("signature", None)
    if not isinstance(signature, str) or not hmac.compare_digest(signature, _signature(key, data)):
        raise FormatError("stored take: the signature is wrong; it was changed, or the key is another one")
    if data.pop("format", None) != FORMAT or data.pop("version", None) != VERSION:
        raise FormatError(f"stored take: no {FORMAT} of version {VERSION}")
    return STORED_FORM.read(canonical(data))


def _signature(key: bytes, data: dict[str, object]) -> str:
    return hmac.digest(key, canonical(data), "sha256").hex()
