"""Looks whether the services have come up."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from deploy.core.configuration import Addresses, ConfigurationError, host_and_port
from deploy.net.failure import why

EVERY_S = 0.1
PATIENCE_S = 15.0
AUTO, ANYWHERE = "auto:", "0.0.0.0:"
"""A listener at any address of this machine is in the way of one at all of them."""


@dataclass(frozen=True, slots=True)
class Health:
    """What signaling says of itself; `trouble` is why it could not be asked."""

    signaling: bool
    node: bool
    trouble: str = ""


def refuse_taken(addresses: Addresses) -> None:
    """Raises where another program listens already."""
    listening = {
        "signaling": addresses.signaling_listen,
        "node": addresses.node_listen,
        "library": addresses.library_listen,
    }
    for name, listen in listening.items():
        if (error := _taken(listen)) is not None:
            raise ConfigurationError(
                f"{listen} cannot be had: {error.strerror}. Is it running already? End that program, "
                f"or change `listen` in [{name}] of the configuration."
            )
    for name, entries, way_out in (
        ("media", addresses.media, ", or say `tcp = false` there"),
        ("front", addresses.front, "; a port below 1024 is root's unless the kernel is told otherwise"),
    ):
        for listen in entries:
            if (error := _taken(listen.replace(AUTO, ANYWHERE, 1))) is not None:
                raise ConfigurationError(
                    f"TCP {listen} cannot be had: {error.strerror}. End the program that listens there, or change "
                    f"`{name}` in [node] of the configuration{way_out}."
                )


def _taken(listen: str) -> OSError | None:
    """Why nobody could listen there now."""
    host, port = host_and_port(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


async def until_ready(url: str, trust: ssl.SSLContext, say: Callable[[str], None]) -> None:
    """Returns when signaling answers and has reached the node; says what it waits for when that takes long."""
    loop = asyncio.get_running_loop()
    patience = loop.time() + PATIENCE_S
    seen = Health(signaling=False, node=False)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as http:
        while not seen.node:
            now = await health(http, url, trust)
            if now.signaling and not seen.signaling:
                say("signaling answers; waiting for its node.")
            seen = now
            if loop.time() > patience:
                patience += 4 * PATIENCE_S
                say(f"still waiting: {now.trouble or 'signaling has not reached its node'}.")
            if not seen.node:
                await asyncio.sleep(EVERY_S)


async def health(http: aiohttp.ClientSession, url: str, trust: ssl.SSLContext) -> Health:
    """One look."""
    try:
        async with http.get(f"{url}/healthz", ssl=trust) as answer:
            body = await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return Health(signaling=False, node=False, trouble=f"{url} does not answer ({why(error)})")
    return Health(signaling=True, node=isinstance(body, dict) and bool(body.get("node")))
