"""Programs of this machine trust a county's own authority, and the system's as before."""

import asyncio
import ssl
import sys
from pathlib import Path

import pytest

from deploy.disk.certificate import Files, issue
from deploy.net import trust


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return issue(tmp_path_factory.mktemp("tls"), ["school.example"], [], "County")


async def _greeting(server: ssl.SSLContext, client: ssl.SSLContext) -> bytes:
    async def hello(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async with await asyncio.start_server(hello, "127.0.0.1", 0, ssl=server) as listening:
        port = listening.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
        try:
            return await reader.read()
        finally:
            writer.close()


async def test_our_programs_reach_our_services_and_a_stranger_does_not(made: Files) -> None:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(made.server, made.server_key)
    assert await _greeting(server, trust.context(str(made.server))) == b"hello"
    with pytest.raises(ssl.SSLCertVerificationError):
        await _greeting(server, trust.context(""))


async def test_a_child_process_trusts_it_by_its_environment(made: Files) -> None:
    code = "import ssl; print(len(ssl.create_default_context().get_ca_certs()))"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env=dict(trust.environment(str(made.server))), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    assert int(output) >= 1


def test_without_an_authority_of_our_own_nothing_is_changed(tmp_path: Path) -> None:
    assert trust.environment("") == () == trust.environment(str(tmp_path / "none.crt"))
