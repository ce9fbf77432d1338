"""signaling.net.node_link"""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.messages import node
from signaling.messages.ids import LessonId, SeatId, TrackId
from signaling.net import node_link
from signaling.net.node_link import FIRST_DELAY_S, LONGEST_DELAY_S, delay_s
from signaling.tests.net.town import Town


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_delays_grow_to_a_bound_and_are_spread(attempt: int, chance: float) -> None:
    assert FIRST_DELAY_S / 2 <= delay_s(attempt, chance) <= LONGEST_DELAY_S
    assert delay_s(attempt, chance) <= delay_s(attempt + 1, chance)
    assert delay_s(attempt, 0) <= delay_s(attempt, chance) <= 2 * delay_s(attempt, 0)


async def test_signaling_says_hello_with_its_public_keys_only(town: Town) -> None:
    hello = town.node.said[0]
    assert isinstance(hello, node.SignalingHello) and 1 in hello.versions
    assert '"kty": "EC"' in hello.token_keys and '"d"' not in hello.token_keys


async def test_a_node_with_a_wrong_token_is_none(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.node.node_token = "somebody-elses-token-1234"
    async with town:
        await town.node.until(lambda: town.node.dialled >= 2)
        assert not town.running.services.lessons.link.up


async def test_signaling_waits_for_a_node_that_starts_later(tmp_path: Path) -> None:
    async with Town(tmp_path) as town:
        await town.node_there()
        await town.node.stop()
        while town.running.services.lessons.link.up:
            await asyncio.sleep(0.01)
        await town.node.start()
        await town.node_there()


async def test_a_host_that_swallows_the_call_is_called_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and never answers, as a hung process or a half-dead machine does."""
    monkeypatch.setattr(node_link, "DIAL_PATIENCE_S", 0.1)
    called = asyncio.Semaphore(0)

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.release()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(swallow, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Town(tmp_path, node_url=f"http://127.0.0.1:{port}"), asyncio.timeout(30):
            await called.acquire()
            await called.acquire()


async def test_more_lessons_than_a_page_may_have_unsent_are_named_to_a_node_that_comes(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once they are more than the 1 MiB that a page's line holds; the node's holds more."""
    monkeypatch.setattr("signaling.net.outgoing.UNSENT_BOUND", 4000)
    lessons = [await town.lesson() for _ in range(12)]
    for lesson in lessons:
        await town.invite(lesson, "lead", "主校")
        await town.invite(lesson, "room", "东村")
    before = len(town.node.said)
    await town.node.restart()
    await town.node.until(lambda: len({d.lesson.lesson for d in _desired(town, before)}) == len(lessons))
    assert len([said for said in town.node.said[before:] if isinstance(said, node.SignalingHello)]) == 1


async def test_generations_rise_and_go_on_where_the_node_is(town: Town) -> None:
    await town.node.stop()
    town.node.generation = 1000
    await town.node.start()
    await town.node.until(lambda: len([s for s in town.node.said if s.type == "signaling_hello"]) == 2)
    lesson = await town.lesson()
    await town.seat(lesson, "room", "东村")
    await town.node.until(lambda: len(_desired(town)) >= 2)
    generations = [desired.generation for desired in _desired(town)]
    assert generations[0] > 1000 and generations == sorted(set(generations))


def _desired(town: Town, after: int = 0) -> list[node.Desired]:
    return [said for said in town.node.said[after:] if isinstance(said, node.Desired)]


async def test_after_each_hello_every_open_lesson_is_named_and_no_other(town: Town) -> None:
    opened, planned, over = await town.lesson(), await town.lesson(open=False), await town.lesson()
    await town.call("POST", f"/api/lessons/{over}/end")
    await town.node.until(lambda: bool(_desired(town)) and _desired(town)[-1].lesson.seats == ())
    before = len(town.node.said)
    await town.node.restart()
    await town.node.until(lambda: any(said.type == "desired" for said in town.node.said[before:]))
    # A step of each lesson takes its turn after the hello's, and what the node hears of it comes after all before.
    await town.invite(planned, "lead", "主校")
    seat = (await town.invite(opened, "lead", "主校"))["seat"]
    await town.node.until(lambda: seat in [rights.seat for rights in _desired(town, before)[-1].lesson.seats])
    named = {said.lesson.lesson for said in town.node.said[before:] if isinstance(said, node.Desired)}
    assert named == {opened} and planned not in named


async def test_a_node_that_does_not_answer_is_not_waited_for(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_link, "ANSWER_PATIENCE_S", 0.1)
    town.node.silent = True
    async with town.joined(await town.seat(await town.lesson(), "lead", "主校")) as lead:
        assert (await lead.ask("subscribe"))["code"] == "no_answer"


async def test_a_request_whose_node_goes_away_is_refused_and_asked_for_again(town: Town) -> None:
    town.node.silent = True
    async with town.joined(await town.seat(await town.lesson(), "lead", "主校")) as lead:
        waiting = asyncio.create_task(lead.ask("subscribe"))
        await town.node.until(lambda: town.node.said[-1].type == "open_subscriber")
        await town.node.restart()
        assert (await waiting)["code"] == "no_node"
        assert (await lead.hear("rejoin"))["connections"] == ["subscribe"]


async def test_without_a_node_a_page_is_told_so_at_once(town: Town) -> None:
    token = await town.seat(await town.lesson(), "lead", "主校")
    await town.node.stop()
    async with town.joined(token) as lead:
        assert (await lead.ask("publish", sdp="v=0", sources=[]))["code"] == "no_node"
        await town.node.start()
        assert (await lead.hear("rejoin"))["connections"] == ["publish"]


async def test_what_the_node_says_of_other_lessons_is_nobodys(town: Town) -> None:
    stray = node.PeerState(LessonId("LXXXXXXXXXX"), SeatId("S"), "publish", "control", True)
    await town.node.change(stray)
    await town.node.tell(node.NodeLevels(LessonId("LXXXXXXXXXX"), ((TrackId("S:room_mic"), 3),)))
    await town.node.tell(node.Applied(10**9, LessonId("LXXXXXXXXXX")))
    assert await town.lesson()
    assert town.running.services.lessons.link.up


async def test_levels_reach_the_pages(town: Town) -> None:
    lesson = await town.lesson()
    async with town.joined(await town.seat(lesson, "lead", "主校")) as lead:
        await town.node.tell(node.NodeLevels(LessonId(lesson), ((TrackId("S:room_mic"), 30),)))
        assert (await lead.hear("levels"))["levels"] == [["S:room_mic", 30]]


async def test_an_encoder_on_a_seat_is_seen_by_all(town: Town) -> None:
    lesson = await town.lesson()
    encoder = await town.seat(lesson, "room", "东村")
    seat = (await town.call("GET", "/api/session", token=encoder))[1]["seat"]
    async with town.joined(await town.seat(lesson, "lead", "主校")) as lead:
        track = node.TrackState(TrackId(f"{seat}:students"), "students", "video", "h264", True)
        await town.node.change(node.PeerState(LessonId(lesson), SeatId(seat), "publish", "whip", True, (track,)))
        assert (await lead.hear("source_changed"))["source"]["source"] == "students"
        assert (await lead.hear("seat_changed"))["seat"]["present"] is True
