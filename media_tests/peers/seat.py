"""A seat for peers that know nothing of our WebSocket: a bearer token and what it opens at the node."""

from dataclasses import dataclass
from typing import Any

import aiohttp

from media_tests.lesson.system import Invitation, System


@dataclass(frozen=True, slots=True)
class MediaAddress:
    """Where a WHIP or WHEP peer connects, and its token."""

    url: str
    token: str


async def bearer_token(system: System, invitation: Invitation) -> str:
    """Exchanges the code of an invitation."""
    body = await _post(system, "/api/session", {"code": invitation.code, "bearer": True}, token=None)
    return str(body["token"])


async def media_address(system: System, bearer: str, connection: str, **sources: str) -> MediaAddress:
    """Asks for a media token of a seat."""
    body = await _post(system, "/api/session/media-token", {"connection": connection, **sources}, token=bearer)
    return MediaAddress(str(body["url"]), str(body["token"]))


async def _post(system: System, path: str, body: dict[str, Any], token: str | None) -> dict[str, Any]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{system.url}{path}", json=body, headers=headers) as answer,
    ):
        text = await answer.text()
        if answer.status >= 400:
            raise RuntimeError(f"POST {path}: {answer.status} {text}")
        return dict(await answer.json())
