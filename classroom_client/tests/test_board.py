"""Counting and decoding what arrives, with real frames and a decoder whose thread the test awaits."""

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from classroom_client.devices.board import Board
from classroom_client.devices.decoder import Decoder, Encoded, Stream
from classroom_client.devices.file import FileSource
from signaling.messages.client import SlotState
from signaling.messages.ids import Mid, SeatId, Source, TrackId, kind_of

TEACHER, PUPILS = TrackId("L:teacher"), TrackId("R:students")


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    decoder = Decoder()
    yield decoder
    decoder.close()


@pytest.fixture(scope="module")
def frames(clips: Path) -> list[bytes]:
    source = FileSource(clips / "room-1.mp4", "video")
    pieces = [source.next() for _ in range(31)]
    source.close()
    return [bytes(piece.data) for piece in pieces if isinstance(piece.data, av.Packet)]


def slot(mid: str, source: Source, track: TrackId | None) -> SlotState:
    return SlotState(Mid(mid), kind_of(source), SeatId("S"), source, track)


class Clock:
    now_ms = 1000.0

    def __call__(self) -> float:
        return self.now_ms


def until(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.005)


def test_only_the_best_picture_is_decoded_and_all_are_counted(decoder: Decoder, frames: list[bytes]) -> None:
    asked: list[str] = []
    board = Board("count", Clock(), decoder)
    teacher = board.connect(Mid("0"), lambda: asked.append("0"))
    pupils = board.connect(Mid("1"), lambda: asked.append("1"))
    board.show([slot("0", "teacher", TEACHER), slot("1", "students", PUPILS)])
    assert asked == ["0"]
    for index, frame in enumerate(frames):
        teacher("h264", frame, index)
        pupils("h264", frame, index)
    until(lambda: board.counts()[TEACHER].decoded >= 30)
    counts = board.counts()
    assert (counts[TEACHER].frames, counts[TEACHER].keyframes, counts[PUPILS].frames) == (31, 3, 31)
    assert counts[TEACHER].decoded >= 30 and counts[PUPILS].decoded == 0
    assert counts[TEACHER].bytes == sum(len(frame) for frame in frames)


def test_frames_in_an_empty_slot_count_for_nobody(decoder: Decoder, frames: list[bytes]) -> None:
    board = Board("count", Clock(), decoder)
    take = board.connect(Mid("0"), lambda: None)
    take("h264", frames[0], 0)
    assert not board.counts()


def test_a_track_that_moves_keeps_its_count_and_its_gap_starts_anew(decoder: Decoder, frames: list[bytes]) -> None:
    clock = Clock()
    board = Board("count", clock, decoder)
    first, second = (board.connect(Mid(mid), lambda: None) for mid in ("0", "1"))
    board.show([slot("0", "students", PUPILS), slot("1", "students", None)])
    for _ in range(2):
        first("h264", frames[0], 0)
        clock.now_ms += 66
    board.show([slot("0", "students", None), slot("1", "students", PUPILS)])
    clock.now_ms += 5000
    second("h264", frames[0], 0)
    count = board.counts()[PUPILS]
    assert (count.frames, count.largest_gap_ms) == (3, 66)


def test_a_connection_made_anew_finds_its_slots(decoder: Decoder, frames: list[bytes]) -> None:
    board = Board("count", Clock(), decoder)
    board.show([slot("0", "teacher", TEACHER)])
    for _ in range(2):
        board.connect(Mid("0"), lambda: None)("h264", frames[0], 0)
    assert board.counts()[TEACHER].frames == 2


def test_a_stream_starts_with_a_keyframe_and_says_when_it_breaks(decoder: Decoder, frames: list[bytes]) -> None:
    decoded: list[object] = []
    broken: list[None] = []
    stream = decoder.stream(decoded.append, lambda: broken.append(None))
    stream.put(Encoded("h264", frames[1], 0))
    stream.put(Encoded("h264", frames[0], 1))
    stream.put(Encoded("h264", frames[1], 2))
    until(lambda: len(decoded) >= 1)
    assert decoded and not broken
    stream.put(Encoded("opus", b"\xff\x00", 3))
    until(lambda: bool(broken))
    assert broken


def test_a_full_decoder_drops_until_the_next_keyframe(frames: list[bytes]) -> None:
    tasks: queue.Queue[tuple[Stream, Encoded] | None] = queue.Queue(1)
    broken: list[None] = []
    stream = Stream(tasks, lambda frame: None, lambda: broken.append(None))
    stream.put(Encoded("h264", frames[0], 0))
    stream.put(Encoded("h264", frames[1], 1))
    assert broken == [None]
    tasks.get_nowait()
    stream.put(Encoded("h264", frames[2], 2))
    assert tasks.empty()
    stream.put(Encoded("h264", frames[15], 15))
    assert not tasks.empty()
