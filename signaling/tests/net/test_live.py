"""signaling.net.live and signaling.net.lessons: nobody hears of what is not stored."""

import asyncio
from typing import Any

import pytest

from signaling.core import office
from signaling.net.live import LiveLesson
from signaling.net.store import Store
from signaling.tests.net.town import Town


async def test_nobody_hears_of_a_change_before_it_is_stored(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    lesson = await town.lesson()
    lead_token, room_token = await town.seat(lesson, "lead", "主校"), await town.seat(lesson, "room", "东村")
    async with town.joined(lead_token) as lead, town.joined(room_token) as room:
        entered, gate, append = asyncio.Event(), asyncio.Event(), Store.append

        async def slow(store: Store, *args: Any) -> None:
            entered.set()
            await gate.wait()
            await append(store, *args)

        monkeypatch.setattr(Store, "append", slow)
        await room.say("hand", id="h", up=True)
        told = asyncio.create_task(lead.hear("seat_changed", seat=room.seat_view(hand=True)))
        done = asyncio.create_task(room.hear("done", reply_to="h"))
        async with asyncio.timeout(30):
            await entered.wait()
        # Whatever was said would be read now: client and server share this loop, and loopback holds nothing back.
        for _ in range(100):
            await asyncio.sleep(0)
        assert not told.done() and not done.done()
        gate.set()
        await told
        await done


async def test_a_lesson_with_a_slow_store_holds_up_neither_others_nor_answers(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_lesson, other = await town.lesson(), await town.lesson()
    slow_token, other_token = await town.seat(slow_lesson, "lead", "主校"), await town.seat(other, "lead", "主校")
    async with town.joined(slow_token) as slow, town.joined(other_token) as quick:
        gate, append = asyncio.Event(), Store.append

        async def stuck(store: Store, lesson: Any, *args: Any) -> None:
            if lesson.id == slow_lesson:
                await gate.wait()
            await append(store, lesson, *args)

        monkeypatch.setattr(Store, "append", stuck)
        offered = {"sdp": "v=0", "sources": [{"mid": "0", "source": "teacher"}]}
        assert (await slow.ask("publish", **offered))["type"] == "published"
        assert (await quick.ask("publish", **offered))["type"] == "published"
        assert (await quick.hear("source_changed"))["source"]["source"] == "teacher"
        assert not [message for message in slow._unread if message["type"] == "source_changed"]
        gate.set()
        await slow.hear("source_changed")


async def test_a_join_is_not_answered_before_it_is_stored(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its offer comes meanwhile, and must not bring the answer with it."""
    lesson, other = await town.lesson(), await town.lesson()
    token, other_token = await town.seat(lesson, "room", "东村"), await town.seat(other, "lead", "主校")
    async with town.client(token) as room, town.joined(other_token) as quick:
        gate, append = asyncio.Event(), Store.append

        async def stuck(store: Store, changed: Any, *args: Any) -> None:
            if changed.id == lesson:
                await gate.wait()
            await append(store, changed, *args)

        monkeypatch.setattr(Store, "append", stuck)
        await room.send({"type": "hello", "versions": [1], "client": "page/1"})
        await room.say("join", offer=True)
        await town.node.until(lambda: town.node.said[-1].type == "open_subscriber")
        # The node's line is in order: what it answered before, signaling has heard by then.
        await quick.ask("subscribe")
        joined = town.running.services.metrics.sent.labels("joined")
        assert joined._value.get() == 0
        gate.set()
        assert (await room.hear("joined"))["offer"] is not None


async def test_a_change_that_cannot_be_stored_never_happened(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    lesson = await town.lesson()
    token = await town.seat(lesson, "room", "东村")
    async with town.joined(token) as room:
        session, last_seq = room.welcome["session"], room.last_seq
        append = Store.append

        async def full(*args: Any) -> None:
            raise OSError("No space left on device")

        monkeypatch.setattr(Store, "append", full)
        await room.say("hand", up=True)
        heard = await room.heard_until_closed()
        assert not [message for message in heard if message.get("seat", {}).get("hand")]
        assert (heard[-1]["code"], heard[-1]["retry"], room.socket.close_code) == ("restarting", True, 4010)
        monkeypatch.setattr(Store, "append", append)
    async with town.client(token) as again:
        welcome = await again.hello((session, last_seq))
        assert welcome["session"] == session
        (me,) = [seat for seat in welcome["snapshot"]["seats"] if seat["seat"] == welcome["seat"]]
        assert (me["present"], me["hand"]) == (True, False)
        assert (await again.ask("join"))["type"] == "done"
        assert (await again.ask("hand", up=True))["type"] == "done"


async def test_a_lesson_that_breaks_leaves_the_others_alone(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = await town.lesson(), await town.lesson()
    broken_token, sound_token = await town.seat(broken, "lead", "主校"), await town.seat(sound, "lead", "主校")
    async with town.joined(broken_token) as unlucky, town.joined(sound_token) as lucky:
        live = town.running.services.lessons._live[broken]  # type: ignore[index]
        monkeypatch.setattr(live._room, "happen", None)
        await unlucky.say("end")
        assert await unlucky.closed() == 4010
        assert (await lucky.ask("send_text", body="还好"))["type"] == "done"
        async with town.client(broken_token) as again:
            await again.hello()
            assert (await again.ask("join"))["type"] == "done"
            assert (await again.ask("end"))["type"] == "done"
    assert "signaling_lessons_broken_total 1.0" in (await town.call("GET", "/metrics"))[1]


async def test_a_step_goes_on_when_whoever_asked_has_gone(town: Town) -> None:
    lesson = await town.lesson()
    live = await town.running.services.lessons.live(lesson)  # type: ignore[arg-type]
    assert isinstance(live, LiveLesson)
    asking = asyncio.create_task(live.step(lambda room, now: (None, office.ended(room, "operator", now))))
    await asyncio.sleep(0)
    asking.cancel()
    async with asyncio.timeout(30):
        while (await town.running.services.store.lesson(live.lesson.id)).state != "ended":  # type: ignore[union-attr]
            await asyncio.sleep(0.01)


async def test_lessons_that_are_over_leave_the_memory(town: Town) -> None:
    lesson = await town.lesson()
    await town.call("POST", f"/api/lessons/{lesson}/end")
    assert (await town.call("GET", f"/api/lessons/{lesson}"))[1]["state"] == "ended"
    assert town.running.services.lessons._live == {}


async def test_only_what_is_not_over_is_loaded_at_the_start(town: Town) -> None:
    over, open_, planned = await town.lesson(), await town.lesson(), await town.lesson(open=False)
    await town.call("POST", f"/api/lessons/{over}/end")
    await town.stop()
    await town.start()
    assert set(town.running.services.lessons._live) == {open_, planned}
    listed = (await town.call("GET", "/api/lessons"))[1]["lessons"]
    assert [(lesson["lesson"], lesson["state"]) for lesson in listed] == [
        (planned, "planned"),
        (open_, "open"),
        (over, "ended"),
    ]


async def test_a_seat_is_free_when_its_client_stays_away(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.core.arrivals.GRACE_S", 0.2)
    lesson = await town.lesson()
    lead_token, room_token = await town.seat(lesson, "lead", "主校"), await town.seat(lesson, "room", "东村")
    async with town.joined(lead_token) as lead:
        async with town.joined(room_token) as room:
            pass
        for present in (True, False):
            await lead.hear("seat_changed", seat=room.seat_view(present=present))
