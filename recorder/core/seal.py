"""Sealed files as bytes: a header, then chunks of AES-256-GCM, each readable by itself.

A file is written once, by one process, under a key of its own; its chunks are counted, so no nonce comes twice.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recorder.core.form import FormatError
from recorder.core.keys import LessonKey

MAGIC: Final = b"3CSEALED"
VERSION: Final = 1
FILE_NAME_BYTES: Final = 16
HEADER: Final = struct.Struct(">8sHHI16s")
LENGTH: Final = struct.Struct(">I")
TAG_BYTES: Final = 16
OVERHEAD: Final = LENGTH.size + TAG_BYTES
"""What a chunk costs beside its plain bytes."""
MAX_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Header:
    file: bytes
    """16 random bytes: the salt of the file's key."""
    chunk_bytes: int = 0
    """The plain length of every chunk but the last, so that a place is found by arithmetic; 0: lengths differ."""

    def pack(self) -> bytes:
        return HEADER.pack(MAGIC, VERSION, 0, self.chunk_bytes, self.file)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where a chunk lies."""

    number: int
    sealed_offset: int
    """Of its length field."""
    plain_offset: int
    plain_length: int

    @property
    def sealed_length(self) -> int:
        return self.plain_length + OVERHEAD


class Sealer:
    """Seals one file, from its first byte to its last."""

    def __init__(self, key: LessonKey, header: Header) -> None:
        if len(header.file) != FILE_NAME_BYTES or not 0 <= header.chunk_bytes <= MAX_CHUNK:
            raise ValueError(f"a sealed file's header has {FILE_NAME_BYTES} random bytes and chunks up to {MAX_CHUNK}")
        self._header: Final = header.pack()
        self._gcm: Final = AESGCM(key.file_key(header.file))
        self._chunks = 0

    @property
    def header(self) -> bytes:
        """The file's first bytes."""
        return self._header

    def seal(self, plain: bytes) -> bytes:
        """The next chunks; whoever seals with `chunk_bytes` gives exactly so much, but for the last time."""
        sealed = bytearray()
        for start in range(0, len(plain), MAX_CHUNK):
            part = plain[start : start + MAX_CHUNK]
            length = LENGTH.pack(len(part))
            sealed += length + self._gcm.encrypt(nonce(self._chunks), part, _bound(self._header, length))
            self._chunks += 1
        return bytes(sealed)


class Opener:
    """Opens the chunks of one file."""

    def __init__(self, key: LessonKey, header: bytes) -> None:
        self.header: Final = read_header(header)
        self._bytes: Final = header[: HEADER.size]
        self._gcm: Final = AESGCM(key.file_key(self.header.file))

    def open(self, number: int, sealed: bytes) -> bytes:
        """The plain bytes of chunk `number`, given all of it; raises FormatError when they are not what was sealed."""
        length = sealed[: LENGTH.size]
        try:
            return self._gcm.decrypt(nonce(number), sealed[LENGTH.size :], _bound(self._bytes, length))
        except InvalidTag:
            raise FormatError(f"sealed file: chunk {number} was changed, cut or sealed with another key") from None


def read_header(data: bytes) -> Header:
    """Raises FormatError for what is no sealed file."""
    if len(data) < HEADER.size:
        raise FormatError(f"sealed file: {len(data)} bytes, shorter than its header")
    magic, version, _, chunk_bytes, file = HEADER.unpack_from(data)
    if magic != MAGIC:
        raise FormatError("sealed file: it does not begin as one")
    if version != VERSION:
        raise FormatError(f"sealed file: version {version}, and this program reads {VERSION}: update it")
    if chunk_bytes > MAX_CHUNK:
        raise FormatError(f"sealed file: chunks of {chunk_bytes} bytes, over {MAX_CHUNK}")
    return Header(file, chunk_bytes)


def chunk_length(field: bytes) -> int:
    """The plain length that a chunk's first four bytes tell; raises FormatError."""
    (length,) = LENGTH.unpack(field)
    if not 0 < length <= MAX_CHUNK:
        raise FormatError(f"sealed file: a chunk of {length} bytes, not 1 to {MAX_CHUNK}")
    return int(length)


def even_chunks(header: Header, sealed_bytes: int) -> Iterator[Chunk]:
    """Where the chunks lie in a file whose header says how long they are."""
    step = header.chunk_bytes + OVERHEAD
    for number, offset in enumerate(range(HEADER.size, sealed_bytes, step)):
        length = min(step, sealed_bytes - offset) - OVERHEAD
        if length > 0:
            yield Chunk(number, offset, number * header.chunk_bytes, length)


def nonce(number: int) -> bytes:
    """96 bits that count the chunks of a file, whose key nothing else uses."""
    return number.to_bytes(12, "big")


def _bound(header: bytes, length: bytes) -> bytes:
    return header + length
