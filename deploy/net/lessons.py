"""The operator's hand on lessons: calls of signaling's HTTP interface."""

import asyncio
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

import aiohttp

from deploy.net.failure import why

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"

PATIENCE_S: Final = 15.0
FILE_PATIENCE_S: Final = 300.0
"""A county's people and a whole term are planned before they are saved."""


class LessonError(Exception):
    """Signaling could not be reached or refused; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Where signaling is and what opens it."""

    url: str
    key: str
    trust: ssl.SSLContext

    def call(self, method: str, path: str, body: Mapping[str, Json] | None = None) -> Json:
        """One call, from start to end."""
        return _answer(*asyncio.run(self._call(method, path, body, None)))

    def send(self, path: str, file: bytes) -> Json:
        """A call with a file."""
        return _answer(*asyncio.run(self._call("POST", path, None, file)))

    def fetch(self, path: str) -> bytes:
        """A file, as it is."""
        status, data = asyncio.run(self._call("GET", path, None, None))
        return data if status < 400 else _refuse(status, data)

    async def _call(
        self, method: str, path: str, body: Mapping[str, Json] | None, file: bytes | None
    ) -> tuple[int, bytes]:
        headers, patience_s = {"Authorization": f"Bearer {self.key}"}, PATIENCE_S if file is None else FILE_PATIENCE_S
        try:
            async with (
                aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=patience_s)) as http,
                http.request(method, self.url + path, json=body, data=file, ssl=self.trust) as answer,
            ):
                return answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise LessonError(
                f"Signaling at {self.url} does not answer ({why(error)}). "
                "Start it with `three-classrooms up`, or name another with --server."
            ) from None


def _answer(status: int, data: bytes) -> Json:
    """The body of a success; a refusal raises."""
    return _read(data) if status < 400 else _refuse(status, data)


def _read(data: bytes) -> Json:
    try:
        body: Json = json.loads(data) if data else None
    except ValueError:
        return None
    return body


def _refuse(status: int, data: bytes) -> NoReturn:
    """Says it with signaling's own sentence."""
    body = _read(data)
    if isinstance(body, Mapping) and "sentence" in body:
        raise LessonError(f"{body['sentence']} ({body.get('code', status)})")
    raise LessonError(f"Signaling answered {status}. Is --server the address of signaling?")
