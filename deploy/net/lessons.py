"""The operator's hand on lessons: calls of signaling's HTTP interface."""

import asyncio
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import aiohttp

from deploy.net.failure import why

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"


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
        return asyncio.run(self._call(method, path, body))

    async def _call(self, method: str, path: str, body: Mapping[str, Json] | None) -> Json:
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            async with (
                aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=15)) as http,
                http.request(method, self.url + path, json=body, ssl=self.trust) as answer,
            ):
                return _answer(answer.status, await answer.text())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise LessonError(
                f"Signaling at {self.url} does not answer ({why(error)}). "
                "Start it with `three-classrooms up`, or name another with --server."
            ) from None


def _answer(status: int, text: str) -> Json:
    """The body of a success; a refusal raises with signaling's own sentence."""
    try:
        body: Json = json.loads(text) if text else None
    except ValueError:
        body = None
    if status < 400:
        return body
    if isinstance(body, Mapping) and "sentence" in body:
        raise LessonError(f"{body['sentence']} ({body.get('code', status)})")
    raise LessonError(f"Signaling answered {status}. Is --server the address of signaling?")
