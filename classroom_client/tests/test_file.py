from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from classroom_client.core.keyframe import is_keyframe
from classroom_client.demo.clips import SECONDS
from classroom_client.devices.file import FileSource, Piece, UnfitFile
from signaling.messages.ids import Kind


def take(source: FileSource, count: int) -> list[Piece]:
    pieces = list(islice(iter(source.next, None), count))
    source.close()
    return pieces


@pytest.mark.parametrize(("name", "fps"), [("teacher", 25), ("room-1", 15), ("courseware", 5)])
def test_pictures_loop_without_a_break(clips: Path, name: str, fps: int) -> None:
    pieces = take(FileSource(clips / f"{name}.mp4", "video"), SECONDS * fps * 2 + 3)
    assert [piece.position.ticks for piece in pieces] == [index * 90_000 // fps for index in range(len(pieces))]
    frames = SECONDS * fps
    assert [(p.position.loop, p.position.frame) for p in pieces] == [divmod(n, frames) for n in range(len(pieces))]


def test_sound_loops_without_a_break(clips: Path) -> None:
    pieces = take(FileSource(clips / "teacher.opus", "audio"), SECONDS * 50 * 2 + 5)
    assert [piece.position.ticks for piece in pieces] == [960 * index for index in range(len(pieces))]
    assert (pieces[-1].position.loop, pieces[-1].position.frame) == (2, 4)


def test_passed_pictures_are_annex_b_with_parameters_before_each_keyframe(clips: Path) -> None:
    pieces = take(FileSource(clips / "room-1.mp4", "video"), 16)
    frames = [bytes(piece.data) for piece in pieces if isinstance(piece.data, av.Packet)]
    assert [is_keyframe("h264", frame) for frame in frames] == [index % 15 == 0 for index in range(16)]
    assert b"\x00\x00\x01\x67" in frames[0] and b"\x00\x00\x01\x68" in frames[15]


def test_loudness_follows_the_speech(clips: Path) -> None:
    levels = [piece.level_dbov for piece in take(FileSource(clips / "teacher.opus", "audio"), 500)]
    known = [level for level in levels if level is not None]
    assert len(known) == 500 and -30 < max(known) < -5 and min(known) < -60


def test_other_codecs_are_decoded_for_the_transport(tmp_path: Path) -> None:
    path = tmp_path / "main.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.options = {"profile": "main", "bf": "2"}
        for shade in range(20):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), shade, np.uint8), "rgb24")))
        container.mux(stream.encode(None))
    source = FileSource(path, "video")
    assert not source.passthrough
    pieces = take(source, 41)
    assert all(isinstance(piece.data, av.VideoFrame) for piece in pieces)
    assert [piece.position.ticks for piece in pieces] == [9000 * index for index in range(41)]


@pytest.mark.parametrize(("name", "kind"), [("teacher.opus", "video"), ("teacher.mp4", "audio"), ("missing", "video")])
def test_a_file_that_does_not_fit_is_named(clips: Path, name: str, kind: Kind) -> None:
    with pytest.raises(UnfitFile, match=name):
        FileSource(clips / name, kind)
