"""Sealed files on a disk: written from one end, read at any place."""

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from secrets import token_bytes
from typing import Final, Protocol

from recorder.core.form import FormatError
from recorder.core.keys import LessonKey
from recorder.core.seal import (
    FILE_NAME_BYTES,
    HEADER,
    LENGTH,
    MAX_CHUNK,
    OVERHEAD,
    Chunk,
    Header,
    Opener,
    Sealer,
    chunk_length,
    even_chunks,
)
from recorder.disk.files import Disk, Files, Written

WHOLE_FILE_CHUNK: Final = 65536


class SealedWriter:
    """Writes a whole file in even chunks, as it comes; `close` puts the last chunk behind."""

    def __init__(self, files: Files, path: Path, key: LessonKey, chunk_bytes: int = WHOLE_FILE_CHUNK) -> None:
        self._sealer: Final = Sealer(key, Header(token_bytes(FILE_NAME_BYTES), chunk_bytes))
        self._chunk_bytes: Final = chunk_bytes
        self._pending = bytearray()
        self._let_go = False
        self._file: Final[Written] = files.create(path)
        try:
            self._file.write(self._sealer.header)
        except BaseException:
            self.abandon()
            raise

    def write(self, plain: bytes) -> None:
        self._pending += plain
        while len(self._pending) >= self._chunk_bytes:
            self._file.write(self._sealer.seal(bytes(self._pending[: self._chunk_bytes])))
            del self._pending[: self._chunk_bytes]

    def close(self) -> None:
        """Returns once the whole file is safe; its name is after `sync_folder`."""
        try:
            self._file.write(self._sealer.seal(bytes(self._pending)))
            self._file.sync()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Lets go of the file as it is; a full disk has its room back once nobody holds it."""
        if not self._let_go:
            self._let_go = True
            self._file.close()


class Readable(Protocol):
    """Where a file's bytes come from."""

    def read(self, path: Path, offset: int = 0, length: int = -1) -> bytes: ...

    def size(self, path: Path) -> int: ...


class SealedReader:
    """Reads any place of a sealed file, or of its first `sealed_bytes`, as an index names them."""

    def __init__(self, path: Path, key: LessonKey, *, sealed_bytes: int | None = None, files: Readable | None = None):
        self._files: Final[Readable] = files or Disk()
        self._path: Final = path
        self._opener: Final = Opener(key, self._files.read(path, 0, HEADER.size))
        self._chunks: Final = self._found(self._files.size(path) if sealed_bytes is None else sealed_bytes)
        self._starts: Final = [chunk.plain_offset for chunk in self._chunks]
        self.size: Final = self._chunks[-1].plain_offset + self._chunks[-1].plain_length if self._chunks else 0
        """Plain bytes."""

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Up to `length` plain bytes from `offset`; raises FormatError where the file was changed."""
        end = self.size if length is None else min(self.size, offset + length)
        found = bytearray()
        place = max(0, bisect_right(self._starts, offset) - 1)
        while run := self._run(place, end):
            for chunk, plain in self._opened(run):
                found += plain[max(0, offset - chunk.plain_offset) : end - chunk.plain_offset]
            place += len(run)
        return bytes(found)

    def _run(self, place: int, end: int) -> list[Chunk]:
        """Chunks that lie together and are read at once: a store is asked once for what a viewer asks once."""
        run: list[Chunk] = []
        while place < len(self._chunks) and (chunk := self._chunks[place]).plain_offset < end:
            if run and chunk.plain_offset + chunk.plain_length - run[0].plain_offset > MAX_CHUNK:
                break
            run.append(chunk)
            place += 1
        return run

    def _opened(self, run: list[Chunk]) -> Iterator[tuple[Chunk, bytes]]:
        first, last = run[0].sealed_offset, run[-1].sealed_offset + run[-1].sealed_length
        sealed = self._files.read(self._path, first, last - first)
        for chunk in run:
            start = chunk.sealed_offset - first
            yield chunk, self._opener.open(chunk.number, sealed[start : start + chunk.sealed_length])

    def _found(self, sealed_bytes: int) -> list[Chunk]:
        if self._opener.header.chunk_bytes:
            return list(even_chunks(self._opener.header, sealed_bytes))
        chunks: list[Chunk] = []
        offset, plain = HEADER.size, 0
        while offset < sealed_bytes:
            length = chunk_length(self._files.read(self._path, offset, LENGTH.size))
            if offset + length + OVERHEAD > sealed_bytes:
                raise FormatError(f"{self._path.name}: its last chunk is cut; salvage the take first")
            chunks.append(Chunk(len(chunks), offset, plain, length))
            offset += length + OVERHEAD
            plain += length
        return chunks
