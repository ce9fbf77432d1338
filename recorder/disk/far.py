"""A take's files, read on the disk, and in the store when they have left it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from recorder.core.seal import LENGTH
from recorder.core.stored import StoredTake, stretches
from recorder.disk.files import Disk
from recorder.disk.store import Store

BLOCK: Final = 1 << 20
"""Read at once where a length is asked for: a segment's chunks are found one behind the other."""


class Anywhere:
    """Reads files below one take's folder, wherever they lie at that moment."""

    def __init__(self, disk: Disk, folder: Path, store: Store | None, stored: Callable[[], StoredTake]) -> None:
        self._disk: Final = disk
        self._folder: Final = folder
        self._store: Final = store
        self._list: Final = stored
        self._stored: StoredTake | None = None
        self._block: tuple[str, int, bytes] = ("", 0, b"")

    def read(self, path: Path, offset: int = 0, length: int = -1) -> bytes:
        """The bytes at a place; raises FileNotFoundError when the file is nowhere."""
        if self._stored is None:
            try:
                return self._disk.read(path, offset, length)
            except FileNotFoundError:
                if self._store is None:
                    raise
        if length < 0:
            return self._far(path, offset, self.size(path))
        return self._near_by(path, offset, length) if length <= LENGTH.size else self._far(path, offset, length)

    def size(self, path: Path) -> int:
        """How long a file is."""
        if self._stored is None:
            try:
                return self._disk.size(path)
            except FileNotFoundError:
                if self._store is None:
                    raise
        return self._named(path)[0].file(self._name(path)).size

    def _near_by(self, path: Path, offset: int, length: int) -> bytes:
        name, start, held = self._block
        if name != path.name or not start <= offset or offset + length > start + len(held):
            start, held = offset, self._far(path, offset, BLOCK)
            self._block = (path.name, start, held)
        return held[offset - start : offset - start + length]

    def _far(self, path: Path, offset: int, length: int) -> bytes:
        stored, store = self._named(path)
        file = stored.file(self._name(path))
        return b"".join(
            store.read(each.object, each.start, each.end) for each in stretches(stored, file, offset, length)
        )

    def _named(self, path: Path) -> tuple[StoredTake, Store]:
        """The list, asked for once."""
        if self._store is None:
            raise FileNotFoundError(path)
        if self._stored is None:
            self._stored = self._list()
        return self._stored, self._store

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()
