"""What stands between a client and signaling, in one line of words: against a real HTTP server of the test's own."""

import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from classroom_client.net.signaling import Signaling, Unreached
from signaling.messages import client as wire
from signaling.messages.wire import FROM_CLIENT, TO_CLIENT

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(path: str, answer: Answer, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", path, answer)
    server = TestServer(app, host="127.0.0.1", scheme="https" if context else "http")
    await server.start_server(ssl=context)
    try:
        yield str(server.make_url("/")).rstrip("/")
    finally:
        await server.close()


@asynccontextmanager
async def asking(url: str, ca: Path | None = None) -> AsyncIterator[Signaling]:
    signaling = Signaling(url, ca)
    try:
        yield signaling
    finally:
        await signaling.close()


async def sentence_of(work: Awaitable[object]) -> str:
    with pytest.raises(Unreached) as caught:
        await work
    return caught.value.trouble.sentence


async def test_a_code_is_exchanged_for_a_token() -> None:
    async def answer(request: web.Request) -> web.Response:
        assert await request.json() == {"code": "abc", "bearer": True}
        return web.json_response({"lesson": "L", "seat": "S", "role": "room", "classroom": "c", "token": "t"})

    async with serving("/api/session", answer) as url, asking(url) as signaling:
        assert await signaling.exchange("abc") == "t"


async def test_a_code_that_opens_nothing_is_a_wrong_code() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"code": "code_not_valid", "sentence": "This code is used."}, status=404)

    async with serving("/api/session", answer) as url, asking(url) as signaling:
        assert await sentence_of(signaling.exchange("abc")) == "wrong code: This code is used."


async def test_a_server_that_is_not_there_is_named() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response()

    async with serving("/api/session", answer) as url:
        pass
    async with asking(url) as signaling:
        assert (await sentence_of(signaling.exchange("abc"))).startswith(f"server unreachable at {url}: ")


async def test_an_untrusted_certificate_is_said_and_the_countys_authority_is_trusted(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"token": "t"})

    authority = tmp_path / "ca.pem"
    async with serving("/api/session", answer, self_signed(authority)) as url:
        async with asking(url) as signaling:
            said = await sentence_of(signaling.exchange("abc"))
            assert said.startswith("certificate not trusted: self-signed certificate")
        async with asking(url, authority) as signaling:
            assert await signaling.exchange("abc") == "t"


async def test_messages_go_both_ways_and_the_end_has_a_reason() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"] == "Bearer t"
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert FROM_CLIENT.decode((await socket.receive()).data) == wire.Join("c1")
        await socket.send_str(TO_CLIENT.encode(wire.Done("c1")))
        await socket.close(code=4003)
        return socket

    async with serving("/ws", answer) as url, asking(url) as signaling:
        line = await signaling.dial("t")
        await line.say(wire.Join("c1"))
        heard = []

        async def listen() -> None:
            async for message in line.messages():
                heard.append(message)

        assert (await sentence_of(listen())).startswith("replaced")
        assert heard == [wire.Done("c1")]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ('{"type":"weather","seq":1}', "replaced"),
        ('{"type":"done"}', "the server says what this client does not understand"),
        ("nonsense", "the server says what this client does not understand"),
        ("[" * 50_000, "the server says what this client does not understand"),
    ],
)
async def test_what_a_newer_server_says_besides_ends_nothing(said: str, sentence: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(said)
        await socket.close(code=4003)
        return socket

    async with serving("/ws", answer) as url, asking(url) as signaling:
        line = await signaling.dial("t")

        async def listen() -> None:
            async for message in line.messages():
                raise AssertionError(message)

        assert (await sentence_of(listen())).startswith(sentence)


async def test_a_token_that_is_no_longer_valid_is_not_tried_again() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=401)

    async with serving("/ws", answer) as url, asking(url) as signaling:
        assert (await sentence_of(signaling.dial("t"))).startswith("not admitted")


def self_signed(authority: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    both = authority.with_name("both.pem")
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(private + authority.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context
