"""signaling.net.passing: what belongs to another service is asked and answered in the words of both ends."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from signaling.tests.net.test_service import certificate_for
from signaling.tests.net.town import Town

NAME = "classroom.test"
FILM = b"film" * 250_000


async def _told(request: web.Request) -> web.Response:
    asked = {"method": request.method, "path": request.path_qs, "body": (await request.read()).decode()}
    shown = {name: request.headers.get(name) for name in ("Host", "Cookie", "Range", "X-Forwarded-For", "Keep-Alive")}
    answer = web.json_response({**asked, **shown}, status=201, headers={"Location": "/whip/L1/S1", "ETag": '"one"'})
    answer.set_cookie("library", "session", httponly=True)
    return answer


async def _film(request: web.Request) -> web.StreamResponse:
    """In pieces, and no length is told before."""
    response = web.StreamResponse()
    await response.prepare(request)
    for start in range(0, len(FILM), 65_536):
        await response.write(FILM[start : start + 65_536])
    return response


class Fronted:
    """A signaling with a front, before one other service."""

    def __init__(self, town: Town, trust: ssl.SSLContext) -> None:
        self._town, self._trust = town, trust

    def ask(self, method: str, path: str, **more: object) -> "aiohttp.client._RequestContextManager":
        url = f"https://127.0.0.1:{self._town.running.port}{path}"
        return self._town.http.request(method, url, ssl=self._trust, server_hostname=NAME, **more)  # type: ignore[arg-type]


@pytest.fixture
async def fronted(tmp_path: Path) -> AsyncIterator[Fronted]:
    other = web.Application()
    other.router.add_get("/api/library/film", _film)
    other.router.add_route("*", "/{rest:.*}", _told)
    certificate, key = certificate_for(NAME, tmp_path)
    async with TestServer(other) as server:
        library = str(server.make_url("")).rstrip("/")
        told = {"certificate": certificate, "key": key, "front_listen": "127.0.0.1:0", "library_url": library}
        async with Town(tmp_path, **told) as town:
            yield Fronted(town, ssl.create_default_context(cafile=certificate))


async def test_a_request_arrives_with_its_own_words_and_the_callers_address(fronted: Fronted) -> None:
    headers = {"Cookie": "library=x", "Range": "bytes=5-", "X-Forwarded-For": "203.0.113.9", "Keep-Alive": "5"}
    path = "/api/library/resources/%E8%AF%BE%2F1?text=%E6%9C%88"
    async with fronted.ask("DELETE", path, json={"why": "消"}, headers=headers) as answer:
        assert answer.status == 201
        assert (answer.headers["Location"], answer.headers["ETag"]) == ("/whip/L1/S1", '"one"')
        assert answer.cookies["library"].value == "session"
        heard = await answer.json()
    assert heard["path"] == path
    assert (heard["method"], heard["Cookie"], heard["Range"], heard["Keep-Alive"]) == (
        "DELETE",
        "library=x",
        "bytes=5-",
        None,
    )
    assert heard["X-Forwarded-For"] == "127.0.0.1" and heard["Host"].startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("path", "theirs"), [("/library", "/"), ("/library/", "/"), ("/library/lesson/R1", "/lesson/R1")]
)
async def test_the_librarys_pages_lie_below_ours(fronted: Fronted, path: str, theirs: str) -> None:
    async with fronted.ask("GET", path) as answer:
        assert (await answer.json())["path"] == theirs


async def test_what_comes_in_pieces_comes_whole(fronted: Fronted) -> None:
    async with fronted.ask("GET", "/api/library/film") as answer:
        assert await answer.read() == FILM
    async with fronted.ask("HEAD", "/api/library/resources") as answer:
        assert (answer.status, await answer.read()) == (201, b"")


async def test_encoders_reach_the_node_and_nothing_else_of_it(fronted: Fronted) -> None:
    async with fronted.ask("GET", "/whip/L1") as answer:
        # The node double has no WHIP; it is asked, and that is its answer.
        assert (answer.status, answer.headers.get("Server")) == (404, "three-classrooms")
        assert "unknown_address" not in await answer.text()
    async with fronted.ask("GET", "/control") as answer:
        assert (await answer.json())["code"] == "unknown_address"


async def test_a_service_that_is_away_is_told_in_words(tmp_path: Path) -> None:
    certificate, key = certificate_for(NAME, tmp_path)
    library = f"http://127.0.0.1:{unused_port()}"
    told = {"certificate": certificate, "key": key, "front_listen": "127.0.0.1:0", "library_url": library}
    async with Town(tmp_path, **told) as town:
        async with Fronted(town, ssl.create_default_context(cafile=certificate)).ask("GET", "/library/") as answer:
            assert (answer.status, (await answer.json())["code"]) == (502, "not_reached")


async def test_without_a_front_nothing_is_passed_on(town: Town) -> None:
    assert (await town.call("GET", "/library/", token=None))[0] == 404
    assert (await town.call("GET", "/api/library/keys", token=None))[0] == 404
