"""The HTTP half of WHIP (RFC 9725) and WHEP: an offer out, an answer back, and the address that ends it."""

from dataclasses import dataclass
from urllib.parse import urljoin

import aiohttp

from media_tests.peers.seat import MediaAddress


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the node answered."""

    answer: str
    resource: str
    """DELETE this to end the connection."""


async def exchange(address: MediaAddress, offer: str) -> Exchange:
    """Posts an offer; the node's sentence is in the error."""
    headers = {"Authorization": f"Bearer {address.token}", "Content-Type": "application/sdp"}
    async with aiohttp.ClientSession() as http, http.post(address.url, data=offer, headers=headers) as answer:
        text = await answer.text()
        if answer.status != 201:
            raise RuntimeError(f"POST {address.url}: {answer.status} {text}")
        return Exchange(text, urljoin(address.url, answer.headers["Location"]))


async def end(address: MediaAddress, resource: str) -> int:
    """Ends a connection; answers the HTTP status."""
    headers = {"Authorization": f"Bearer {address.token}"}
    async with aiohttp.ClientSession() as http, http.delete(resource, headers=headers) as answer:
        return answer.status
