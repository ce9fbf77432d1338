"""Which workers of this machine live: each holds the lock of a file of its own, and its death lets it go."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

KEPT_S: Final = 24 * 3600
"""A dead worker's file stays until no lease can be its any more."""


class Living:
    """Says that we live, and asks the same of others."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder: Final = folder
        self._name: Final = name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor: Final = os.open(self._path(name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._forget_old()

    def gone(self, name: str) -> bool:
        """That worker is dead. Of one of another machine nothing is known here: its lease decides."""
        try:
            descriptor = os.open(self._path(name), os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    def close(self) -> None:
        """We leave, and have given back what we had."""
        self._path(self._name).unlink(missing_ok=True)
        os.close(self._descriptor)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    def _forget_old(self) -> None:
        """The first who sees that a worker is dead notes when; its file goes a day later."""
        for path in self._folder.glob("*.lock"):
            if not self.gone(path.stem):
                continue
            with suppress(FileNotFoundError):
                seen = path.stat()
                if not seen.st_size:
                    path.write_bytes(b"dead")
                elif time.time() - seen.st_mtime > KEPT_S:
                    path.unlink()
