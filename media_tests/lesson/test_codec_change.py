"""A page of others publishes VP9 and then AV1: a viewer sees both; one track in two segments, which play and seek."""

import base64
import json
from functools import partial
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from media_tests.browser.chromium import chromium, open_tab, until
from media_tests.lesson.recording import finished
from media_tests.lesson.system import LEAD_CLASSROOM, running_system
from media_tests.lesson.taken import Taken
from media_tests.peers.seat import bearer_token, media_address
from recorder.core.after_bell import Whole, film, whole_tracks
from recorder.disk.remux import Piece, Strand, remux
from recorder.disk.take_files import INDEX
from recorder.tests.playing import complaints

CODECS: Final = ("vp9", "av1")
TYPES: Final = {"mp4": "video/mp4", "webm": "video/webm"}
PUBLISH = """
async ([url, token, codec]) => {
  const media = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 180 }, audio: true });
  const connection = new RTCPeerConnection({ iceServers: [] });
  for (const track of media.getTracks()) {
    const sender = connection.addTransceiver(track, { direction: 'sendonly', streams: [media] });
    if (track.kind !== 'video') continue;
    const known = RTCRtpSender.getCapabilities('video').codecs;
    sender.setCodecPreferences(known.filter((one) => one.mimeType.toLowerCase() === `video/${codec}`));
  }
  await connection.setLocalDescription();
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/sdp' };
  const answer = await fetch(url, { method: 'POST', headers, body: connection.localDescription.sdp });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  return new URL(answer.headers.get('Location'), url).href;
}
"""
WATCH = """
async ([url, token]) => {
  const connection = new RTCPeerConnection({ iceServers: [] });
  for (const kind of ['video', 'audio']) connection.addTransceiver(kind, { direction: 'recvonly' });
  await connection.setLocalDescription();
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/sdp' };
  const answer = await fetch(url, { method: 'POST', headers, body: connection.localDescription.sdp });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  window.watching = connection;
}
"""
SEEN = """
async () => {
  const stats = await window.watching.getStats();
  const [picture] = [...stats.values()].filter((one) => one.type === 'inbound-rtp' && one.kind === 'video');
  return [stats.get(picture?.codecId)?.mimeType.toLowerCase() ?? '', picture?.framesDecoded ?? 0];
}
"""
END = """
async ([resource, token]) => {
  const ended = await fetch(resource, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } });
  window.__connections.pop().close();
  return ended.status;
}
"""
PLAY_AND_SEEK = """
async ([content, type]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const video = document.body.appendChild(document.createElement('video'));
  const event = (name) => new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener('error', () => reject(new Error(video.error.message)), { once: true });
  });
  const loaded = event('loadeddata');
  [video.muted, video.src] = [true, URL.createObjectURL(new Blob([bytes], { type }))];
  await loaded;
  for (const part of [0.9, 0.1, 0.5, 0.7, 0.3]) {
    const sought = event('seeked');
    video.currentTime = part * video.duration;
    await sought;
  }
  const ended = event('ended');
  [video.currentTime, video.playbackRate] = [0, 4];
  await video.play();
  await ended;
  return [video.duration, video.currentTime, video.videoWidth, video.getVideoPlaybackQuality().totalVideoFrames];
}
"""


def made(take: Taken, whole: Whole) -> bytes:
    """The file that the worker makes of these segments."""
    out = bytearray()
    strands = [
        Strand(
            reel.codec,
            tuple(Piece(partial(take.opened, each), each.start_us, each.end_us) for each in reel.segments),
        )
        for reel in whole.reels
    ]
    remux(strands, whole.container, whole.start_us, out.extend, lambda progress: None)
    return bytes(out)


def written(root: Path, lesson: str, codec: str) -> int:
    """How many fragments the index names of a codec."""
    indexes = list(root.glob(f"takes/{lesson}/K*/{INDEX}"))
    # The last line may be half written while it is read.
    lines = indexes[0].read_bytes().splitlines(keepends=True) if indexes else []
    told = [json.loads(line) for line in lines if line.endswith(b"\n")]
    opened = {each["segment"] for each in told if each["type"] == "segment_opened" and each["codec"] == codec}
    return sum(each["type"] == "fragment_written" and each["segment"] in opened for each in told)


async def plays_and_seeks(page: Page, content: bytes, container: str) -> None:
    length, at_end, width, frames = await page.evaluate(
        PLAY_AND_SEEK, [base64.b64encode(content).decode(), TYPES[container]]
    )
    assert abs(length - at_end) <= 0.1 and length > 1 and width == 320 and frames > 5, (length, at_end, width, frames)


async def test_vp9_and_then_av1_are_two_segments_that_chromium_plays(tmp_path: Path) -> None:
    root = tmp_path / "recordings"
    async with running_system(tmp_path, recorder=True) as system, chromium() as browser:
        await system.recorder.start()
        lesson = await system.open_lesson(rooms=1)
        lead = await bearer_token(system, await system.invite(lesson, "lead", LEAD_CLASSROOM))
        address = await media_address(system, lead, "publish", video="teacher", audio="teacher_mic")
        tab = await open_tab(browser, f"{system.node_url}/healthz", permitted=True, width=640, height=360, scripts=())
        viewer = await bearer_token(system, await system.invite(lesson, "attendee", "县教研室"))
        watched = await media_address(system, viewer, "subscribe")
        await tab.page.evaluate(WATCH, [watched.url, watched.token])
        decoded = 0
        for codec in CODECS:
            resource = await tab.page.evaluate(PUBLISH, [address.url, address.token, codec])

            async def is_safe(codec: str = codec) -> bool:
                return written(root, lesson, codec) >= 2

            async def is_seen(codec: str = codec, before: int = decoded) -> bool:
                shown, frames = await tab.page.evaluate(SEEN)
                return bool(shown == f"video/{codec}" and frames >= before + 10)

            await until(f"a viewer sees {codec}", is_seen)
            await until(f"{codec} is on the disk", is_safe)
            decoded = (await tab.page.evaluate(SEEN))[1]
            assert await tab.page.evaluate(END, [resource, address.token]) == 200
        await system.post(f"/api/lessons/{lesson}/end")

        async def is_finished() -> bool:
            return finished(root, lesson)

        await until("the take is whole", is_finished)
        take = Taken(root, lesson)
        assert take.complaints() == {}
        (track,) = (each.track for each in take.manifest.tracks if each.source == "teacher")
        segments = sorted(take.segments(track), key=lambda each: each.start_us)
        assert list(dict.fromkeys(segment.codec for segment in segments)) == list(CODECS)
        assert all(a.end_us <= b.start_us for a, b in zip(segments, segments[1:], strict=False))
        combined = film(take.manifest)
        wholes = [each for each in whole_tracks(take.manifest) if each.reels[0].track == track]
        assert combined is not None and [each.container for each in wholes] == ["webm", "mp4"]
        for whole in (*wholes, combined):
            content = made(take, whole)
            assert complaints(content) == ""
            # Of the codec that the film has, the film is enough.
            if whole is combined or whole.reels[0].codec != combined.reels[0].codec:
                await plays_and_seeks(tab.page, content, whole.container)
