"""recorder.disk.pictures"""

from io import BytesIO

import av
import pytest
from av.video.frame import VideoFrame

from recorder.disk.pictures import jpeg, stills
from recorder.tests.filmed import marked, number_of, sound, video
from recorder.tests.footage import PictureCodec


@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9", "av1"])
def test_stills_are_the_keyframes_at_or_before_a_place(codec: PictureCodec) -> None:
    film = BytesIO(video(codec, range(75)))
    progress: list[float] = []
    found = [number_of(frame) for frame in stills(film, [0, 1_500_000, 2_900_000], progress.append)]
    assert found == [0, 25, 50] and progress[0] == 0 and progress[-1] < 1


def test_a_film_of_sound_alone_has_none() -> None:
    assert list(stills(BytesIO(sound(200)), [0], lambda progress: None)) == []


def test_a_jpeg_is_the_picture_smaller_and_no_larger() -> None:
    for width, wanted in ((96, (96, 54)), (640, (192, 108))):
        with av.open(BytesIO(jpeg(marked(5, 192, 108), width)), mode="r", format="mjpeg") as source:
            frame = next(source.decode(video=0))
        assert isinstance(frame, VideoFrame)
        assert (frame.width, frame.height) == wanted and number_of(frame) == 5
