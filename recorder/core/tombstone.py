"""What stays of a deleted take: that it was, and who deleted it why; nothing that was seen or heard."""

import hmac
from dataclasses import dataclass
from typing import Final

from recorder.core.form import Form, FormatError, canonical, parsed
from recorder.core.names import TakeId
from signaling.messages.ids import LessonId, Source

VERSION: Final = 1
FORMAT: Final = "three-classrooms tombstone"


@dataclass(frozen=True, slots=True)
class Tombstone:
    take: TakeId
    lesson: LessonId
    started_at_ms: int
    duration_us: int
    sources: tuple[Source, ...]
    files: int
    sealed_bytes: int
    manifest_sha256: str
    """Of the manifest's bytes: a copy that turns up can be told to be this take."""
    deleted_at_ms: int
    deleted_by: str
    reason: str


TOMBSTONE: Final[Form[Tombstone]] = Form("tombstone", Tombstone)


def write_tombstone(key: bytes, tombstone: Tombstone) -> bytes:
    """Signed with the master's `tombstone_key`, as the lesson's own key is gone."""
    data = TOMBSTONE.fields(tombstone) | {"format": FORMAT, "version": VERSION}
    return canonical(data | {"signature": _signature(key, data)}) + b"\n"


def read_tombstone(key: bytes, text: bytes) -> Tombstone:
    """Raises FormatError when it is none, or was changed."""
    data = parsed("tombstone", text)
    signature = data.pop("signature", None)
    if not isinstance(signature, str) or not hmac.compare_digest(signature, _signature(key, data)):
        raise FormatError("tombstone: the signature is wrong; it was changed, or the master key is another one")
    if data.pop("format", None) != FORMAT or data.pop("version", None) != VERSION:
        raise FormatError(f"tombstone: no {FORMAT} of version {VERSION}")
    return TOMBSTONE.read(canonical(data))


def _signature(key: bytes, data: dict[str, object]) -> str:
    return hmac.digest(key, canonical(data), "sha256").hex()
