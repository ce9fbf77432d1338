import asyncio
import json

import aiohttp
import pytest

from sfu.core import reconcile
from sfu.net import control, line
from sfu.tests.core import lesson as given
from sfu.tests.net.node import NODE_TOKEN, SIGNALING_TOKEN, TOKEN_KEYS, running
from sfu.tests.sdp.samples import sample
from signaling.messages import node as say
from signaling.messages.ids import LessonId, Mid
from signaling.messages.wire import TO_NODE

LESSON = given.desired(1).lesson
SOURCES = (say.PublishedMid(Mid("0"), "teacher_mic"), say.PublishedMid(Mid("1"), "teacher"))


@pytest.mark.parametrize("token", ["", "x" * 26, SIGNALING_TOKEN + "x", NODE_TOKEN])
async def test_a_wrong_token_gets_no_socket(token: str) -> None:
    async with running() as node:
        with pytest.raises(aiohttp.WSServerHandshakeError) as error:
            await node.dial(token)
        assert error.value.status == 401


async def test_the_hello_shows_the_nodes_token_boot_and_inventory() -> None:
    async with running() as node, node.signaling() as signaling:
        hello = signaling.hello
        assert (hello.version, hello.node, hello.token) == (1, "node-1", NODE_TOKEN)
        assert (hello.boot, hello.generation, hello.peers) == (node.service.boot, 0, ())
    async with running() as other, other.signaling() as signaling:
        assert signaling.hello.boot != hello.boot


@pytest.mark.parametrize(
    "first",
    [
        "no json",
        TO_NODE.encode(say.Drain()),
        TO_NODE.encode(say.SignalingHello((99,), TOKEN_KEYS)),
        TO_NODE.encode(say.SignalingHello((1,), "no keys")),
        TO_NODE.encode(say.SignalingHello((1,), json.dumps({"keys": [{"kty": "none"}]}))),
    ],
)
async def test_a_wrong_first_message_is_hung_up_on(first: str) -> None:
    async with running() as node, await node.dial() as socket:
        await socket.send_str(first)
        assert (await socket.receive(10)).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 4000
        assert not node.service.control.connected


async def test_whoever_says_nothing_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "HELLO_PATIENCE_S", 0.01)
    async with running() as node, await node.dial() as socket:
        assert (await socket.receive(10)).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 4000


REFUSED = TO_NODE.encode(say.AnswerSubscribe(9, given.LESSON, given.ROOM, 1, ""))


@pytest.mark.parametrize(
    ("wrong", "code", "lesson", "request_number"),
    [
        ("no json", "wrong_message", None, None),
        (b"\x00", "wrong_message", None, None),
        ("[" * 20000, "wrong_message", None, None),
        ('{"type":"unheard_of","lesson":"L9"}', "wrong_message", "L9", None),
        ('{"type":"desired","lesson":{"lesson":"L9"},"generation":"x"}', "wrong_message", "L9", None),
        (REFUSED.replace('"sdp":""', '"sdp":7'), "wrong_message", None, 9),
        (REFUSED, "old_number", None, 9),
        (TO_NODE.encode(say.SignalingHello((1,), TOKEN_KEYS)), "wrong_message", None, None),
        (TO_NODE.encode(given.desired(0)), "old_generation", given.LESSON, None),
    ],
)
async def test_a_wrong_later_message_is_answered_and_changes_nothing(
    wrong: str | bytes, code: str, lesson: str | None, request_number: int | None
) -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        before = node.service.station.node
        await (signaling.socket.send_str(wrong) if isinstance(wrong, str) else signaling.socket.send_bytes(wrong))
        refused = await signaling.next()
        assert isinstance(refused, say.RequestRefused | say.MessageRefused) and refused.sentence
        known = (refused.request, None) if isinstance(refused, say.RequestRefused) else (None, refused.lesson)
        assert (refused.code, known) == (code, (request_number, lesson))
        assert node.service.station.node.lessons == before.lessons
        await signaling.desire(LESSON)


async def test_a_lesson_that_breaks_the_node_is_answered_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("a defect of ours")

    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        with monkeypatch.context() as patched:
            patched.setattr(reconcile, "close_peer", breaks)
            await signaling.send(say.ClosePeer(given.LESSON, given.LEAD, "publish"))
            refused = await signaling.until(say.MessageRefused)
        assert (refused.code, refused.lesson) == ("node_failed", given.LESSON)
        await signaling.desire(LESSON)


async def test_a_second_signaling_replaces_the_first() -> None:
    async with running() as node, node.signaling() as first:
        await first.desire(LESSON)
        async with node.signaling() as second:
            assert await first.arrived.get() is None
            assert first.socket.close_code == 4003
            assert second.hello.generation == 1
            await second.desire(LESSON)
            assert node.service.control.connected


async def test_requests_are_answered_with_their_number() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        published = await signaling.publish(given.LESSON, given.LEAD, sample("chromium_plain"), SOURCES)
        assert isinstance(published, say.AnswerPublish) and "a=ice-lite" in published.sdp
        offered = await signaling.open(given.LESSON, given.ROOM, 1, 1)
        assert isinstance(offered, say.OfferSubscribe) and len(offered.slots) == 2
        slots = node.service.station.node.offers[given.ROOM_OFFER].slots
        answer = given.answer(given.ROOM, offered.number, slots).sdp
        accepted = await signaling.answer(given.LESSON, given.ROOM, offered.number, answer)
        assert isinstance(accepted, say.Accepted)
        stats = node.service.station.forwarder.stats()
        assert (len(stats.peers), len(stats.tracks), len(stats.slots)) == (2, 2, 2)


@pytest.mark.parametrize(
    ("lesson", "sdp", "code"),
    [
        (LessonId("L0"), sample("chromium_plain"), "lesson_not_open"),
        (given.LESSON, "v=1", "wrong_sdp"),
        (given.LESSON, sample("firefox_viewer"), "wrong_sdp"),
    ],
)
async def test_what_is_refused_has_a_code_and_a_sentence(lesson: LessonId, sdp: str, code: str) -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        refused = await signaling.publish(lesson, given.LEAD, sdp, SOURCES)
        assert isinstance(refused, say.RequestRefused)
        assert refused.code == code and refused.sentence
        assert node.service.station.forwarder.stats().peers == []


async def test_an_old_number_is_refused() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        refused = await signaling.answer(given.LESSON, given.ROOM, 7, sample("aiortc_view"))
        assert isinstance(refused, say.RequestRefused) and refused.code == "old_number"


async def test_lessons_that_a_returning_signaling_does_not_name_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "NAMING_S", 0.05)
    async with running() as node:
        async with node.signaling() as signaling:
            await signaling.desire(LESSON)
            await signaling.publish(given.LESSON, given.LEAD, sample("chromium_plain"), SOURCES)
        async with node.signaling() as signaling:
            assert [peer.seat for peer in signaling.hello.peers] == [given.LEAD]
            gone = await signaling.until(say.PeerGone)
            assert (gone.seat, gone.reason) == (given.LEAD, "lesson_not_named")
        assert node.service.station.forwarder.stats().peers == []


async def test_a_node_without_signaling_keeps_its_lessons() -> None:
    async with running() as node:
        async with node.signaling() as signaling:
            await signaling.desire(LESSON)
            naming = node.service.control._naming
            assert naming is not None and not naming.cancelled()
        async with asyncio.timeout(30):
            while node.service.control.connected:
                await asyncio.sleep(0.01)
        assert naming.cancelled(), "the timer that closes lessons goes with the line"
        assert given.LESSON in node.service.station.node.lessons


async def test_closing_and_draining_are_obeyed() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        await signaling.publish(given.LESSON, given.LEAD, sample("chromium_plain"), SOURCES)
        await signaling.send(say.ClosePeer(given.LESSON, given.LEAD, "publish"))
        gone = await signaling.until(say.PeerGone)
        assert gone.reason == "closed_by_signaling"
        await signaling.send(say.Drain())
        await signaling.desire(LESSON)
        assert node.service.station.node.draining


async def test_a_lesson_that_is_named_wrongly_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as node:
        async with node.signaling() as signaling:
            await signaling.desire(LESSON)
            await signaling.desire(given.desired(1, lesson=LessonId("L2")).lesson)
        monkeypatch.setattr(control, "NAMING_S", 0.2)
        async with node.signaling() as signaling:
            await signaling.socket.send_str('{"type":"desired","generation":9,"lesson":{"lesson":"L2","seats":7}}')
            await signaling.until(say.MessageRefused)
            async with asyncio.timeout(30):
                while given.LESSON in node.service.station.node.lessons:
                    await asyncio.sleep(0.01)
            assert set(node.service.station.node.lessons) == {LessonId("L2")}


async def test_a_token_that_is_no_text_gets_no_socket() -> None:
    async with running() as node:
        reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
        writer.write(b"GET /control HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n")
        async with asyncio.timeout(30):
            assert b" 401 " in await reader.readline()
        writer.close()


async def test_a_signaling_that_does_not_read_is_cut_off_and_media_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "FAREWELL_S", 0.1)
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        await signaling.publish(given.LESSON, given.LEAD, sample("chromium_plain"), SOURCES)
        deaf = await node.dial()
        await deaf.send_str(TO_NODE.encode(say.SignalingHello(say.VERSIONS, TOKEN_KEYS)))
        async with asyncio.timeout(30):
            while await signaling.arrived.get() is not None:
                pass
            await signaling.socket.close()
            big = say.AnswerPublish(1, "x" * 1_000_000)
            while node.service.control.connected:
                node.service.control._tell(big)
                await asyncio.sleep(0)
        assert [peer.key.seat for peer in node.service.station.node.peers.values()] == [given.LEAD]
        async with node.signaling() as back:
            assert [peer.seat for peer in back.hello.peers] == [given.LEAD]
        await deaf.close()
