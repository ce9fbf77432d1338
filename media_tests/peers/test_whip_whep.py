"""Encoders and players that others wrote, through WHIP and WHEP."""

from pathlib import Path

import pytest

from media_tests.browser.chromium import until
from media_tests.lesson.system import LEAD_CLASSROOM, System, running_system
from media_tests.peers import aiortc_viewer, libwebrtc
from media_tests.peers.ffmpeg import whip_encoder
from media_tests.peers.seat import MediaAddress, bearer_token, media_address
from media_tests.peers.whip import exchange


async def _lead_and_viewer(system: System) -> tuple[MediaAddress, MediaAddress]:
    lesson = await system.open_lesson(rooms=1)
    lead = await bearer_token(system, await system.invite(lesson, "lead", LEAD_CLASSROOM))
    viewer = await bearer_token(system, await system.invite(lesson, "attendee", "县教研室"))
    return (
        await media_address(system, lead, "publish", video="teacher", audio="teacher_mic"),
        await media_address(system, viewer, "subscribe"),
    )


@pytest.mark.parametrize("dtls_active", [False, True], ids=["passive", "dtls_active"])
async def test_aiortc_sees_and_hears_what_ffmpeg_publishes(tmp_path: Path, dtls_active: bool) -> None:
    async with running_system(tmp_path) as system:
        lead, viewer = await _lead_and_viewer(system)
        async with (
            whip_encoder(lead.url, lead.token, dtls_active=dtls_active) as encoder,
            aiortc_viewer.whep_viewer(viewer) as decoded,
        ):

            async def plays() -> bool:
                if not encoder.running:
                    raise AssertionError(f"FFmpeg gave up:\n{encoder.said.decode(errors='replace')}\n{system.logs()}")
                return decoded["video"] > 25 and decoded["audio"] > 50

            await until("a second of FFmpeg's picture and sound is decoded", plays, 25)


async def test_libwebrtc_sees_what_libwebrtc_publishes(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system:
        lead, viewer = await _lead_and_viewer(system)
        async with libwebrtc.whip_publisher(lead), libwebrtc.whep_viewer(viewer) as player:

            async def plays() -> bool:
                return await libwebrtc.counted(player, "video", "frames_decoded") > 30

            await until("a second of picture is decoded", plays, 20)
            assert await libwebrtc.counted(player, "audio", "concealed_samples") < 48_000


async def test_a_token_for_watching_does_not_publish(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system:
        lead, viewer = await _lead_and_viewer(system)
        offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
        with pytest.raises(RuntimeError, match="40[13]"):
            await exchange(MediaAddress(lead.url, viewer.token), offer)
        with pytest.raises(RuntimeError, match="400"):
            await exchange(lead, offer)
