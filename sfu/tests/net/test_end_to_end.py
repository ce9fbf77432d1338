"""A lesson through a real node: aiortc and FFmpeg publish, aiortc watches, signaling is spoken by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import imageio_ffmpeg
import pytest
import pytest_asyncio
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from av import VideoFrame

from media_tests.faults.namespace import two_hosts
from sfu.tests.native.inside import inside
from sfu.tests.native.test_aiortc import Stripes, Tone, connection, is_stripes, is_tone, sound, video_frames
from sfu.tests.net.node import RunningNode, Signaling, media_token, running, settings
from signaling.messages import node as say
from signaling.messages.ids import LessonId, Mid, SeatId, TrackId

LESSON, LEAD, ROOM = LessonId("L1"), SeatId("SLEAD"), SeatId("SROOM")
RIGHTS = (
    say.SeatRights(LEAD, ("teacher", "teacher_mic"), True),
    say.SeatRights(ROOM, ("students", "room_mic"), True),
)
TEACHER, TEACHER_MIC = TrackId("SLEAD:teacher"), TrackId("SLEAD:teacher_mic")


def lesson(*bindings: tuple[str, TrackId], open: tuple[TrackId, ...] = (TEACHER, TEACHER_MIC)) -> say.DesiredLesson:
    """The room sees and hears these."""
    return say.DesiredLesson(LESSON, RIGHTS, open, tuple(say.Binding(ROOM, Mid(mid), track) for mid, track in bindings))


@pytest_asyncio.fixture
async def node() -> AsyncIterator[RunningNode]:
    with two_hosts("tc-node", subnet=72) as pair, inside(f"{pair.name}-a"):
        async with running(settings(f"{pair.near}:0")) as started:
            yield started


async def publish(signaling: Signaling, peer: RTCPeerConnection) -> None:
    peer.addTrack(Tone())
    peer.addTrack(Stripes())
    await peer.setLocalDescription(await peer.createOffer())
    sources = (say.PublishedMid(Mid("0"), "teacher_mic"), say.PublishedMid(Mid("1"), "teacher"))
    answer = await signaling.publish(LESSON, LEAD, peer.localDescription.sdp, sources)
    assert isinstance(answer, say.AnswerPublish), answer
    await peer.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))


async def subscribe(signaling: Signaling, peer: RTCPeerConnection) -> dict[str, MediaStreamTrack]:
    offer = await signaling.open(LESSON, ROOM, 2, 1)
    assert isinstance(offer, say.OfferSubscribe), offer
    await peer.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
    await peer.setLocalDescription(await peer.createAnswer())
    accepted = await signaling.answer(LESSON, ROOM, offer.number, peer.localDescription.sdp)
    assert isinstance(accepted, say.Accepted), accepted
    return {str(transceiver.mid): transceiver.receiver.track for transceiver in peer.getTransceivers()}


async def sees(track: MediaStreamTrack, count: int = 30) -> list[VideoFrame]:
    async with asyncio.timeout(60):
        return await video_frames(track, count)


async def test_a_room_sees_and_hears_the_lead(node: RunningNode) -> None:
    async with node.signaling() as signaling, connection() as lead, connection() as room:
        await signaling.desire(lesson(("v0", TEACHER), ("a0", TEACHER_MIC)))
        tracks = await subscribe(signaling, room)
        await publish(signaling, lead)
        frames, (samples, rate) = await asyncio.gather(sees(tracks["v0"]), sound(tracks["a0"], 1.0))
        assert all(is_stripes(frame) for frame in frames)
        assert is_tone(samples, rate)
        await signaling.flowing(TEACHER, TEACHER_MIC)
        levels = await signaling.until(say.NodeLevels, lambda told: told.lesson == LESSON)
        assert [track for track, _ in levels.levels] == [TEACHER_MIC]


async def test_a_closed_track_is_silent_and_a_slot_takes_another_place(node: RunningNode) -> None:
    async with node.signaling() as signaling, connection() as lead, connection() as room:
        await signaling.desire(lesson(("v0", TEACHER), open=(TEACHER_MIC,)))
        tracks = await subscribe(signaling, room)
        await publish(signaling, lead)
        await signaling.flowing(TEACHER)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await tracks["v0"].recv()
        await signaling.desire(lesson(("v1", TEACHER)))
        assert all(is_stripes(frame) for frame in await sees(tracks["v1"]))


async def test_a_publisher_that_leaves_is_told_with_its_reason(node: RunningNode) -> None:
    async with node.signaling() as signaling, connection() as lead:
        await signaling.desire(lesson())
        await publish(signaling, lead)
        await signaling.flowing(TEACHER)
        await lead.close()
        gone = await signaling.until(say.PeerGone)
        assert (gone.seat, gone.connection, gone.reason) == (LEAD, "publish", "closed_by_peer")


async def test_signaling_comes_back_and_finds_what_is(node: RunningNode) -> None:
    async with connection() as lead, connection() as room:
        async with node.signaling() as first:
            await first.desire(lesson(("v0", TEACHER)))
            tracks = await subscribe(first, room)
            await publish(first, lead)
            await first.flowing(TEACHER, TEACHER_MIC)
            boot = first.hello.boot
        assert all(is_stripes(frame) for frame in await sees(tracks["v0"]))
        async with node.signaling() as second:
            assert (second.hello.boot, second.hello.generation) == (boot, 1)
            states = {peer.connection: peer for peer in second.hello.peers}
            assert all(peer.connected for peer in states.values())
            assert all(track.flowing for track in states["publish"].tracks)
            assert [place.mid for place in states["subscribe"].slots] == ["v0", "v1", "a0"]


@asynccontextmanager
async def ffmpeg(node: RunningNode, *, active: bool) -> AsyncIterator[asyncio.subprocess.Process]:
    """Publishes a test picture and a tone over WHIP, as long as it is let."""
    token = media_token(LESSON, LEAD, sources=("teacher", "teacher_mic"))
    picture = "color=c=0x323232:size=320x240:rate=15,drawbox=x=160:w=160:h=240:color=0xc8c8c8:t=fill"
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "warning", "-nostdin"),
        *("-re", "-f", "lavfi", "-i", picture, "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"),
        *("-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast", "-bf", "0", "-g", "15"),
        *("-pix_fmt", "yuv420p", "-c:a", "libopus", "-ac", "2", "-filter:a", "volume=4", "-t", "40"),
        *("-whip_flags", "dtls_active") * active,
        *("-authorization", token, "-f", "whip", node.url(f"/whip/{LESSON}")),
    ]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.communicate(), 30)


async def watch(node: RunningNode, peer: RTCPeerConnection) -> dict[str, MediaStreamTrack]:
    """Takes one picture and one sound by WHEP."""
    peer.addTransceiver("video", direction="recvonly")
    peer.addTransceiver("audio", direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    headers = {
        "Authorization": f"Bearer {media_token(LESSON, ROOM, 'subscribe')}",
        "Content-Type": "application/sdp",
    }
    async with node.http.post(node.url(f"/whep/{LESSON}"), data=peer.localDescription.sdp, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        await peer.setRemoteDescription(RTCSessionDescription(await answer.text(), "answer"))
    return {transceiver.receiver.track.kind: transceiver.receiver.track for transceiver in peer.getTransceivers()}


@pytest.mark.parametrize("active", [False, True], ids=["passive", "dtls_active"])
async def test_ffmpeg_publishes_by_whip_and_a_viewer_watches_by_whep(node: RunningNode, active: bool) -> None:
    async with node.signaling() as signaling, connection() as room:
        await signaling.desire(lesson(("0", TEACHER), ("1", TEACHER_MIC)))
        tracks = await watch(node, room)
        async with ffmpeg(node, active=active) as process:
            await signaling.flowing(TEACHER, TEACHER_MIC)
            frames, (samples, rate) = await asyncio.gather(sees(tracks["video"]), sound(tracks["audio"], 1.0))
            assert all(is_stripes(frame) for frame in frames)
            assert is_tone(samples, rate)
            process.terminate()
            gone = await signaling.until(say.PeerGone)
            assert (gone.seat, gone.reason) == (LEAD, "closed_by_peer")
