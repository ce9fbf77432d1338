"""The few things that a take asks of a disk, so that a test can take the power away between any two of them."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol


class Written(Protocol):
    """A file that grows."""

    def write(self, data: bytes) -> None:
        """Appends all of `data`, or raises OSError."""

    def sync(self) -> None:
        """Returns once all that was written would outlive a power cut."""

    def close(self) -> None: ...


class Files(Protocol):
    """A disk."""

    def create(self, path: Path) -> Written:
        """A new file, with its folders; FileExistsError if there is one. Its name is safe after `sync_folder`."""

    def append(self, path: Path) -> Written: ...

    def read(self, path: Path, offset: int = 0, length: int = -1) -> bytes: ...

    def size(self, path: Path) -> int: ...

    def cut(self, path: Path, size: int) -> None:
        """Shortens a file, safely."""

    def replace(self, path: Path, to: Path) -> None:
        """Renames at once; `to` is the old or the new file, never a part of one."""

    def sync_folder(self, path: Path) -> None:
        """Makes the names in a folder safe."""

    def names(self, path: Path) -> list[str]:
        """What a folder holds, sorted; nothing if there is no such folder."""

    def remove(self, path: Path) -> None: ...

    def free_bytes(self, path: Path) -> int: ...


class _Descriptor:
    def __init__(self, path: Path, flags: int) -> None:
        self._descriptor = os.open(path, flags | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o640)

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


class Disk:
    """The machine's own."""

    def make_folder(self, path: Path) -> None:
        """Makes it with those above it; all their names are safe."""
        for folder in reversed([path, *path.parents]):
            if not folder.exists():
                folder.mkdir(mode=0o750, exist_ok=True)
                self.sync_folder(folder.parent)

    def create(self, path: Path) -> Written:
        self.make_folder(path.parent)
        return _Descriptor(path, os.O_CREAT | os.O_EXCL)

    def append(self, path: Path) -> Written:
        return _Descriptor(path, 0)

    def read(self, path: Path, offset: int = 0, length: int = -1) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def size(self, path: Path) -> int:
        return path.stat().st_size

    def cut(self, path: Path, size: int) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.ftruncate(descriptor, size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def replace(self, path: Path, to: Path) -> None:
        path.replace(to)

    def sync_folder(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync(self, path: Path) -> None:
        """Makes safe what somebody else has written into a file."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync_gone(self, path: Path) -> None:
        """Makes it safe that a path is no more, whether or not its folders went with it."""
        while True:
            path = path.parent
            with suppress(FileNotFoundError):
                self.sync_folder(path)
                return

    def names(self, path: Path) -> list[str]:
        return sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []

    def remove(self, path: Path) -> None:
        path.unlink()

    def free_bytes(self, path: Path) -> int:
        while not path.exists():
            path = path.parent
        return shutil.disk_usage(path).free


PART: Final = ".part"


def write_whole(files: Files, path: Path, content: bytes) -> None:
    """Puts a small file in place so that a reader finds the old one or all of the new one."""
    part = path.with_name(path.name + PART)
    if part.name in files.names(path.parent):
        files.cut(part, 0)
        file = files.append(part)
    else:
        file = files.create(part)
    try:
        file.write(content)
        file.sync()
    finally:
        file.close()
    files.replace(part, path)
    files.sync_folder(path.parent)
