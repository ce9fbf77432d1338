"""recorder.disk.pictures"""

from collections.abc import Sequence
from io import BytesIO

import av
import pytest
from av.video.frame import VideoFrame

from recorder.core.names import TakeTime
from recorder.core.webm import Picture, WebmWriter
from recorder.disk.pictures import jpeg, stills
from recorder.tests.filmed import marked, number_of, sound, video
from recorder.tests.footage import PictureCodec, fragments, placed


@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9", "av1"])
def test_stills_are_the_keyframes_at_or_before_a_place(codec: PictureCodec) -> None:
    film = BytesIO(video(codec, range(75)))
    progress: list[float] = []
    found = [number_of(frame) for frame in stills(film, [0, 1_500_000, 2_900_000], progress.append)]
    assert found == [0, 25, 50] and progress[0] == 0 and progress[-1] < 1


def superframe(*frames: bytes) -> bytes:
    """Layers of one picture with their index (VP9 bitstream 0.7, annex B)."""
    marker = bytes((0xD8 | len(frames) - 1,))
    return b"".join(frames) + marker + b"".join(len(frame).to_bytes(4, "little") for frame in frames) + marker


def packets(film: bytes) -> list[tuple[bytes, bool]]:
    with av.open(BytesIO(film), "r") as source:
        return [(bytes(packet), packet.is_keyframe) for packet in source.demux(video=0) if packet.size]


def in_webm(frames: Sequence[tuple[bytes, bool]], size: tuple[int, int]) -> bytes:
    writer = WebmWriter(TakeTime(0), Picture("vp9", *size))
    return writer.head + b"".join(writer.fragment(one) for one in fragments(placed(frames)))


def test_of_several_spatial_layers_the_highest_is_shown() -> None:
    lower, upper = packets(video("vp9", range(50), (96, 54))), packets(video("vp9", range(100, 150)))
    both = [(superframe(a, b), is_key) for (a, is_key), (b, _) in zip(lower, upper, strict=True)]
    found = list(stills(BytesIO(in_webm(both, (192, 108))), [0, 1_500_000], lambda progress: None))
    assert [(number_of(frame), frame.width) for frame in found] == [(100, 192), (125, 192)]


@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9", "av1"])
def test_instead_of_a_damaged_keyframe_the_next_one_is_shown(codec: PictureCodec) -> None:
    film = bytearray(video(codec, range(75)))
    keyframes = [data for data, is_key in packets(bytes(film)) if is_key]
    place = film.index(keyframes[1][:64])
    film[place : place + len(keyframes[1])] = bytes(len(keyframes[1]))
    found = list(stills(BytesIO(film), [0, 1_500_000, 2_900_000], lambda progress: None))
    assert [number_of(frame) for frame in found] == [0, 50, 50]


def test_a_film_of_sound_alone_has_none() -> None:
    assert list(stills(BytesIO(sound(200)), [0], lambda progress: None)) == []


def test_a_jpeg_is_the_picture_smaller_and_no_larger() -> None:
    for width, wanted in ((96, (96, 54)), (640, (192, 108))):
        with av.open(BytesIO(jpeg(marked(5, 192, 108), width)), mode="r", format="mjpeg") as source:
            frame = next(source.decode(video=0))
        assert isinstance(frame, VideoFrame)
        assert (frame.width, frame.height) == wanted and number_of(frame) == 5
