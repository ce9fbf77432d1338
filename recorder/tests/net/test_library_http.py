"""The library over HTTP: one-time codes, the permission table, ranges of sealed files, the log, and deletion."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet

import recorder
from recorder.core.jobs import LEASE_MS
from recorder.core.keys import MasterKey, wrap
from recorder.net.library_http import Library
from recorder.net.library_service import LibraryService
from recorder.net.library_settings import LibrarySettings
from recorder.net.signing import Signer
from recorder.net.storage_settings import StorageSettings
from recorder.net.store import open_database
from recorder.tests.filmed import LEAD, LESSON, MASTER, NAME, TAKE, Shot, sound, taken, video
from recorder.tests.net.house import House
from signaling.messages.ids import Role

ONE = "/api/library/resources/R0123456789"
FILM = ONE + "/files/film.webm"


class Reading:
    """A library on loopback, the keys of a signaling, and people who come with codes."""

    def __init__(self, house: House, storage: StorageSettings | None = None) -> None:
        self.house, self._storage = house, storage or StorageSettings()
        self.signaling = Signer.open(house.folder / "signaling.pem")
        self._names = iter(range(10_000))

    async def __aenter__(self) -> Self:
        async def keys(request: web.Request) -> web.Response:
            return web.Response(text=self.signaling.public_keys())

        app = web.Application()
        app.router.add_get("/api/token-keys", keys)
        self._keys = web.AppRunner(app, access_log=None)
        await self._keys.setup()
        await web.TCPSite(self._keys, "127.0.0.1", 0).start()
        self.service = LibraryService(
            LibrarySettings(
                listen="127.0.0.1:0",
                public_url="http://library.test",
                store=self.house.folder / "library.sqlite",
                signing_key=self.house.folder / "library.pem",
                signaling_url=f"http://127.0.0.1:{self._keys.addresses[0][1]}",
                folder=self.house.folder,
                master_key=MASTER.secret.hex(),
                storage=self._storage,
                pages=self.house.folder / "pages",
            )
        )
        await self.service.start()
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(self, *ended: object) -> None:
        await self.http.close()
        await self.service.stop()
        await self._keys.cleanup()

    def code(self, role: Role, lesson: str = LESSON, region: str = "东县", **changes: Any) -> str:
        claims = {
            "iss": "signaling",
            "aud": "library",
            "jti": f"T{next(self._names)}",
            "role": role,
            "lesson": "" if role == "operator" else lesson,
            "seat": "" if role == "operator" else "S1",
            "school": "一教学点",
            "region": region,
            "exp": int(time.time()) + 60,
        }
        return self.signaling.sign({**claims, **changes})

    async def token(self, role: Role, lesson: str = LESSON, region: str = "东县") -> str:
        body = {"code": self.code(role, lesson, region), "bearer": True}
        return str((await self.call("POST", "/api/library/session", body))[1]["token"])

    async def call(
        self, method: str, path: str, body: object = None, token: str = "", **headers: str
    ) -> tuple[int, Any]:
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"http://127.0.0.1:{self.service.port}{path}"
        async with self.http.request(method, url, json=body, headers={**shown, **headers}) as answer:
            content = await answer.read()
            is_json = answer.content_type in ("application/json", "application/jwk-set+json")
            self.headers = answer.headers
            return answer.status, json.loads(content) if is_json and content else content


async def shelve(folder: Path) -> None:
    """A lesson with a pupil's voice, taken and worked on."""
    engine = await open_database(folder / "library.sqlite")
    cast = (
        Shot(LEAD, "teacher", "vp8", 0, 1000, video("vp8", range(25))),
        Shot(LEAD, "room_mic", "opus", 0, 1000, sound(1000)),
    )
    taken(folder, cast)
    await House(folder, engine).work()
    await engine.dispose()


@pytest.fixture(scope="module")
def shelved_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelved")
    asyncio.run(shelve(folder))
    return folder


@pytest.fixture
async def reading(shelved_once: Path, tmp_path: Path) -> AsyncIterator[Reading]:
    shutil.copytree(shelved_once, tmp_path, dirs_exist_ok=True)
    engine = await open_database(tmp_path / "library.sqlite")
    async with Reading(House(tmp_path, engine)) as opened:
        yield opened
    await engine.dispose()


async def test_a_code_opens_once_and_only_what_signaling_signed_opens(reading: Reading) -> None:
    code = reading.code("lead")
    status, who = await reading.call("POST", "/api/library/session", {"code": code, "bearer": True})
    assert status == 200
    again = await reading.call("POST", "/api/library/session", {"code": code, "bearer": True})
    assert again[0] == 403 and "used before" in again[1]["sentence"]
    status, session = await reading.call("GET", "/api/library/session", token=who["token"])
    assert (status, session["role"], session["school"]) == (200, "lead", "一教学点")
    bad = [
        reading.code("lead", exp=int(time.time()) - 1),
        reading.code("lead", aud="node"),
        reading.code("lead", iss="library"),
        reading.code("head"),  # type: ignore[arg-type]
        reading.code("lead", seat=5),
        Signer.open(reading.house.folder / "stranger.pem").sign(jwt.decode(code, _keys(reading)).claims),
        "nonsense",
    ]
    for wrong in bad:
        status, answer = await reading.call("POST", "/api/library/session", {"code": wrong})
        assert (status, answer["code"]) == (403, "code_not_valid"), wrong
    for token in (code, "nonsense"):
        assert (await reading.call("GET", "/api/library/session", token=token))[0] == 401


def _keys(reading: Reading) -> KeySet:
    return KeySet.import_key_set(json.loads(reading.signaling.public_keys()))


async def test_a_cookie_is_hidden_from_scripts_and_counts_only_for_our_own_pages(reading: Reading) -> None:
    ours = {"Origin": "http://library.test"}
    status, who = await reading.call("POST", "/api/library/session", {"code": reading.code("operator")}, **ours)
    assert status == 200 and "token" not in who
    cookie = reading.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    held = {"Cookie": cookie.partition(";")[0]}
    assert (await reading.call("GET", ONE, **held))[0] == 200
    for elsewhere in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "same-site"}, {}):
        status, answer = await reading.call("DELETE", ONE, {"why": "x"}, **held, **elsewhere)
        assert (status, answer["code"]) == (403, "foreign_origin"), elsewhere
    assert (await reading.call("GET", FILM, **held, Origin="http://evil.test"))[0] == 403
    assert (await reading.call("GET", ONE, **held))[0] == 200


NOBODY, STRANGER = "nobody", "a lead of elsewhere"
PERMITTED: list[tuple[str, str, Any, dict[str, int]]] = [
    ("GET", "/api/library/resources", None, {"operator": 200, "room": 200, NOBODY: 401, STRANGER: 200}),
    ("GET", ONE, None, {"operator": 200, "lead": 200, "room": 200, "attendee": 404, NOBODY: 401, STRANGER: 404}),
    ("GET", FILM, None, {"operator": 200, "room": 200, "reviewer": 200, "attendee": 404, NOBODY: 401, STRANGER: 404}),
    ("GET", ONE + "/playbacks", None, {"operator": 200, "lead": 403, NOBODY: 401, STRANGER: 404}),
    ("PUT", ONE + "/objection", {"why": "x"}, {"lead": 403, "room": 403, NOBODY: 401, STRANGER: 404}),
    ("DELETE", ONE + "/objection", None, {"operator": 204, "lead": 403, NOBODY: 401}),
    ("PUT", ONE + "/hold", {"why": "x"}, {"lead": 403, "room": 403, NOBODY: 401, STRANGER: 404}),
    ("DELETE", ONE + "/hold", None, {"operator": 204, "lead": 403, NOBODY: 401}),
    ("GET", "/api/library/coming", None, {"operator": 200, "lead": 200, "room": 200, "attendee": 200, NOBODY: 401}),
    ("DELETE", ONE, {"why": "x"}, {"lead": 403, "room": 403, "patrol": 403, NOBODY: 401, STRANGER: 404}),
    ("GET", "/api/library/tombstones", None, {"operator": 200, "lead": 403, NOBODY: 401}),
    ("GET", "/api/library/jobs", None, {"operator": 200, "lead": 403, NOBODY: 401}),
    ("POST", "/api/library/jobs/again", {"job": "x"}, {"operator": 409, "lead": 403, NOBODY: 401}),
    ("GET", "/api/library/keys", None, {NOBODY: 200}),
    ("GET", "/healthz", None, {NOBODY: 200}),
    ("GET", "/", None, {NOBODY: 503}),
    ("GET", "/../library.pem", None, {NOBODY: 404}),
]


def test_each_route_is_described_for_whoever_makes_other_pages() -> None:
    text = (Path(recorder.__file__).parent / "LIBRARY.md").read_text("utf-8").replace("?", "`")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for route in Library.routes(object.__new__(Library)):
        if route.path.startswith("/api/library"):
            path = route.path.removeprefix("/api/library")
            assert [row for row in rows if route.method in row and f"{path}`" in row], (route.method, path)


async def test_each_route_is_open_to_whom_the_table_says(reading: Reading) -> None:
    tokens = {NOBODY: "", STRANGER: await reading.token("lead", "L9999999999", "西县")}
    for method, path, body, wanted in PERMITTED:
        for who, status in wanted.items():
            if who not in tokens:
                tokens[who] = await reading.token(who)  # type: ignore[arg-type]
            found = await reading.call(method, path, body, tokens[who])
            # The film has pupils' voices: a reviewer sees it named, and does not hear it.
            wish = 403 if (who, path) == ("reviewer", FILM) else status
            assert found[0] == wish, (method, path, who, found)


async def test_a_film_comes_in_ranges_and_only_their_chunks_are_opened(reading: Reading) -> None:
    token = await reading.token("lead")
    status, content = await reading.call("GET", FILM, token=token)
    assert status == 200 and reading.headers["Content-Type"] == "video/webm"
    assert reading.headers["Accept-Ranges"] == "bytes" and int(reading.headers["Content-Length"]) == len(content)
    for asked, span in (("bytes=0-0", (0, 1)), ("bytes=1000-4999", (1000, 5000)), ("bytes=-7", (-7, None))):
        status, part = await reading.call("GET", FILM, token=token, Range=asked)
        assert status == 206 and part == content[slice(*span)]
    assert reading.headers["Content-Range"] == f"bytes {len(content) - 7}-{len(content) - 1}/{len(content)}"
    status, _ = await reading.call("GET", FILM, token=token, Range=f"bytes={len(content)}-")
    assert status == 416 and reading.headers["Content-Range"] == f"bytes */{len(content)}"
    assert (await reading.call("GET", ONE + "/files/manifest.json", token=token))[0] == 404


async def test_every_playback_and_every_refusal_is_in_the_log_and_nothing_secret_is(reading: Reading) -> None:
    lead, reviewer, operator = [await reading.token(role) for role in ("lead", "reviewer", "operator")]
    for asked in ("bytes=0-9", "bytes=10-19"):
        await reading.call("GET", FILM, token=lead, Range=asked)
    await reading.call("GET", ONE + "/files/poster.jpg", token=lead)
    await reading.call("GET", FILM, token=reviewer)
    lines = (await reading.call("GET", ONE + "/playbacks", token=operator))[1]
    assert [(line["role"], line["act"], line["file"], line["allowed"]) for line in lines] == [
        ("reviewer", "play", "film.webm", False),
        ("lead", "look", "poster.jpg", True),
        ("lead", "play", "film.webm", True),
    ]
    assert lines[0]["why"] and {line["seat"] for line in lines} == {"S1"} and lines[2]["token"].startswith("T")
    database = b"".join(path.read_bytes() for path in reading.house.folder.glob("library.sqlite*"))
    assert not [token for token in (lead, reviewer, operator) if token.encode() in database]


async def test_an_objection_stops_every_playback_at_once(reading: Reading) -> None:
    operator, lead = await reading.token("operator"), await reading.token("lead")
    assert (await reading.call("PUT", ONE + "/objection", {"why": " "}, operator))[0] == 400
    assert (await reading.call("PUT", ONE + "/objection", {"why": "a guardian withdrew"}, operator))[0] == 204
    for token in (operator, lead):
        status, answer = await reading.call("GET", FILM, token=token)
        assert status == 403 and "guardian objected" in answer["sentence"]
    shown = (await reading.call("GET", ONE, token=lead))[1]
    assert (shown["film"], shown["tracks"], shown["playable"], shown["objection"]) == (None, [], False, "")
    assert (await reading.call("DELETE", ONE + "/objection", token=operator))[0] == 204
    assert (await reading.call("GET", FILM, token=lead))[0] == 200


@pytest.mark.parametrize("how", ["object", "delete"])
async def test_an_objection_and_a_deletion_end_what_is_being_played(reading: Reading, how: str) -> None:
    operator, lead = await reading.token("operator"), await reading.token("lead")
    length = 24 << 20  # more than sockets hold
    making = reading.house.takes.make(LESSON, TAKE, "film.webm", "w9")
    making.write(bytes(length))
    making.finish()
    reader, writer = await asyncio.open_connection("127.0.0.1", reading.service.port, limit=1 << 16)
    writer.write(f"GET {FILM} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {lead}\r\n\r\n".encode())
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    asked = ("PUT", ONE + "/objection") if how == "object" else ("DELETE", ONE)
    assert (await reading.call(*asked, {"why": "a guardian called"}, operator))[0] in (200, 204)
    came = 0
    async with asyncio.timeout(60):
        while data := await reader.read(1 << 16):
            came += len(data)
    writer.close()
    assert came < length


async def test_evidence_stays_and_what_was_decided_stands_in_the_log(reading: Reading) -> None:
    operator, lead = await reading.token("operator"), await reading.token("lead")
    assert (await reading.call("PUT", ONE + "/hold", {"why": ""}, operator))[1]["code"] == "no_reason"
    assert (await reading.call("PUT", ONE + "/hold", {"why": "a complaint is looked into"}, operator))[0] == 204
    shown = (await reading.call("GET", ONE, token=operator))[1]
    assert (shown["held"], shown["may_delete"], shown["may_settle"]) == (True, False, True)
    assert not (await reading.call("GET", ONE, token=lead))[1]["may_settle"]
    status, refused = await reading.call("DELETE", ONE, {"why": "x"}, operator)
    assert status == 403 and "evidence" in refused["sentence"]
    await reading.call("PUT", ONE + "/objection", {"why": "a guardian called"}, operator)
    await reading.call("DELETE", ONE + "/objection", token=operator)
    await reading.call("DELETE", ONE + "/hold", token=operator)
    lines = (await reading.call("GET", ONE + "/playbacks", token=operator))[1]
    assert [(line["act"], line["why"]) for line in lines] == [
        ("release", ""),
        ("settle", ""),
        ("object", "a guardian called"),
        ("hold", "a complaint is looked into"),
    ]
    assert (await reading.call("DELETE", ONE, {"why": "x"}, operator))[0] == 200


async def test_work_has_a_name_a_cause_and_a_way_to_be_tried_again(reading: Reading) -> None:
    operator, lead = await reading.token("operator"), await reading.token("lead")
    assert (await reading.call("GET", "/api/library/jobs", token=operator))[1] == []
    worker = reading.house.worker()
    failing = (await reading.house.rows.of_take(NAME))[0]
    await reading.house.rows.change(
        failing, lambda job: replace(job, state="failed", cause="the disk is full", version=job.version + 1)
    )
    (take,) = (await reading.call("GET", "/api/library/jobs", token=operator))[1]
    assert (take["title"], take["resource"], take["progress"]) == ("語文 第三課", "R0123456789", 1.0)
    assert [(job["kind"], job["cause"]) for job in take["jobs"]] == [("combined", "the disk is full")]
    assert (await reading.call("GET", "/api/library/coming", token=lead))[1] == []
    assert (await reading.call("POST", "/api/library/jobs/again", {"job": failing.id}, operator))[0] == 204
    (coming,) = (await reading.call("GET", "/api/library/coming", token=lead))[1]
    assert coming["title"] == "語文 第三課" and 0 < coming["progress"] < 1
    assert (await reading.call("GET", "/api/library/coming", token=await reading.token("lead", "L9")))[1] == []
    reading.house.clock.now_ms = int(time.time() * 1000) + 1
    while await worker.turn():
        pass
    assert (await reading.call("GET", "/api/library/jobs", token=operator))[1] == []


async def test_what_is_deleted_is_gone_and_its_tombstone_can_be_checked_by_anyone(reading: Reading) -> None:
    operator = await reading.token("operator")
    assert (await reading.call("DELETE", ONE, {"why": ""}, operator))[1]["code"] == "no_reason"
    status, stone = await reading.call("DELETE", ONE, {"why": "a guardian\nwithdrew"}, operator)
    assert status == 200
    assert (await reading.call("GET", FILM, token=operator))[0] == 404
    assert (await reading.call("GET", "/api/library/resources", token=operator))[1]["total"] == 0
    keys = KeySet.import_key_set((await reading.call("GET", "/api/library/keys"))[1])
    claims = jwt.decode(stone["signed"], keys, algorithms=["ES256"]).claims
    assert (claims["sub"], claims["part"], claims["by"], claims["why"]) == (
        "R0123456789",
        "all",
        "operator",
        "a guardian withdrew",
    )
    assert claims["files"] > 3 and len(claims["manifest_sha256"]) == 64
    assert (await reading.call("GET", "/api/library/tombstones", token=operator))[1] == [stone]
    reading.house.clock.now_ms = int(time.time() * 1000) + LEASE_MS
    await reading.house.work()
    assert not (reading.house.folder / "takes" / LESSON).exists()


async def test_a_search_that_makes_no_sense_is_refused_in_words(reading: Reading) -> None:
    operator = await reading.token("operator")
    found = (await reading.call("GET", "/api/library/resources?text=语文&limit=1", token=operator))[1]
    assert (found["total"], found["resources"][0]["title"]) == (1, "語文 第三課")
    for query in ("limit=0", "limit=1000", "offset=-1", "txt=a", "from_ms=yesterday", "text=" + "x" * 200):
        status, answer = await reading.call("GET", f"/api/library/resources?{query}", token=operator)
        assert (status, answer["code"]) == (400, "wrong_message") and query.split("=")[0] in answer["sentence"]


async def test_what_cannot_be_read_is_said_in_words_and_the_rest_plays(reading: Reading) -> None:
    token = await reading.token("lead")
    folder = reading.house.folder / "takes" / LESSON
    (film,) = folder.glob("*/derived/film.webm.sealed")
    data = bytearray(film.read_bytes())
    data[100] ^= 1
    film.write_bytes(data)
    status, answer = await reading.call("GET", FILM, token=token)
    assert (status, answer["code"]) == (410, "file_gone")
    assert (await reading.call("GET", ONE + "/files/poster.jpg", token=token))[0] == 200
    stranger = MasterKey(bytes(32))
    (folder / "key.json").write_bytes(wrap(stranger, LESSON, reading.house.takes.key(LESSON)))
    status, answer = await reading.call("GET", FILM, token=token)
    assert (status, answer["code"]) == (503, "wrong_master") and "put back" in answer["sentence"]


async def test_a_viewer_who_leaves_in_the_middle_harms_nobody(reading: Reading) -> None:
    token = await reading.token("lead")
    reader, writer = await asyncio.open_connection("127.0.0.1", reading.service.port)
    writer.write(f"GET {FILM} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    await reader.readexactly(200)
    writer.close()
    assert (await reading.call("GET", FILM, token=token))[0] == 200
