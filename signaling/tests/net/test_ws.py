"""signaling.net.ws: everything that a client can do wrong, and coming back."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from signaling.core.outcome import Instant
from signaling.net import ws
from signaling.net.clock import instant
from signaling.net.outgoing import UNSENT_BOUND
from signaling.tests.net.town import Client, Town

Seats = tuple[str, str]


@pytest.fixture
async def seats(town: Town) -> Seats:
    """Tokens of the lead and of one room in an open lesson."""
    lesson = await town.lesson()
    return await town.seat(lesson, "lead", "主校"), await town.seat(lesson, "room", "东村")


@pytest.fixture
async def pair(town: Town, seats: Seats) -> AsyncIterator[tuple[Client, Client]]:
    """Lead and room, joined."""
    async with town.joined(seats[0]) as lead, town.joined(seats[1]) as room:
        yield lead, room


@pytest.mark.parametrize("token", [None, "nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
async def test_whom_nobody_knows_is_told_so_and_hung_up_on(town: Town, token: str | None) -> None:
    async with town.client(token) as client:
        (bye,) = await client.heard_until_closed()
        assert (bye["code"], bye["retry"], client.socket.close_code) == ("not_authenticated", False, 4001)


@pytest.mark.parametrize(
    "first",
    [
        '{"type":"join","id":"1"}',
        "[]",
        "",
        "\x00",
        '{"type":"hello"}',
        '{"type":"hello","versions":["1"],"client":"x"}',
    ],
)
async def test_the_first_message_is_hello(town: Town, seats: Seats, first: str) -> None:
    async with town.client(seats[0]) as client:
        await client.socket.send_str(first)
        (bye,) = await client.heard_until_closed()
        assert (bye["code"], client.socket.close_code) == ("wrong_message", 4000)


async def test_hello_must_come_in_time(town: Town, seats: Seats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws, "HELLO_PATIENCE_S", 0.05)
    async with town.client(seats[0]) as client:
        assert await client.closed() == 4000


async def test_without_a_common_version_nothing_begins(town: Town, seats: Seats) -> None:
    async with town.client(seats[0]) as client:
        await client.send({"type": "hello", "versions": [99], "client": "future"})
        (bye,) = await client.heard_until_closed()
        assert (bye["code"], client.socket.close_code) == ("version", 4000)


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://127.0.0.1:1", None])
async def test_a_cookie_opens_nothing_for_another_sites_page(town: Town, seats: Seats, origin: str | None) -> None:
    seat = (await town.call("GET", "/api/session", token=seats[0]))[1]["seat"]
    headers = {"Cookie": f"seat-{seat}={seats[0]}"} | ({} if origin is None else {"Origin": origin})
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with town.client(None, **headers):
            pass
    assert refused.value.status == 403


async def test_a_cookie_opens_the_seat_for_our_own_page(town: Town, seats: Seats) -> None:
    seat = (await town.call("GET", "/api/session", token=seats[0]))[1]["seat"]
    for origin in (town.url, "http://classroom.test"):
        async with town.client(None, Cookie=f"seat-{seat}={seats[0]}", Origin=origin) as client:
            assert (await client.hello())["seat"] == seat


async def test_two_pages_of_one_browser_sit_on_two_seats(town: Town) -> None:
    lesson = await town.lesson()
    tokens = {role: await town.seat(lesson, role, name) for role, name in (("lead", "主校"), ("room", "东村"))}
    seats = {role: (await town.call("GET", "/api/session", token=token))[1]["seat"] for role, token in tokens.items()}
    jar = "; ".join(f"seat-{seats[role]}={token}" for role, token in tokens.items())
    for role, seat in seats.items():
        url = f"{town.url}/ws?seat={seat}"
        async with town.http.ws_connect(url, headers={"Cookie": jar, "Origin": town.url}) as socket:
            assert (await Client(socket).hello())["role"] == role


@pytest.mark.parametrize(
    ("text", "reply_to"),
    [
        ("nonsense", None),
        ("{}", None),
        ("[" * 5000, None),
        ('{"type":"fly","id":"7"}', "7"),
        ('{"type":"hand","id":"7"}', "7"),
        ('{"type":"hand","id":"7","up":1}', "7"),
        ('{"type":"hand","id":"7","up":true,"more":1}', "7"),
        ('{"type":"hand","id":7,"up":true}', None),
        ('{"type":"publish","id":"7","sdp":"v=0","sources":[{"mid":"0","source":"ceiling"}]}', "7"),
        ('{"type":"hand","id":"7","up":NaN}', "7"),
        ('{"type":"fly","id":"\\ud800"}', None),
        ('{"type":"hand","id":"\\udc00","up":true}', None),
    ],
)
async def test_what_is_no_message_is_refused_in_words_and_changes_nothing(
    pair: tuple[Client, Client], text: str, reply_to: str | None
) -> None:
    lead, room = pair
    await room.socket.send_str(text)
    refused = await room.hear("refused")
    assert (refused["code"], refused["reply_to"]) == ("wrong_message", reply_to)
    assert refused["sentence"]
    assert (await room.ask("hand", up=True))["type"] == "done"
    assert (await lead.hear("seat_changed", seat=room.seat_view(hand=True)))["seq"] > 0


LARGE = ws.LARGEST_MESSAGE
HELLO = '{"type":"hello","versions":[1],"client":"x"%s}'
WRONG: list[tuple[str, list[str | bytes], str, int | None]] = [
    # When it is said, what is said, the code that comes, and the close code if the line ends.
    ("first", ['{"type":"join","id":"1"}'], "wrong_message", 4000),
    ("first", [b"\x00"], "wrong_message", 4000),
    ("first", [HELLO.encode() % b""], "wrong_message", 4000),
    ("first", ['{"a":' * 50_000], "wrong_message", 4000),
    ("first", [HELLO % (" " * LARGE)], "wrong_message", 4000),
    ("first", [HELLO % ',"resume":{"session":"X","last_seq":"all"}'], "wrong_message", 4000),
    ("first", ['{"type":"hello","versions":[],"client":"x"}'], "version", 4000),
    ("hello", ['{"type":"hand","id":"1","up":true}'], "not_joined", None),
    ("hello", ['{"type":"publish","id":"1","sdp":"v=0","sources":[]}'], "not_joined", None),
    ("hello", ['{"type":"subscribe","id":"1"}'], "not_joined", None),
    ("hello", ['{"type":"leave","id":"1"}'], "not_joined", None),
    ("hello", [HELLO % ""], "wrong_message", None),
    ("joined", [HELLO % ""], "wrong_message", None),
    ("joined", [b'{"type":"leave","id":"1"}'], "wrong_message", None),
    ("joined", ["[" * 100_000], "wrong_message", None),
    ("joined", ['{"type":"send_text","id":"1","body":"%s"}' % ("字" * 86 * 1024)], "too_large", None),
    ("joined", ['{"type":"send_text","id":"1","body":"%s"}' % ("字" * 1001)], "wrong_message", None),
    ("joined", ['{"type":"send_text","id":"1","body":" \\n "}'], "wrong_message", None),
    ("joined", ['{"type":"send_text","id":"1","body":"\\ud800"}'], "wrong_message", None),
    ("joined", ['{"type":"send_text","id":"","body":"hm"}'], "wrong_message", None),
    ("joined", ['{"type":"end","id":"1"}'], "not_permitted", None),
    ("joined", ['{"type":"floor_give","id":"1","seat":"S"}'], "not_permitted", None),
    ("joined", ['{"type":"subscribe_answer","id":"1","number":7,"sdp":"v=0"}'], "old_number", None),
    ("joined", ['{"type":"subscribe","id":"1","video_slots":-1}'], "wrong_message", None),
    ("joined", [f'{{"type":"floor_release","id":"{i}"}}' for i in range(70)], "too_many", None),
]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[Instant]:
    """Stands still: nobody's pace recovers while a slow machine sends, and too much is a number of messages."""
    now = [instant()]
    monkeypatch.setattr("signaling.net.live.instant", lambda: now[-1])
    return now


async def test_whatever_is_wrong_gets_a_code_and_a_sentence_and_changes_nothing(
    town: Town, clock: list[Instant]
) -> None:
    lesson = await town.lesson()
    lead, room = await town.seat(lesson, "lead", "主校"), await town.seat(lesson, "room", "东村")
    async with town.joined(lead) as other:
        for when, said, code, close_code in WRONG:
            clock.append(Instant(clock[-1].steady_s + 5, clock[-1].wall_ms))
            async with town.client(room) as client:
                if when != "first":
                    await client.hello()
                if when == "joined":
                    await client.ask("join")
                before = await town.running.services.store.log_of(lesson)  # type: ignore[arg-type]
                for text in said:
                    await (client.socket.send_str(text) if isinstance(text, str) else client.socket.send_bytes(text))
                answer = await client.hear("refused" if close_code is None else "bye", code=code)
                assert answer["sentence"], (when, said[0][:60])
                if close_code is not None:
                    assert await client.closed() == close_code, said[0][:60]
                elif code != "too_many":
                    assert (await client.ask("join", id="still-heard"))["type"] == "done", said[0][:60]
                assert (await other.ask("floor_take"))["code"] == "floor_not_held"
                after = await town.running.services.store.log_of(lesson)  # type: ignore[arg-type]
                assert [e for e in after if e not in before and e.event.type != "seat_taken"] == [], said[0][:60]


async def test_a_message_over_1_mib_cuts_the_line(pair: tuple[Client, Client]) -> None:
    await pair[1].socket.send_str("x" * (ws.LARGEST_FRAME + 1))
    assert await pair[1].closed() == 1009


@pytest.mark.usefixtures("clock")
async def test_a_flood_is_refused_then_cut_and_nobody_else_notices(pair: tuple[Client, Client]) -> None:
    lead, room = pair
    for i in range(400):
        if room.socket.closed:
            break
        await room.send({"type": "floor_release", "id": str(i)})
    heard = await room.heard_until_closed()
    codes = [message.get("code") for message in heard]
    assert room.socket.close_code == 4009
    assert codes.count("too_many") > 100 and heard[-1]["type"] == "bye"
    assert (await lead.ask("send_text", body="安静"))["type"] == "done"


async def test_the_same_id_happens_once(town: Town, pair: tuple[Client, Client]) -> None:
    lead, room = pair
    for _ in range(3):
        assert (await lead.ask("send_text", id="same", body="一次"))["type"] == "done"
    await lead.ask("floor_take")
    await room.ask("floor_release")
    assert len([message for message in room._unread if message["type"] == "text"]) == 1


async def test_what_was_missed_comes_when_the_client_resumes(town: Town, seats: Seats) -> None:
    async with town.joined(seats[0]) as lead:
        async with town.joined(seats[1]) as room:
            session, last_seq = room.welcome["session"], room.last_seq
        for body in ("一", "二", "三"):
            await lead.ask("send_text", body=body)
        async with town.client(seats[1]) as again:
            welcome = await again.hello((session, last_seq))
            assert (welcome["resumed"], welcome["session"]) == (True, session)
            bodies = [(await again.hear("text"))["body"] for _ in range(3)]
            assert bodies == ["一", "二", "三"]
            assert again.last_seq == welcome["seq"]
            assert (await again.ask("hand", up=True))["type"] == "done"


async def test_who_resumes_twice_leaves_the_first_line(town: Town, seats: Seats) -> None:
    async with town.joined(seats[1]) as room, town.client(seats[1]) as again:
        await again.hello((room.welcome["session"], room.last_seq))
        assert await room.closed() == 4003
        assert (await again.ask("hand", up=True))["type"] == "done"


async def test_a_key_that_is_given_back_ends_what_it_opened_and_nothing_else(town: Town, seats: Seats) -> None:
    async with town.joined(seats[0]) as lead, town.joined(seats[1]) as room:
        reading = asyncio.create_task(room.heard_until_closed())
        assert (await town.call("DELETE", "/api/session", token=seats[1]))[0] == 204
        heard = await reading
        assert (heard[-1]["code"], heard[-1]["retry"], room.socket.close_code) == ("not_authenticated", False, 4001)
        await lead.hear("seat_changed", seat=room.seat_view(present=False))
        assert (await lead.ask("send_text", body="还在"))["type"] == "done"


async def test_a_second_page_takes_the_seat(town: Town, seats: Seats) -> None:
    async with town.joined(seats[1]) as room, town.joined(seats[1]) as again:
        heard = await room.heard_until_closed()
        assert (heard[-1]["code"], heard[-1]["retry"], room.socket.close_code) == ("replaced", False, 4003)
        assert (await again.ask("hand", up=True))["type"] == "done"


async def test_a_slow_reader_is_cut_with_4008_and_gets_what_it_missed(town: Town, seats: Seats) -> None:
    """Law 5 of PROTOCOL.md: it never reads, so that the kernel's buffers fill, then ours."""
    async with town.joined(seats[0]) as lead:
        async with town.joined(seats[1]) as room:
            session, last_seq = room.welcome["session"], room.last_seq
            transport = _transport(room)
            transport.pause_reading()
            line = _line(town, session)
            while line._ending is None:
                line.send(json.dumps({"type": "levels", "levels": [["x", 0]] * 4000}))
                assert line._outgoing.unsent_bytes <= UNSENT_BOUND
                await asyncio.sleep(0)
            assert (await lead.ask("send_text", body="还在吗"))["type"] == "done"
            transport.resume_reading()
            assert await room.closed() == 4008
        async with town.client(seats[1]) as again:
            assert (await again.hello((session, last_seq)))["resumed"] is True
            assert (await again.hear("text"))["body"] == "还在吗"


def _line(town: Town, session: str) -> ws.ClientLine:
    for live in town.running.services.lessons._live.values():
        for known, line in live._lines.items():
            if known == session:
                assert isinstance(line, ws.ClientLine)
                return line
    raise AssertionError(f"{session} has no line")


def _transport(client: Client) -> asyncio.ReadTransport:
    connection = client.socket._response.connection
    assert connection is not None and isinstance(connection.transport, asyncio.ReadTransport)
    return connection.transport


async def test_a_page_that_says_hello_and_join_at_once_has_its_offer_in_one_turn(town: Town, seats: Seats) -> None:
    async with town.client(seats[1]) as client:
        await client.send({"type": "hello", "versions": [1], "client": "page/1"})
        await client.say("join", id="j", offer=True)
        offer = (await client.hear("joined", reply_to="j"))["offer"]
        assert [slot["mid"] for slot in offer["slots"]] == [f"v{i}" for i in range(5)] + [f"a{i}" for i in range(5)]
        assert (await client.ask("subscribe_answer", number=offer["number"], sdp="v=0"))["type"] == "done"
        await client.hear("slots")


async def test_when_signaling_stops_everyone_is_told_to_come_back(town: Town, pair: tuple[Client, Client]) -> None:
    reading = asyncio.create_task(pair[1].heard_until_closed())
    await town.stop()
    heard = await reading
    assert (heard[-1]["code"], heard[-1]["retry"], pair[1].socket.close_code) == ("restarting", True, 4010)


async def test_a_page_that_does_not_read_holds_up_no_shutdown(town: Town, pair: tuple[Client, Client]) -> None:
    transport = _transport(pair[1])
    transport.pause_reading()
    async with asyncio.timeout(3):
        await town.stop()
    transport.resume_reading()


async def test_a_lesson_that_is_over_says_so(town: Town) -> None:
    lesson = await town.lesson()
    token = await town.seat(lesson, "room", "东村")
    await town.call("POST", f"/api/lessons/{lesson}/end")
    async with town.client(token) as client:
        await client.send({"type": "hello", "versions": [1], "client": "late"})
        (bye,) = await client.heard_until_closed()
        assert (bye["code"], bye["retry"], client.socket.close_code) == ("ended", False, 4004)


async def test_pages_learn_that_the_doors_open(town: Town) -> None:
    lesson = await town.lesson(open=False)
    async with town.client(await town.seat(lesson, "room", "东村")) as client:
        assert (await client.hello())["snapshot"]["state"] == "planned"
        assert (await client.ask("join"))["code"] == "lesson_not_open"
        await town.call("POST", f"/api/lessons/{lesson}/open")
        await client.hear("lesson_changed", state="open")
        assert (await client.ask("join"))["type"] == "done"


async def test_no_secret_is_in_the_log(town: Town, seats: Seats, capsys: pytest.CaptureFixture[str]) -> None:
    async with town.joined(seats[0]) as lead:
        await lead.ask("send_text", body="私下的话")
        session = lead.welcome["session"]
    logged = "".join(capsys.readouterr())
    assert "seat_taken" in logged
    for secret in (seats[0], seats[1], session, "私下的话", "the-operators-key"):
        assert secret not in logged
