"""Frozen dataclasses to JSON and back; what does not fit is refused in one sentence that names the field."""

import json
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


class FormatError(ValueError):
    """These bytes are not what they should be; the sentence says what is wrong and what to do."""


class Form(Generic[T]):
    """Reads and writes one kind of document; `what` names it in errors."""

    def __init__(self, what: str, of: Any) -> None:
        self._what: Final = what
        self._adapter: TypeAdapter[T] = TypeAdapter(of)

    def read(self, text: str | bytes) -> T:
        """Reads strictly: no unknown field, no field of another type; raises FormatError."""
        try:
            return self._adapter.validate_json(text, strict=True, extra="forbid")
        except ValidationError as error:
            raise FormatError(f"{self._what}: {_sentence(error)}") from None

    def write(self, value: T) -> bytes:
        """Writes canonical JSON: the same value is always the same bytes."""
        return canonical(self._adapter.dump_python(value, mode="json"))

    def fields(self, value: T) -> dict[str, Any]:
        """The value as plain JSON data."""
        found: dict[str, Any] = self._adapter.dump_python(value, mode="json")
        return found


def canonical(data: dict[str, Any]) -> bytes:
    """JSON with sorted keys and without spaces, in UTF-8: what is hashed and signed."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def parsed(what: str, text: bytes) -> dict[str, Any]:
    """The JSON object in `text`; raises FormatError."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise FormatError(f"{what}: no JSON ({error})") from None
    if not isinstance(data, dict):
        raise FormatError(f"{what}: a JSON object was expected")
    return data


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "document"
    return f"{where}: {first['msg']}"
