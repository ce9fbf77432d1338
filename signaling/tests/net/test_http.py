"""signaling.net.http and signaling.net.handlers: the route table, who may use it, and what it does."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import encode_basic_auth
from joserfc import jwt
from joserfc.jwk import KeySet

from signaling.core.claims import SessionClaims
from signaling.core.outcome import Instant
from signaling.core.permissions import Who, may
from signaling.messages.ids import LessonId, SeatId
from signaling.messages.node import SignalingHello
from signaling.net import callers, handlers, http
from signaling.net.callers import MOST_COOKIES
from signaling.net.clock import instant
from signaling.net.http import LARGEST_BODY
from signaling.net.routes import ROUTES, Route
from signaling.net.tokens import new_code
from signaling.tests.net.town import OPERATOR_KEY, Town

ROLES = ("lead", "assistant", "room", "listener", "attendee")
CLASSROOM = {"lead": "主校", "room": "东村"}
CALLERS: tuple[Who, ...] = ("operator", "nobody", "calendar", "lead", "assistant", "room", "listener", "attendee")
BODIES: dict[str, Any] = {
    "create_lesson": {"title": "t", "lead_classroom": "a", "rural_classrooms": ["b"]},
    "invite": {"role": "attendee", "classroom": "c"},
    "start_session": {"code": "wrong"},
    "media_token": {"connection": "subscribe"},
    "change_lesson": {"cancelled": True},
    "make_feed": {"kind": "all"},
}
FILES = {"check_import": b"", "take_import": "代码,名称,级别,上级\n1,东县,县,".encode()}
NOT_THERE = {
    "start_session": "code_not_valid",
    "read_substitutes": "unknown_planned",
    "change_lesson": "unknown_planned",
    "revoke_feed": "unknown_feed",
}
"""What whoever may do it is told, as there is nothing of that name."""


async def token_of(town: Town, lesson: str, who: Who) -> str | None:
    if who == "operator":
        return OPERATOR_KEY
    return None if who in ("nobody", "calendar") else await town.seat(lesson, who, CLASSROOM.get(who, who))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.action)
async def test_every_route_asks_the_permission_table(town: Town, route: Route) -> None:
    for who in CALLERS:
        await check_permission(town, route, who)


async def feed_of(town: Town) -> dict[str, str]:
    made = (await town.call("POST", "/api/county/feeds", {"kind": "all"}))[1]
    return {"Authorization": encode_basic_auth(made["feed"], made["key"])}


async def check_permission(town: Town, route: Route, who: Who) -> None:
    lesson = await town.lesson(open=route.action != "cancel_lesson")
    token = await token_of(town, lesson, who)
    path = route.path.replace("{lesson}", lesson).replace("{planned}", "LXXXXXXXXXX").replace("{feed}", "FXXXXXXXXXX")
    headers = await feed_of(town) if who == "calendar" else {}
    body, file = BODIES.get(route.action), FILES.get(route.action)
    status, answer = await town.call(route.method, path, body, token=token, headers=headers, file=file)
    in_lesson = "{lesson}" in route.path or (route.path.startswith("/api/session") and who in ROLES)
    if may("dedicated" if in_lesson else None, who, route.action):
        not_there = route.action in NOT_THERE and answer["code"] == NOT_THERE[route.action]
        assert status == route.status or not_there, (who, answer)
    else:
        code = "not_authenticated" if who == "nobody" else "not_permitted"
        assert (status, answer["code"]) == (401 if who == "nobody" else 403, code), who


FORBIDDEN = [
    ("a room ends the lesson", "room", "POST", "/api/lessons/{own}/end", None, 403),
    ("an attendee ends the lesson", "attendee", "POST", "/api/lessons/{own}/end", None, 403),
    ("a lead invites", "lead", "POST", "/api/lessons/{own}/invitations", BODIES["invite"], 403),
    ("a lead plans a lesson", "lead", "POST", "/api/lessons", BODIES["create_lesson"], 403),
    ("a lead lists all lessons", "lead", "GET", "/api/lessons", None, 403),
    ("a lead reads another lesson", "lead", "GET", "/api/lessons/{other}", None, 403),
    ("a lead ends another lesson", "lead", "POST", "/api/lessons/{other}/end", None, 403),
    ("a seat learns not whether a lesson exists", "room", "GET", "/api/lessons/LXXXXXXXXXX", None, 403),
    ("a stranger reads a lesson", "nobody", "GET", "/api/lessons/{own}", None, 401),
    ("a stranger learns not whether a lesson exists", "nobody", "GET", "/api/lessons/LXXXXXXXXXX", None, 401),
    ("an attendee asks for a token to publish", "attendee", "POST", "/api/session/media-token",
     {"connection": "publish"}, 403),
    ("a room asks for a token to be the teacher", "room", "POST", "/api/session/media-token",
     {"connection": "publish", "video": "teacher"}, 403),
    ("a room reads the metrics", "room", "GET", "/metrics", None, 403),
    ("a lead reads of the recorder's disk", "lead", "GET", "/api/recorder", None, 403),
    ("a lead imports a timetable", "lead", "POST", "/api/county/import", None, 403),
    ("a lead reads the county's lessons", "lead", "GET", "/api/county/lessons", None, 403),
    ("a seat's token opens a calendar", "assistant", "GET", "/api/county/calendar.ics", None, 403),
    ("a stranger makes a feed", "nobody", "POST", "/api/county/feeds", BODIES["make_feed"], 401),
    ("the operator asks for a seat's media token", "operator", "POST", "/api/session/media-token",
     {"connection": "subscribe"}, 403),
]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "who", "method", "path", "body", "status"), FORBIDDEN, ids=[row[0] for row in FORBIDDEN]
)
async def test_it_is_forbidden_that(
    town: Town, act: str, who: Who, method: str, path: str, body: Any, status: int
) -> None:
    own, other = await town.lesson(), await town.lesson()
    token = await token_of(town, own, who)
    answer = await town.call(method, path.replace("{own}", own).replace("{other}", other), body, token=token)
    assert (answer[0], set(answer[1])) == (status, {"code", "sentence"}), act
    states = [(await town.call("GET", f"/api/lessons/{lesson}"))[1]["state"] for lesson in (own, other)]
    assert states == ["open", "open"]


async def test_openapi_is_the_route_table(town: Town) -> None:
    status, described = await town.call("GET", "/openapi.json", token=None)
    listed = {(m.upper(), path, op["operationId"]) for path, ops in described["paths"].items() for m, op in ops.items()}
    assert status == 200 and listed == {(route.method, route.path, route.action) for route in ROUTES}
    lesson = described["components"]["schemas"]["LessonView"]
    assert "seats" in lesson["properties"]
    assert described["paths"]["/api/lessons"]["post"]["x-permitted"] == ["operator"]


async def test_a_lesson_is_planned_as_it_was_asked_for(town: Town) -> None:
    policy = {
        "sources": ["teacher", "students", "room_mic"],
        "enabled_by": "王老师",
        "basis": "register 2026-09",
        "muted_sound": True,
    }
    body = {
        "title": "第3节",
        "mode": "dedicated",
        "lead_classroom": "主校",
        "rural_classrooms": ["东村"],
        "policy": policy,
    }
    status, made = await town.call("POST", "/api/lessons", body)
    assert (status, made["state"], made["policy"]) == (201, "planned", policy)
    assert made["lesson"][0] == "L" and len(made["lesson"]) == 11
    listed = (await town.call("GET", "/api/lessons"))[1]["lessons"]
    assert [lesson["lesson"] for lesson in listed] == [made["lesson"]]


@pytest.mark.parametrize("source", ["students", "room_mic"])
async def test_pupils_are_not_taken_without_a_name_and_a_basis(town: Town, source: str) -> None:
    body = {**BODIES["create_lesson"], "policy": {"sources": [source], "enabled_by": None, "basis": "consent"}}
    status, answer = await town.call("POST", "/api/lessons", body)
    assert (status, answer["code"]) == (400, "policy_without_basis")
    assert "enabled_by" in answer["sentence"]
    assert (await town.call("GET", "/api/lessons"))[1]["lessons"] == []


@pytest.mark.parametrize("mode", ["master_teacher", "famous_school"])
async def test_other_modes_are_refused_in_words(town: Town, mode: str) -> None:
    status, answer = await town.call("POST", "/api/lessons", {**BODIES["create_lesson"], "mode": mode})
    assert (status, answer["code"]) == (400, "mode_not_yet")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"title": 1, "lead_classroom": "a", "rural_classrooms": ["b"]},
        {"title": "t", "lead_classroom": "a", "rural_classrooms": "b"},
        {"title": "t", "lead_classroom": "a", "rural_classrooms": ["b"], "mode": "lecture"},
        {"title": "t", "lead_classroom": "a", "rural_classrooms": ["b"], "more": 1},
        {"title": "", "lead_classroom": "a", "rural_classrooms": ["b"]},
        {"title": "t", "lead_classroom": "a", "rural_classrooms": []},
    ],
)
async def test_what_is_no_lesson_is_refused(town: Town, body: Any) -> None:
    status, answer = await town.call("POST", "/api/lessons", body)
    assert status == 400 and set(answer) == {"code", "sentence"}


async def test_a_body_has_an_end(town: Town) -> None:
    body = {**BODIES["create_lesson"], "title": "x" * LARGEST_BODY}
    assert (await town.call("POST", "/api/lessons", body))[0] == 413


async def test_a_code_works_once(town: Town) -> None:
    invited = await town.invite(await town.lesson(), "room", "东村")
    assert invited["link"].endswith(f"#code={invited['code']}")
    assert invited["link"].startswith("http://classroom.test/lesson/L")
    body = {"code": invited["code"], "bearer": True}
    tries = await asyncio.gather(*(town.call("POST", "/api/session", body, token=None) for _ in range(8)))
    assert sorted(status for status, _ in tries) == [200] + [403] * 7
    assert {answer["code"] for status, answer in tries if status == 403} == {"code_not_valid"}


async def test_a_new_code_replaces_the_old_and_keeps_the_seat(town: Town) -> None:
    lesson = await town.lesson()
    old, new = await town.invite(lesson, "room", "东村"), await town.invite(lesson, "room", "东村")
    assert old["seat"] == new["seat"]
    for code, status in ((old["code"], 403), (new["code"], 200)):
        assert (await town.call("POST", "/api/session", {"code": code, "bearer": True}, token=None))[0] == status


async def test_a_code_expires(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    invited = await town.invite(await town.lesson(), "room", "东村")
    late = type(instant())(0, invited["expires_at_ms"])
    monkeypatch.setattr(handlers, "instant", lambda: late)
    assert (await town.call("POST", "/api/session", {"code": invited["code"]}, token=None))[0] == 403


@pytest.mark.parametrize("lifetime_s", [0, 59, 7 * 24 * 3600 + 1])
async def test_a_code_lives_a_minute_to_a_week(town: Town, lifetime_s: int) -> None:
    body = {**BODIES["invite"], "lifetime_s": lifetime_s}
    status, answer = await town.call("POST", f"/api/lessons/{await town.lesson()}/invitations", body)
    assert (status, answer["code"]) == (400, "wrong_lifetime")


async def test_codes_lie_hashed_in_the_store(town: Town) -> None:
    invited = await town.invite(await town.lesson(), "room", "东村")
    token = await town.seat(await town.lesson(), "room", "东村")
    await town.stop()
    for path in town.folder.glob("signaling.sqlite*"):
        held = path.read_bytes()
        assert invited["code"].encode() not in held and token.encode() not in held


async def test_a_cookie_is_for_the_server_alone(town: Town) -> None:
    invited = await town.invite(await town.lesson(), "room", "东村")
    async with town.http.post(town.url + "/api/session", json={"code": invited["code"]}) as answer:
        cookie = answer.headers["Set-Cookie"]
        body = await answer.json()
    assert body["token"] is None and body["seat"] == invited["seat"]
    assert cookie.startswith(f"seat-{invited['seat']}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie
    jar = cookie.split(";")[0]
    status, session = await town.call("GET", "/api/session", token=None, headers={"Cookie": jar})
    assert (status, session["seat"]) == (200, invited["seat"])


async def test_over_https_the_cookie_stays_there(tmp_path: Any) -> None:
    async with Town(tmp_path, public_url="https://classroom.test") as town:
        invited = await town.invite(await town.lesson(), "room", "东村")
        async with town.http.post(town.url + "/api/session", json={"code": invited["code"]}) as answer:
            assert "Secure" in answer.headers["Set-Cookie"]


async def test_a_browser_with_two_seats_says_which(town: Town) -> None:
    lesson = await town.lesson()
    tokens = [await town.seat(lesson, "room", name) for name in ("东村", "西村")]
    seats = [(await town.call("GET", "/api/session", token=token))[1]["seat"] for token in tokens]
    jar = {"Cookie": "; ".join(f"seat-{seat}={token}" for seat, token in zip(seats, tokens, strict=True))}
    for seat in seats:
        answer = await town.call("GET", f"/api/session?seat={seat}", token=None, headers=jar)
        assert answer[1]["seat"] == seat
    assert (await town.call("GET", "/api/session?seat=SXXXXXXXXXX", token=None, headers=jar))[0] == 401


async def test_without_a_seat_the_newest_of_the_lesson_counts(town: Town) -> None:
    first, second = await town.lesson(), await town.lesson()
    tokens = [await town.seat(lesson, "room", "东村") for lesson in (first, second)]
    seats = [(await town.call("GET", "/api/session", token=token))[1]["seat"] for token in tokens]
    jar = {"Cookie": "; ".join(f"seat-{seat}={token}" for seat, token in zip(seats, tokens, strict=True))}
    for lesson, seat in ((first, seats[0]), (second, seats[1])):
        answer = await town.call("GET", f"/api/session?lesson={lesson}", token=None, headers=jar)
        assert answer[1]["seat"] == seat
        assert (await town.call("GET", f"/api/lessons/{lesson}", token=None, headers=jar))[0] == 200


async def test_a_browser_keeps_a_handful_of_seats_and_drops_the_oldest(town: Town) -> None:
    lesson, jar = await town.lesson(), ""
    for i in range(MOST_COOKIES):
        token = await town.seat(lesson, "attendee", f"guest {i}")
        seat = (await town.call("GET", "/api/session", token=token))[1]["seat"]
        jar += f"seat-{seat}={token}; "
    invited = await town.invite(lesson, "attendee", "one more")
    headers = {"Cookie": jar.rstrip("; "), "Origin": town.url}
    async with town.http.post(town.url + "/api/session", json={"code": invited["code"]}, headers=headers) as answer:
        cookies = answer.headers.getall("Set-Cookie")
    assert answer.status == 200 and len(cookies) == 2
    assert [cookie for cookie in cookies if "Max-Age=0" in cookie] != []


async def test_a_cookie_does_not_count_under_another_seats_name(town: Town) -> None:
    lesson = await town.lesson()
    token = await town.seat(lesson, "room", "东村")
    jar = {"Cookie": f"seat-SXXXXXXXXXX={token}"}
    assert (await town.call("GET", "/api/session", token=None, headers=jar))[0] == 401


@pytest.mark.parametrize("origin", ["https://evil.test", "null", None])
async def test_another_sites_page_cannot_use_the_cookie(town: Town, origin: str | None) -> None:
    lesson = await town.lesson()
    token = await town.seat(lesson, "lead", "主校")
    seat = (await town.call("GET", "/api/session", token=token))[1]["seat"]
    headers = {"Cookie": f"seat-{seat}={token}"} | ({} if origin is None else {"Origin": origin})
    status, answer = await town.call("POST", f"/api/lessons/{lesson}/end", token=None, headers=headers)
    assert (status, answer["code"]) == (403, "foreign_origin")
    status, _ = await town.call(
        "POST", f"/api/lessons/{lesson}/end", token=None, headers={**headers, "Origin": town.url}
    )
    assert status == 200


async def test_a_page_of_http_is_none_of_ours_where_we_are_reached_over_https(tmp_path: Any) -> None:
    async with Town(tmp_path, public_url="https://classroom.test") as town:
        token = await town.seat(await town.lesson(), "lead", "主校")
        seat = (await town.call("GET", "/api/session", token=token))[1]["seat"]
        jar = {"Cookie": f"seat-{seat}={token}", "Host": "classroom.test"}
        for origin, status in (("http://classroom.test", 403), ("https://classroom.test", 204)):
            shown = {**jar, "Origin": origin}
            assert (await town.call("DELETE", "/api/session", token=None, headers=shown))[0] == status


async def test_each_refusal_leaves_a_line_of_who_where_and_why(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    lesson = await town.lesson()
    token = await town.seat(lesson, "room", "东村")
    await town.call("POST", f"/api/lessons/{lesson}/end", token=token)
    await town.call("GET", "/api/session", token="a-wrong-token")
    await town.call("POST", "/api/session", {"code": "a-guessed-code"}, token=None)
    logged = "".join(capsys.readouterr())
    lines = [json.loads(line) for line in logged.splitlines() if '"refused"' in line]
    seat = (await town.call("GET", "/api/session", token=token))[1]["seat"]
    assert [(line["action"], line["who"], line["lesson"], line["code"]) for line in lines] == [
        ("end_lesson", seat, lesson, "not_permitted"),
        ("read_session", "nobody", None, "not_authenticated"),
        ("start_session", "nobody", None, "code_not_valid"),
    ]
    assert not [secret for secret in (token, "a-wrong-token", "a-guessed-code") if secret in logged]


async def test_another_sites_page_cannot_seat_its_visitor(town: Town) -> None:
    invited = await town.invite(await town.lesson(), "room", "东村")
    headers = {"Origin": "https://evil.test"}
    status, answer = await town.call("POST", "/api/session", {"code": invited["code"]}, token=None, headers=headers)
    assert (status, answer["code"]) == (403, "foreign_origin")
    assert (await town.call("POST", "/api/session", {"code": invited["code"]}, token=None))[0] == 200


async def test_a_session_that_was_given_back_opens_nothing_any_more(town: Town) -> None:
    token = await town.seat(await town.lesson(), "room", "东村")
    assert (await town.call("DELETE", "/api/session", token=token))[0] == 204
    assert (await town.call("GET", "/api/session", token=token))[0] == 401
    await town.stop()
    await town.start()
    assert (await town.call("GET", "/api/session", token=token))[0] == 401


async def test_a_clock_that_leaps_and_is_set_back_ends_no_session(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    lesson, now = await town.lesson(), instant()
    token = await town.seat(lesson, "room", "东村")
    with monkeypatch.context() as wrong:
        for module in (callers, handlers):
            wrong.setattr(module, "instant", lambda: Instant(now.steady_s, now.wall_ms + 365 * 24 * 3_600_000))
        assert (await town.call("GET", "/api/session", token=token))[0] == 401
        claims = SessionClaims("T1", LessonId(lesson), SeatId("S1"), 0, 1)
        await town.running.services.doorkeeper.let_service_in(claims)
    assert (await town.call("GET", "/api/session", token=token))[0] == 200


async def test_a_session_outlives_a_restart(town: Town) -> None:
    token = await town.seat(await town.lesson(), "room", "东村")
    await town.stop()
    await town.start()
    assert (await town.call("GET", "/api/session", token=token))[0] == 200


async def test_a_media_token_says_what_an_encoder_may_send(town: Town) -> None:
    lesson = await town.lesson()
    token = await town.seat(lesson, "room", "东村")
    status, made = await town.call("POST", "/api/session/media-token", {"connection": "publish"}, token=token)
    assert status == 200 and made["url"] == f"{town.node.url}/whip/{lesson}"
    claims = _claims(town, made["token"])
    assert (claims["aud"], claims["lesson"], claims["connection"]) == ("node", lesson, "publish")
    assert (claims["video"], claims["audio"]) == ("students", "room_mic")
    assert made["expires_at_ms"] == claims["exp"] * 1000
    assert (await town.call("GET", "/api/session", token=made["token"]))[0] == 401


def _claims(town: Town, token: str) -> dict[str, Any]:
    hello = town.node.said[0]
    assert isinstance(hello, SignalingHello)
    keys = KeySet.import_key_set(json.loads(hello.token_keys))
    return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)


@pytest.mark.parametrize("state", ["planned", "ended"])
async def test_there_is_no_media_behind_closed_doors(town: Town, state: str) -> None:
    lesson = await town.lesson(open=state != "planned")
    token = await town.seat(lesson, "room", "东村")
    if state == "ended":
        await town.call("POST", f"/api/lessons/{lesson}/end")
    assert (await town.call("POST", "/api/session/media-token", {"connection": "publish"}, token=token))[0] == 409


async def test_health_tells_whether_a_node_is_there(town: Town) -> None:
    assert await town.call("GET", "/healthz", token=None) == (200, {"alive": True, "node": True})
    await town.node.stop()
    async with asyncio.timeout(30):
        while (await town.call("GET", "/healthz", token=None))[1]["node"]:
            await asyncio.sleep(0.02)


async def test_metrics_count_without_naming_anyone(town: Town) -> None:
    lesson = await town.lesson()
    _, text = await town.call("GET", "/metrics")
    assert 'signaling_events_total{type="lesson_opened"} 1.0' in text
    assert "signaling_node_up 1.0" in text and lesson not in text


@pytest.mark.parametrize(
    "shown", ["Basic abc", "Bearer", "Bearer ", "bearer x", OPERATOR_KEY, f"Bearer {OPERATOR_KEY}x"]
)
async def test_a_wrong_key_opens_nothing(town: Town, shown: str) -> None:
    status, answer = await town.call("GET", "/api/lessons", token=None, headers={"Authorization": shown})
    assert (status, answer["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/nothing", 404), ("PUT", "/api/lessons", 405)])
async def test_errors_are_code_and_sentence(town: Town, method: str, path: str, status: int) -> None:
    answered, answer = await town.call(method, path)
    assert (answered, set(answer)) == (status, {"code", "sentence"})


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow machine nobody's tries come back while a test is trying."""
    now = instant()
    for module in (handlers, http):
        monkeypatch.setattr(module, "instant", lambda: now)


@pytest.mark.usefixtures("stopped_clock")
async def test_guessing_codes_comes_to_an_end_and_a_code_that_was_good_here_does_not(town: Town) -> None:
    statuses = [(await town.call("POST", "/api/session", {"code": new_code()}, token=None))[0] for _ in range(40)]
    assert statuses == [403] * 30 + [429] * 10


@pytest.mark.usefixtures("stopped_clock")
@pytest.mark.parametrize("path", ["/api/lessons", "/metrics", "/ws", "/recording"])
async def test_guessing_keys_comes_to_an_end_and_the_operator_is_let_in(town: Town, path: str) -> None:
    lesson = await town.lesson()
    statuses = [(await town.call("GET", path, token=f"guess-{i}"))[0] for i in range(40)]
    assert statuses[29] != 429 and statuses[30:] == [429] * 10
    assert (await town.call("GET", f"/api/lessons/{lesson}"))[0] == 200
    assert (await town.call("GET", "/healthz", token=None))[0] == 200


@pytest.mark.usefixtures("stopped_clock")
async def test_an_old_token_that_comes_again_and_again_locks_nobody_out(town: Town) -> None:
    lesson = await town.lesson()
    given_back = await town.seat(lesson, "room", "东村")
    await town.call("DELETE", "/api/session", token=given_back)
    for token in ["of-another-server", given_back] * 40:
        assert (await town.call("GET", "/api/session", token=token))[0] == 401
    fresh = await town.seat(lesson, "room", "西村")
    assert (await town.call("GET", "/api/session", token=fresh))[0] == 200


@pytest.mark.usefixtures("stopped_clock")
@pytest.mark.parametrize(("proxies", "last"), [(0, 429), (1, 401)])
async def test_behind_a_proxy_of_ours_each_caller_is_counted_by_itself(tmp_path: Any, proxies: int, last: int) -> None:
    async with Town(tmp_path, proxies=proxies) as town:
        for i in range(40):
            headers = {"X-Forwarded-For": f"198.51.100.{i}"}
            status, _ = await town.call("GET", "/api/lessons", token=f"guess-{i}", headers=headers)
        assert status == last


async def said_raw(town: Town, *parts: bytes) -> bytes:
    """What is answered to these bytes, up to the end of the connection or of the first answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", town.running.port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    async with asyncio.timeout(30):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answer = head + await reader.readexactly(length)
    writer.close()
    return answer


POST = b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
RAW: list[tuple[bytes, bytes, bytes]] = [
    (b"GET /api/session HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n", b" 401 ", b"not_authenticated"),
    (b"GET /api/session HTTP/1.1\r\nHost: x\r\nCookie: seat-S=\xff\xfe\r\n\r\n", b" 401 ", b"not_authenticated"),
    (POST + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", b" 400 ", b"wrong_message"),
    (POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", b" 400 ", b""),
    (POST + b'Content-Length: 13\r\n\r\n{"code":"\xff\xfe"}', b" 400 ", b"wrong_message"),
    (POST + b'Content-Length: 17\r\n\r\n{"code":"\\ud800"}', b" 400 ", b"wrong_message"),
    (b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", b" 404 ", b"unknown_address"),
    (b"GET /api/lessons/%ff HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\n\r\n", b" 404 ", b"unknown_lesson"),
    (b"GET /api/lessons/%00 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\n\r\n", b" 404 ", b"unknown_lesson"),
]


@pytest.mark.parametrize(("said", "status", "code"), RAW, ids=range(len(RAW)))
async def test_bytes_that_no_client_of_ours_sends_get_an_exact_answer(
    town: Town, said: bytes, status: bytes, code: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await said_raw(town, said.replace(b"KEY", OPERATOR_KEY.encode()))
    assert status in answer.partition(b"\r\n")[0] and code in answer, answer
    assert "request_failed" not in "".join(capsys.readouterr())


async def test_a_body_that_does_not_come_is_not_waited_for(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_PATIENCE_S", 0.05)
    answer = await said_raw(town, POST + b"Content-Length: 100\r\n\r\n{")
    assert b" 408 " in answer and b'"timeout"' in answer


async def test_who_hangs_up_within_a_body_leaves_no_fault_in_the_log(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", town.running.port)
    writer.write(POST + b"Content-Length: 100\r\n\r\n{")
    await writer.drain()
    assert (await town.call("GET", "/healthz", token=None))[0] == 200
    writer.close()
    await writer.wait_closed()
    assert (await town.call("GET", "/healthz", token=None))[0] == 200
    assert "request_failed" not in "".join(capsys.readouterr())


async def test_half_a_request_does_not_hold_its_connection_for_ever(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaling.net.service.IDLE_S", 0.2)
    async with Town(tmp_path) as town, asyncio.timeout(30):
        for half in (b"", b"GET /healthz HTTP/1.1\r\nHost:"):
            reader, writer = await asyncio.open_connection("127.0.0.1", town.running.port)
            writer.write(half)
            assert await reader.read() == b""
            writer.close()
