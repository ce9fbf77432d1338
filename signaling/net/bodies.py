"""HTTP bodies: frozen dataclasses to JSON and back."""

from typing import Any, Final

from aiohttp import web

from signaling.messages.http import Problem
from signaling.messages.wire import Wire

_WIRES: Final[dict[type, Wire[Any]]] = {}


def wire_of(form: type) -> Wire[Any]:
    """Encodes and decodes one kind of body; made once, as a schema is slow to make."""
    if form not in _WIRES:
        _WIRES[form] = Wire(form)
    return _WIRES[form]


def json_response(body: object, status: int = 200) -> web.Response:
    """Answers with a dataclass."""
    text = wire_of(type(body)).encode(body)
    return web.Response(text=text, status=status, content_type="application/json")


def problem(status: int, code: str, sentence: str) -> web.Response:
    """Answers with an error as PROTOCOL.md has it."""
    return json_response(Problem(code, sentence), status)
