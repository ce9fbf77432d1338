"""A sealed file as FFmpeg reads files."""

from typing import Final, Protocol


class Plain(Protocol):
    """Bytes at any place."""

    @property
    def size(self) -> int: ...

    def read(self, offset: int = 0, length: int | None = None) -> bytes: ...


class Opened:
    """Reads forwards from where it stands."""

    def __init__(self, plain: Plain) -> None:
        self._plain: Final = plain
        self._place = 0

    def read(self, size: int = -1) -> bytes:
        data = self._plain.read(self._place, None if size < 0 else size)
        self._place += len(data)
        return data

    def seek(self, place: int, whence: int = 0) -> int:
        self._place = max(0, place + (0, self._place, self._plain.size)[whence])
        return self._place

    def tell(self) -> int:
        return self._place
