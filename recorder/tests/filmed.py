"""A short taken lesson on the disk: pictures that carry their number, and a tone, in sealed segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from recorder.core.describe import described
from recorder.core.index import IndexTip, lines
from recorder.core.keys import LessonKey, MasterKey, wrap
from recorder.core.manifest import folded, write_manifest
from recorder.core.names import (
    CONTAINERS,
    Codec,
    SegmentNumber,
    TakeId,
    TakeTime,
    key_object,
    segment_file,
    take_folder,
)
from recorder.core.records import (
    About,
    FragmentWritten,
    GapEnded,
    GapStarted,
    Marked,
    Policy,
    Record,
    SegmentClosed,
    SegmentOpened,
    Software,
    StateChanged,
    TakeOpened,
    TrackAdded,
)
from recorder.disk.files import Disk
from recorder.disk.sealed import SealedWriter
from recorder.tests.footage import PictureCodec, av1_encoded, fragments, placed
from signaling.messages.ids import LessonId, SeatId, Source, kind_of, track_id

RATE: Final = 25
BITS: Final = 12
ENCODERS: Final = {"h264": "libx264", "vp8": "libvpx", "vp9": "libvpx-vp9"}
OPTIONS: Final = {
    "h264": {"profile": "baseline", "preset": "ultrafast", "x264-params": "keyint=25:scenecut=0"},
    "vp8": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
    "vp9": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
}


def marked(number: int, width: int, height: int) -> VideoFrame:
    """A picture that carries `number` in twelve columns, black or white."""
    image = np.full((height, width, 3), 128, np.uint8)
    for bit in range(BITS):
        image[:, bit * width // BITS : (bit + 1) * width // BITS] = 235 if number >> bit & 1 else 16
    return VideoFrame.from_ndarray(image, format="rgb24")


def number_of(frame: VideoFrame) -> int:
    """What a decoded picture carries."""
    grey = frame.to_ndarray(format="gray")
    height, width = grey.shape
    columns = [int(grey[height // 2, (2 * bit + 1) * width // (2 * BITS)]) for bit in range(BITS)]
    return sum(1 << bit for bit, level in enumerate(columns) if level > 128)


@cache
def video(codec: Codec, numbers: range, size: tuple[int, int] = (192, 108)) -> bytes:
    """A segment as the recorder writes it: fragmented MP4 or WebM, timestamp 0 at its first picture."""
    if codec == "av1":
        return _av1(numbers, size)
    file = BytesIO()
    form = CONTAINERS[codec]
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"} if form == "mp4" else {"live": "1"}
    with av.open(file, "w", format=form, options=options) as out:
        stream = out.add_stream(ENCODERS[codec], rate=RATE, options=OPTIONS[codec])
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt, stream.gop_size = "yuv420p", RATE
        for place, number in enumerate(numbers):
            frame = marked(number, *size)
            frame.pts, frame.time_base = place, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def _av1(numbers: range, size: tuple[int, int]) -> bytes:
    units = av1_encoded((marked(n, *size).to_ndarray(format="rgb24").tobytes() for n in numbers), size, RATE)
    found = described("av1", units[0][0])
    assert found is not None
    writer = found.writer(TakeTime(0))
    return writer.head + b"".join(writer.fragment(one) for one in fragments(placed(units)))


@cache
def sound(milliseconds: int) -> bytes:
    """A tone in Opus, in WebM."""
    file = BytesIO()
    with av.open(file, "w", format="webm", options={"live": "1"}) as out:
        stream = out.add_stream("libopus", rate=48_000, options={"application": "audio"})
        assert isinstance(stream, AudioStream)
        stream.layout = "mono"
        for place in range(milliseconds // 20):
            wave = np.sin((np.arange(960) + place * 960) * 2 * np.pi * 440 / 48_000).astype(np.float32) / 2
            frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="flt", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, place * 960, Fraction(1, 48_000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


LESSON: Final = LessonId("L0123456789")
TAKE: Final = TakeId("K0123456789")
NAME: Final = f"{LESSON}/{TAKE}"
MASTER: Final = MasterKey(bytes(range(32)))
STARTED_MS: Final = 1_790_000_000_000
ABOUT: Final = About("中心校", "王老师", ("中心校 三(2)班", "一教学点", "二教学点"))
LEAD, ROOM = SeatId("SLEAD000000"), SeatId("SROOM000000")


@dataclass(frozen=True, slots=True)
class Shot:
    """One segment of a track of the lesson."""

    seat: SeatId
    source: Source
    codec: Codec
    start_ms: int
    length_ms: int
    content: bytes


def shots(codec: PictureCodec) -> tuple[Shot, ...]:
    """Eight seconds of the lead with a rejoin in another size, and four of a room's board."""
    first, second = video(codec, range(75)), video(codec, range(125, 200), (96, 54))
    return (
        Shot(LEAD, "teacher", codec, 500, 3000, first),
        Shot(LEAD, "teacher", codec, 5500, 3000, second),
        Shot(LEAD, "teacher_mic", "opus", 500, 2500, sound(2500)),
        Shot(LEAD, "teacher_mic", "opus", 5000, 3500, sound(3500)),
        Shot(ROOM, "board", "vp8", 2000, 1000, video("vp8", range(25))),
    )


def taken(
    root: Path, cast: Sequence[Shot], lesson: LessonId = LESSON, take: TakeId = TAKE, title: str = "語文 第三課"
) -> Path:
    """Puts a finished take into the folder, as FORMAT.md has it."""
    key, disk = LessonKey(bytes(range(32, 64))), Disk()
    folder = root / take_folder(lesson, take)
    folder.mkdir(parents=True)
    (root / key_object(lesson)).write_bytes(wrap(MASTER, lesson, key))
    policy = Policy(tuple(dict.fromkeys(shot.source for shot in cast)))
    records: list[Record] = [TakeOpened(take, lesson, title, STARTED_MS, policy, Software("0", "0"), ABOUT)]
    for seat, source in dict.fromkeys((shot.seat, shot.source) for shot in cast):
        classroom = "中心校 三(2)班" if seat == LEAD else "一教学点"
        records.append(TrackAdded(TakeTime(0), track_id(seat, source), seat, classroom, source, kind_of(source)))
    for number, shot in enumerate(cast, 1):
        records += segment(disk, folder, key, SegmentNumber(number), shot)
    records.append(GapStarted(track_id(LEAD, "teacher"), at(3500), "paused"))
    records.append(GapEnded(track_id(LEAD, "teacher"), at(5500)))
    records.append(Marked(at(4500), "floor", "floor_given", ROOM))
    records.append(StateChanged(at(9000), "closed", "the lesson has ended"))
    text, tip = lines(key.index_key, IndexTip(), records)
    (folder / "index.jsonl").write_bytes(text)
    (folder / "manifest.json").write_bytes(write_manifest(key.manifest_key, folded(records, tip)))
    return folder


def at(milliseconds: int) -> TakeTime:
    """A time of the take."""
    return TakeTime(milliseconds * 1000)


def segment(disk: Disk, folder: Path, key: LessonKey, number: SegmentNumber, shot: Shot) -> list[Record]:
    """One sealed segment and what the index says of it."""
    track = track_id(shot.seat, shot.source)
    file = segment_file(number, track, shot.codec)
    writer = SealedWriter(disk, folder / file, key)
    writer.write(shot.content)
    writer.close()
    size, start, end = (folder / file).stat().st_size, at(shot.start_ms), at(shot.start_ms + shot.length_ms)
    container = CONTAINERS[shot.codec]
    return [
        SegmentOpened(number, track, file, container, shot.codec, number, start, "opened", 192, 108),
        FragmentWritten(number, start, end, 1, True, 0, len(shot.content), size),
        SegmentClosed(number, size, sha256((folder / file).read_bytes()).hexdigest()),
    ]
