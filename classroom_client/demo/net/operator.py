"""The operator's part of the demonstration: plans and opens its lesson, invites, ends."""

import asyncio
from types import TracebackType
from typing import Any, Self

import aiohttp

from signaling.messages.ids import LessonId, Role, SeatId

PATIENCE_S = 8.0
CODE_LIFETIME_S = 7 * 24 * 3600
"""A link printed on Monday still opens on Friday."""


class Refused(RuntimeError):
    """Signaling did not do what the operator asked."""


class Operator:
    """Calls the operator's routes with the key from the configuration."""

    def __init__(self, server: str, key: str) -> None:
        self._server = server
        self._http = aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def begin(self, title: str, lead: str, rooms: tuple[str, ...]) -> LessonId:
        """Plans a dedicated lesson of which nothing is taken, and opens its doors."""
        # It goes round for as long as it runs: a take of it would fill the disk.
        policy: dict[str, object] = {"sources": []}
        plan = {
            "title": title,
            "mode": "dedicated",
            "lead_classroom": lead,
            "rural_classrooms": rooms,
            "policy": policy,
        }
        lesson = LessonId((await self._call("POST", "/api/lessons", plan))["lesson"])
        await self._call("POST", f"/api/lessons/{lesson}/open")
        return lesson

    async def invite(self, lesson: LessonId, role: Role, classroom: str) -> tuple[SeatId, str]:
        """A seat and the link that opens it once."""
        wish = {"role": role, "classroom": classroom, "lifetime_s": CODE_LIFETIME_S}
        made = await self._call("POST", f"/api/lessons/{lesson}/invitations", wish)
        return SeatId(made["seat"]), str(made["link"])

    async def end(self, lesson: LessonId) -> None:
        await self._call("POST", f"/api/lessons/{lesson}/end")

    async def end_leftovers(self, title: str) -> None:
        """Ends lessons of this title that an earlier run left open, as after a power cut."""
        for lesson in (await self._call("GET", "/api/lessons"))["lessons"]:
            if lesson["title"] == title and lesson["state"] in ("open", "live"):
                await self.end(LessonId(lesson["lesson"]))

    async def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        try:
            async with asyncio.timeout(PATIENCE_S):
                async with self._http.request(method, self._server + path, json=body) as answer:
                    said = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Refused(f"{method} {path}: {type(error).__name__} {error}") from None
        if answer.status >= 400 or not isinstance(said, dict):
            raise Refused(f"{method} {path}: {answer.status} {said}")
        return said
