"""signaling.net.recording: a real recorder's line on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from signaling.net.settings import SettingsError, SignalingSettings
from signaling.tests.net.town import Client, Town

TOKEN = "recorder-token-of-this-test"
PUPILS = {"sources": ["teacher", "students"], "enabled_by": "王老师", "basis": "家长同意书"}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """A town that has a recorder."""
    async with Town(tmp_path, recorder_token=TOKEN) as made:
        await made.node_there()
        yield made


@asynccontextmanager
async def calling(town: Town, token: str = TOKEN) -> AsyncIterator[Client]:
    """A recorder's WebSocket; it has said nothing yet."""
    headers = {"Authorization": f"Bearer {token}"}
    async with town.http.ws_connect(town.url + "/recording", headers=headers) as socket:
        yield Client(socket)


@asynccontextmanager
async def recorder(town: Town, name: str = "recorder-1") -> AsyncIterator[Client]:
    """A recorder that has said hello."""
    async with calling(town) as line:
        await line.send({"type": "recorder_hello", "versions": [1], "recorder": name})
        line.welcome = await line.hear("recording_hello")
        yield line


async def says(line: Client, lesson: str, *sources: dict[str, Any]) -> None:
    await line.send({"type": "take_state", "lesson": lesson, "sources": list(sources)})


async def planned(town: Town, policy: Any = None, *, open: bool = True) -> str:
    body = {
        "title": "第3节",
        "lead_classroom": "主校",
        "rural_classrooms": ["东村"],
        "policy": policy,
        "school": "中心校",
        "teacher": "王老师",
    }
    status, made = await town.call("POST", "/api/lessons", body)
    assert status == 201, made
    if open:
        await town.call("POST", f"/api/lessons/{made['lesson']}/open")
    return str(made["lesson"])


async def test_the_recorder_hears_which_lessons_are_to_be_taken_and_when_they_are_over(town: Town) -> None:
    opened, nothing, later = await planned(town), await planned(town, {"sources": []}), await planned(town, open=False)
    async with recorder(town) as line:
        assert line.welcome["lessons"] == [opened]
        take = await line.hear("take")
        assert (take["lesson"], take["title"], take["policy"]["muted_sound"]) == (opened, "第3节", False)
        assert (take["school"], take["teacher"], take["classrooms"]) == ("中心校", "王老师", ["主校", "东村"])
        await town.call("POST", f"/api/lessons/{later}/open")
        assert (await line.hear("take"))["lesson"] == later
        await town.call("POST", f"/api/lessons/{opened}/end")
        assert (await line.hear("take_ended"))["lesson"] == opened
        await line.send({"type": "want_take", "lesson": nothing})
        assert await line.hear("take_ended") == {"type": "take_ended", "lesson": nothing, "reason": "nothing_to_take"}


async def test_the_recorder_subscribes_like_anyone_and_shows_what_it_takes(town: Town) -> None:
    lesson = await planned(town, PUPILS)
    room_token = await town.seat(lesson, "room", "东村")
    async with town.joined(room_token) as room, recorder(town) as line:
        take = await line.hear("take")
        seat = {"seat": room.welcome["seat"], "source": "students", "sentence": None}
        assert (await room.hear("taking"))["sources"] == [{**seat, "state": "waiting"}]
        async with town.client(take["token"]) as taker:
            await taker.send({"type": "hello", "versions": [1], "client": "recorder/1"})
            await taker.say("join", id="j", offer=True)
            welcome, joined = await taker.hear("welcome"), await taker.hear("joined")
            assert (welcome["role"], welcome["seat"]) == ("recorder", take["seat"])
            # The lead's teacher and students, the room's students; of sound nothing.
            assert [slot["mid"] for slot in joined["offer"]["slots"]] == ["v0", "v1", "v2"]
            assert (await taker.ask("subscribe_answer", number=joined["offer"]["number"], sdp="v=0"))["type"] == "done"
            await room.ask("publish", sdp="v=0", sources=[{"mid": "0", "source": "students"}])
            while not any(slot["seat"] == room.welcome["seat"] for slot in (await taker.hear("slots"))["slots"]):
                pass
            for kind, fields in (("hand", {"up": True}), ("publish", {"sdp": "v=0", "sources": []}), ("end", {})):
                assert (await taker.ask(kind, **fields))["code"] == "not_permitted"
        await says(line, lesson, {**seat, "state": "recording"})
        taking = await room.hear("taking")
        assert (taking["sources"], taking["enabled_by"]) == ([{**seat, "state": "recording"}], "王老师")
        stored = await town.running.services.store.log_of(lesson)  # type: ignore[arg-type]
        assert [e.event.by for e in stored if e.event.type == "take_changed"] == ["recorder-1"]


async def test_what_the_policy_spares_is_refused_and_shown_to_nobody(town: Town) -> None:
    lesson = await planned(town)
    token = await town.seat(lesson, "room", "东村")
    async with town.joined(token) as room, recorder(town) as line:
        await line.hear("take")
        spared = {"seat": room.welcome["seat"], "source": "students", "state": "recording", "sentence": None}
        await says(line, lesson, spared)
        refused = await line.hear("refused_state")
        assert (refused["lesson"], refused["code"]) == (lesson, "not_permitted")
        await says(line, "LXXXXXXXXXX")
        assert (await line.hear("refused_state"))["code"] == "lesson_over"
        await room.ask("floor_release")
        assert not [m for m in room._unread if any(s["state"] == "recording" for s in m.get("sources", []))]


async def test_a_new_key_replaces_the_old(town: Town) -> None:
    lesson = await planned(town)
    async with recorder(town) as line:
        old = (await line.hear("take"))["token"]
        await line.send({"type": "want_take", "lesson": lesson})
        new = (await line.hear("take"))["token"]
        assert await _close_code_of(town, old) == 4001
        async with town.client(new) as taker:
            assert (await taker.hello())["role"] == "recorder"


async def _close_code_of(town: Town, token: str) -> int | None:
    async with town.client(token) as client:
        return await client.closed()


async def test_a_second_recorder_ends_the_first_and_is_told_everything(town: Town) -> None:
    lesson = await planned(town)
    async with recorder(town) as first:
        await first.hear("take")
        async with recorder(town, "recorder-2") as second:
            assert await first.closed() == 4003
            assert (await second.hear("take"))["lesson"] == lesson


async def test_a_recorder_that_goes_is_not_said_to_record(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.core.recorder_side.AWAY_S", 0.1)
    lesson = await planned(town, PUPILS)
    async with town.joined(await town.seat(lesson, "room", "东村")) as room:
        async with recorder(town) as line:
            await line.hear("take")
            seat = {"seat": room.welcome["seat"], "source": "students", "sentence": None}
            await says(line, lesson, {**seat, "state": "recording"})
            while (await room.hear("taking"))["sources"][0]["state"] != "recording":
                pass
        told = (await room.hear("taking"))["sources"][0]
        assert told["state"] == "failed" and told["sentence"]


SHORT = {"free_bytes": 10**9, "bytes_per_s": 10**6, "lasts_s": 600, "level": "short", "sentence": "Delete takes."}


async def test_the_operator_reads_how_long_the_recorders_disk_lasts_and_the_lead_is_warned(town: Town) -> None:
    lesson = await planned(town)
    assert (await town.call("GET", "/api/recorder"))[1]["connected"] is False
    async with town.joined(await town.seat(lesson, "lead", "主校"), versions=[4]) as lead:
        async with calling(town) as line:
            await line.send({"type": "recorder_hello", "versions": [2, 1], "recorder": "r1"})
            assert (await line.hear("recording_hello"))["version"] == 2
            assert (await town.call("GET", "/api/recorder"))[1]["level"] is None, "it has not said"
            await line.send({"type": "space_left", **SHORT})
            assert (await lead.hear("space"))["lasts_min"] == 10
            said = (await town.call("GET", "/api/recorder"))[1]
            assert said == {"connected": True, "recorder": "r1", "refused": [], **SHORT}
            metrics = (await town.call("GET", "/metrics"))[1]
            for name, value in (("up", "1.0"), ("disk_lasts_seconds", "600.0"), ("disk_bytes_per_second", "1e+06")):
                assert f"signaling_recorder_{name} {value}" in metrics
            await line.send({"type": "space_left", **SHORT, "lasts_s": None, "level": "enough"})
            assert (await lead.hear("space"))["level"] == "enough"
            assert "signaling_recorder_disk_lasts_seconds +Inf" in (await town.call("GET", "/metrics"))[1]
    while (await town.call("GET", "/api/recorder"))[1]["connected"]:
        await asyncio.sleep(0.01)
    assert "signaling_recorder_disk_free_bytes NaN" in (await town.call("GET", "/metrics"))[1], (
        "what is old is not said"
    )


async def test_a_recorder_of_the_version_before_is_spoken_with_as_before(town: Town) -> None:
    async with calling(town) as line:
        await line.send({"type": "recorder_hello", "versions": [1], "recorder": "r1"})
        assert (await line.hear("recording_hello"))["version"] == 1


async def test_signaling_restarts_and_the_take_is_named_again_and_is_paused_as_before(town: Town) -> None:
    lesson = await planned(town)
    lead_token = await town.seat(lesson, "lead", "主校")
    async with recorder(town) as line:
        take = await line.hear("take")
        async with town.joined(lead_token) as lead, town.client(take["token"]) as taker:
            assert (await taker.hello())["snapshot"]["recording_pause"] == "off"
            assert (await taker.ask("pause_recording", paused=True))["code"] == "not_permitted"
            await lead.ask("pause_recording", paused=True)
            assert (await taker.hear("recording_changed"))["pause"] == "asked"
            await line.send({"type": "take_state", "lesson": lesson, "sources": [], "paused": True})
            assert await lead.hear("recording_changed", pause="held")
        ended = asyncio.create_task(line.closed())
        await town.stop()
        assert await ended == 4010
    await town.start()
    async with recorder(town) as line:
        assert line.welcome["lessons"] == [lesson]
        again = await line.hear("take")
        assert again["seat"] == take["seat"]
        async with town.client(again["token"]) as taker, town.client(lead_token) as lead:
            for client in (taker, lead):
                assert (await client.hello())["snapshot"]["recording_pause"] == "asked"
            await lead.ask("join")
            await lead.ask("pause_recording", paused=False)
            assert (await taker.hear("recording_changed"))["pause"] == "off"
    stored = await town.running.services.store.log_of(lesson)  # type: ignore[arg-type]
    kinds = [each.event.type for each in stored if each.event.type.startswith("recording_")]
    assert kinds == ["recording_paused", "recording_resumed"]


@pytest.mark.parametrize(
    "said",
    [
        '{"type":"recorder_hello","versions":[9],"recorder":"x"}',
        '{"type":"want_take","lesson":"L1"}',
        "[" * 5000,
        "",
        b"\x00",
    ],
)
async def test_a_wrong_first_message_is_hung_up_on(town: Town, said: str | bytes) -> None:
    async with calling(town) as line:
        await (line.socket.send_str(said) if isinstance(said, str) else line.socket.send_bytes(said))
        assert await line.closed() == 4000


@pytest.mark.parametrize("said", ['{"type":"recorder_hello","versions":[1],"recorder":"x"}', "nonsense", b"\x00"])
async def test_a_wrong_later_message_is_hung_up_on_and_changes_nothing(town: Town, said: str | bytes) -> None:
    await planned(town)
    async with recorder(town) as line:
        await line.hear("take")
        await (line.socket.send_str(said) if isinstance(said, str) else line.socket.send_bytes(said))
        assert await line.closed() == 4000


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer wrong-token-wrong-token", f"Basic {TOKEN}"])
async def test_without_the_recorders_token_the_door_stays_shut(town: Town, shown: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await town.http.ws_connect(town.url + "/recording", headers={"Authorization": shown} if shown else {})
    assert refused.value.status == 401


async def test_without_a_configured_token_there_is_no_door(tmp_path: Path) -> None:
    async with Town(tmp_path) as town:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await town.http.ws_connect(town.url + "/recording", headers={"Authorization": "Bearer "})
        assert refused.value.status == 404


def test_a_short_recorder_token_is_refused() -> None:
    told = {"operator_key": "k" * 16, "signaling_token": "s" * 16, "node_token": "n" * 16}
    with pytest.raises(SettingsError, match="recorder_token"):
        SignalingSettings.checked({**told, "recorder_token": "short"})
    assert SignalingSettings.checked({**told, "recorder_token": ""}).recorder_token == ""


async def test_no_key_of_the_recorder_is_in_the_log(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    await planned(town)
    async with recorder(town) as line:
        token = (await line.hear("take"))["token"]
        await _close_code_of(town, token)
    logged = "".join(capsys.readouterr())
    assert "take_given" in logged and token not in logged and TOKEN not in logged
