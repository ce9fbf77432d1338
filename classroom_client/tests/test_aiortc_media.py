"""Our transport against a second one in the same process, over loopback."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import pytest
from aioice import ice

from classroom_client.core.playback import Pace
from classroom_client.core.watching import Sink
from classroom_client.demo.mark import Mark, read_mark
from classroom_client.devices.board import Board
from classroom_client.devices.decoder import Decoded, Decoder
from classroom_client.devices.file import FileSource
from classroom_client.devices.sent import SentLog
from classroom_client.net import aiortc_media
from classroom_client.net.aiortc_media import AiortcTransport
from classroom_client.net.tracks import FileTrack
from signaling.messages.client import SlotState
from signaling.messages.ids import SeatId, Source, TrackId, kind_of, track_id

SEAT = SeatId("S")
FILES: dict[Source, str] = {"teacher": "teacher.mp4", "courseware": "courseware.mp4", "teacher_mic": "teacher.opus"}
LOOPBACK = ("127.0.0.1",)


@dataclass
class Pair:
    publisher: AiortcTransport
    subscriber: AiortcTransport
    board: Board
    sent: SentLog

    async def until(self, done: Callable[[], bool], seconds: float = 60) -> None:
        async with asyncio.timeout(seconds):
            while not done():
                await asyncio.sleep(0.02)

    def frames(self, source: Source) -> int:
        count = self.board.counts().get(track_id(SEAT, source))
        return count.frames if count else 0


@asynccontextmanager
async def connected(
    clips: Path, sink: Sink, watch: Callable[[TrackId, Decoded], None] | None = None
) -> AsyncIterator[Pair]:
    pace, sent, decoder = Pace(), SentLog(None), Decoder()
    board = Board(sink, lambda: time.monotonic() * 1000, decoder, watch)
    tracks = [
        FileTrack(source, FileSource(clips / name, kind_of(source)), pace, sent) for source, name in FILES.items()
    ]
    publisher = AiortcTransport(tracks=tracks, connect_slot=board.connect, loopback=LOOPBACK)
    subscriber = AiortcTransport(tracks=(), connect_slot=board.connect, loopback=LOOPBACK)
    try:
        offer, sources = await publisher.offer()
        answer = await subscriber.answer(offer)
        slots = [SlotState(s.mid, kind_of(s.source), SEAT, s.source, track_id(SEAT, s.source)) for s in sources]
        board.show(slots)
        await publisher.accept(answer)
        yield Pair(publisher, subscriber, board, sent)
    finally:
        await asyncio.gather(publisher.close(), subscriber.close())
        decoder.close()


async def test_every_source_arrives_and_one_picture_is_decoded(clips: Path) -> None:
    async with connected(clips, "count") as pair:
        await pair.until(lambda: pair.frames("teacher") >= 75)
        counts = pair.board.counts()
        assert pair.frames("teacher_mic") >= 100 and pair.frames("courseware") >= 12
        assert counts[track_id(SEAT, "teacher")].decoded >= 50
        assert counts[track_id(SEAT, "courseware")].decoded == 0
        assert counts[track_id(SEAT, "teacher_mic")].decoded == 0


async def test_a_decoding_sink_decodes_pictures_and_sound(clips: Path) -> None:
    async with connected(clips, "decode") as pair:
        counts = pair.board.counts()
        await pair.until(lambda: all(count.decoded >= 10 for count in counts.values()))


async def test_pictures_arrive_as_they_lie_in_the_file(clips: Path) -> None:
    source = FileSource(clips / "teacher.mp4", "video")
    lying = [len(bytes(piece.data)) for _ in range(200) if isinstance((piece := source.next()).data, av.Packet)]
    source.close()
    async with connected(clips, "count") as pair:
        await pair.until(lambda: pair.frames("teacher") >= 25)
        count = pair.board.counts()[track_id(SEAT, "teacher")]
        # Start codes are 3 or 4 bytes long: RTP carries none of them.
        assert abs(count.bytes - sum(lying[: count.frames])) < 8 * count.frames
        assert count.keyframes == (count.frames + 24) // 25


async def test_the_mark_in_a_received_picture_is_in_the_log_of_what_was_sent(clips: Path) -> None:
    marks: list[Mark] = []

    def watch(track: TrackId, frame: Decoded) -> None:
        if isinstance(frame, av.VideoFrame) and len(marks) < 5:
            mark = read_mark(frame.to_ndarray(format="bgr24").astype("uint8"))
            marks.extend([mark] if mark else [])

    async with connected(clips, "count", watch) as pair:
        await pair.until(lambda: len(marks) == 5)
        sent = {line.frame: line.sent_ms for line in pair.sent.recent if line.source == "teacher"}
        assert all(mark.clip == "T" and mark.frame in sent for mark in marks)


async def test_a_copy_in_vp8_joins_a_live_connection_and_leaves_it(clips: Path) -> None:
    async with connected(clips, "count") as pair:
        await pair.until(lambda: pair.frames("teacher") >= 10)
        offer, sources = await pair.publisher.offer(["teacher"])
        (copy,) = [source for source in sources if source.copy == "vp8"]
        section = next(part for part in offer.split("m=")[1:] if f"a=mid:{copy.mid}\r\n" in part)
        assert "VP8/90000" in section and "H264" not in section
        _, sources = await pair.publisher.offer([])
        assert [source.copy for source in sources] == [None] * 3


async def test_offers_name_loopback_and_no_server(clips: Path) -> None:
    async with connected(clips, "count") as pair:
        sdp = pair.publisher._connection.localDescription.sdp
        candidates = [line.split() for line in sdp.splitlines() if line.startswith("a=candidate:")]
        assert candidates[0][4] == "127.0.0.1"
        assert {words[7] for words in candidates} == {"host"}
        video = sdp.split("m=video")[1]
        assert "H264/90000" in video and "42e01f" in video and "VP8" not in video


async def test_a_machine_that_has_only_loopback_connects(clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return []

    monkeypatch.setattr(ice, "get_host_addresses", nothing)
    async with connected(clips, "count") as pair:
        await pair.until(lambda: pair.frames("teacher") > 0)


async def test_a_node_that_does_not_answer_is_named_with_its_port(monkeypatch: pytest.MonkeyPatch, clips: Path) -> None:
    monkeypatch.setattr(aiortc_media, "CONNECT_S", 0.3)
    subscriber = AiortcTransport(tracks=(), connect_slot=lambda mid, ask: lambda *frame: None, loopback=LOOPBACK)
    await subscriber.answer(OFFER_OF_A_DEAD_NODE)
    trouble = await subscriber.lost()
    await subscriber.close()
    assert trouble.sentence.startswith("node unreachable on UDP 7 (127.0.0.1)")


OFFER_OF_A_DEAD_NODE = "\r\n".join(
    (
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE 0",
        "m=audio 7 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 127.0.0.1",
        "a=mid:0",
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=ssrc:1 cname:x",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        "a=candidate:1 1 udp 2130706431 127.0.0.1 7 typ host",
        "a=end-of-candidates",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "",
    )
)
