"""`three-classrooms client` as a person starts it: what it says, and how it ends."""

import asyncio
import signal
import sys
import time
from pathlib import Path

from classroom_client.demo.clips import make_clips
from media_tests.lesson.system import ROOT, System, free_port, running_system

ROOM = "第1教学点"


async def client(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "classroom_client", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def said_by(process: asyncio.subprocess.Process, seconds: float = 60) -> tuple[str, int | None]:
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return output.decode(), process.returncode


async def until_said(process: asyncio.subprocess.Process, words: str, seconds: float = 60) -> str:
    """The first line with these words."""
    assert process.stdout is not None
    async with asyncio.timeout(seconds):
        async for line in process.stdout:
            if words in line.decode():
                return line.decode()
    raise AssertionError(f"it ended without saying {words!r}")


async def link(system: System) -> str:
    lesson = await system.open_lesson(rooms=1)
    return (await system.invite(lesson, "room", ROOM)).link


async def test_a_room_publishes_its_files_for_as_long_as_it_was_told(tmp_path: Path) -> None:
    clips = await asyncio.to_thread(make_clips, ROOT / "var" / "clips", print)
    log = tmp_path / "sent.log"
    async with running_system(tmp_path) as system:
        room = await client(
            *(await link(system), "--source", f"students={clips / 'room-1.mp4'}"),
            *("--source", f"room_mic={clips / 'room-1.opus'}", "--seconds", "6", "--sent-log", str(log)),
        )
        said, code = await said_by(room)
    assert code == 0 and f"in the lesson as room, {ROOM}" in said, said
    sent = [line.split() for line in log.read_text().splitlines()]
    assert {words[1] for words in sent} == {"students", "room_mic"}
    assert [words[3] for words in sent if words[1] == "students"][:3] == ["0", "1", "2"]


async def test_a_code_works_once(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system:
        invitation = await link(system)
        assert (await said_by(await client(invitation, "--seconds", "1")))[1] == 0
        said, code = await said_by(await client(invitation, "--seconds", "1"))
    assert code == 1 and said.count("wrong code: ") == 1


async def test_a_node_behind_a_firewall_is_named(tmp_path: Path) -> None:
    async with running_system(tmp_path, announce=[f"127.0.0.1:{free_port()}"]) as system:
        port = (tmp_path / "three-classrooms.toml").read_text().split('announce = ["127.0.0.1:')[1].split('"')[0]
        room = await client(await link(system))
        try:
            line = await until_said(room, "node unreachable")
        finally:
            room.kill()
            await room.wait()
    assert line.startswith(f"node unreachable on UDP {port} (127.0.0.1)")


async def test_a_signal_ends_it_at_once(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system:
        room = await client(await link(system))
        await until_said(room, "in the lesson")
        began = time.monotonic()
        room.send_signal(signal.SIGTERM)
        _, code = await said_by(room)
        took_s = time.monotonic() - began
    # Three seconds on a quiet machine; a client that waits for the lesson's end would be here for ever.
    assert code == 0 and took_s < 20
