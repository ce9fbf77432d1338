"""A viewer without H.264 in a lesson of clips: each publisher sends one small copy in VP8, and takes it off again."""

from pathlib import Path

import pytest

from classroom_client.net.aiortc_media import AiortcTransport
from media_tests.lesson.classrooms import classrooms, room_files
from media_tests.lesson.system import running_system
from signaling.messages.ids import track_id


def without_h264(sdp: str) -> str:
    """An offer as a browser reads it that has no H.264."""
    lines = sdp.split("\r\n")
    gone = {line.split(":")[1].split()[0] for line in lines if "H264/90000" in line}
    gone |= {line.split(":")[1].split()[0] for line in lines if any(line.endswith(f"apt={number}") for number in gone)}
    kept = [line for line in lines if not (line.startswith("a=") and line.split(":")[-1].split(" ")[0] in gone)]
    return "\r\n".join(_without(line, gone) if line.startswith("m=video") else line for line in kept)


def _without(media: str, gone: set[str]) -> str:
    head, numbers = media.split(" ")[:3], media.split(" ")[3:]
    return " ".join(head + [number for number in numbers if number not in gone])


async def test_a_viewer_without_h264_sees_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_system(tmp_path) as system, classrooms(system) as lesson:
        room = await lesson.add("room", "第1教学点", room_files(1))
        seeing = await lesson.add("listener", "第2教学点", {})
        await lesson.until("the picture in H.264", lambda: seeing.frames(room, "students") >= 15)

        answer = AiortcTransport.answer

        async def answer_without(self: AiortcTransport, sdp: str) -> str:
            return await answer(self, without_h264(sdp))

        monkeypatch.setattr(AiortcTransport, "answer", answer_without)
        viewer = await lesson.add("attendee", "观摩教师", {}, sink="decode")
        copy = track_id(room.seat, "students", "vp8")
        await lesson.until("the copy", lambda: viewer.count(copy).decoded >= 20)
        before = seeing.frames(room, "students")
        await lesson.until("the original goes on", lambda: seeing.frames(room, "students") >= before + 15)
        assert viewer.frames(room, "students") == 0
