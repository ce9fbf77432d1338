"""Real failures, in words."""

import asyncio
import ssl
from pathlib import Path

import aiohttp
import pytest

from deploy.disk.certificate import issue
from deploy.net.failure import why


async def _fails(url: str, timeout_s: float = 5) -> str:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout_s)) as http:
        with pytest.raises((aiohttp.ClientError, TimeoutError)) as failed:
            await http.get(url)
    return why(failed.value)


async def test_nobody_listens() -> None:
    assert "refused" in await _fails("http://127.0.0.1:1/")


async def test_a_name_that_is_no_name() -> None:
    assert "SSLContext" not in await _fails("http://no-such-host.invalid/")


async def _hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await asyncio.sleep(5)
    finally:
        writer.close()


async def test_nobody_answers() -> None:
    async with await asyncio.start_server(_hang, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        assert await _fails(f"http://127.0.0.1:{port}/", timeout_s=0.05) == "no answer in time"


async def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    made = issue(tmp_path, ["localhost"], [], "County")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(made.server, made.server_key)
    async with await asyncio.start_server(_hang, "127.0.0.1", 0, ssl=server) as secure:
        port = secure.sockets[0].getsockname()[1]
        assert await _fails(f"https://127.0.0.1:{port}/") == "its certificate is not trusted here"


def test_anything_else_keeps_its_words() -> None:
    assert why(ValueError("odd")) == "odd" and why(ValueError()) == "ValueError"
