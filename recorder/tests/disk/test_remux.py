"""recorder.disk.remux: every frame at its time, sound that counts true, files that others read without complaint."""

from io import BytesIO
from itertools import pairwise

import av
import numpy as np
import pytest

from recorder.core.boxes import boxes
from recorder.core.names import Container
from recorder.disk.remux import Piece, RemuxError, Strand, remux
from recorder.tests.filmed import RATE, number_of, sound, video
from recorder.tests.footage import PictureCodec
from recorder.tests.playing import complaints

FRAME_US = 1_000_000 // RATE


def piece(content: bytes, start_ms: int, length_ms: int) -> Piece:
    return Piece(lambda: BytesIO(content), start_ms * 1000, (start_ms + length_ms) * 1000)


def made(strands: list[Strand], container: Container, start_us: int = 0) -> bytes:
    out = bytearray()
    result = remux(strands, container, start_us, out.extend, lambda progress: None)
    assert result.size == len(out)
    return bytes(out)


def film(codec: PictureCodec, container: Container) -> bytes:
    """Pictures from 0.5 to 3.5 and from 5.5 to 8.5 s, in two sizes; sound from 0 to 2.5 and from 5 to 8 s."""
    pictures = (piece(video(codec, range(75)), 500, 3000), piece(video(codec, range(125, 200), (96, 54)), 5500, 3000))
    sounds = (piece(sound(2500), 0, 2500), piece(sound(3000), 5000, 3000))
    return made([Strand(codec, pictures), Strand("opus", sounds)], container)


@pytest.mark.parametrize(("codec", "container"), [("h264", "mp4"), ("av1", "mp4"), ("vp8", "webm"), ("vp9", "webm")])
def test_a_film_has_every_picture_at_its_time(codec: PictureCodec, container: Container) -> None:
    content = film(codec, container)
    with av.open(BytesIO(content), "r") as source:
        shown = [(frame.time or 0.0, number_of(frame)) for frame in source.decode(video=0)]
        assert source.duration is not None and abs(source.duration - 8_500_000) <= FRAME_US
    assert [number for _, number in shown] == [*range(75), *range(125, 200)]
    assert max(abs(time - 0.5 - number / RATE) for time, number in shown) <= 0.001
    if container == "mp4":
        assert [kind for kind, _, _ in boxes(content)][:2] == [b"ftyp", b"moov"]
    else:
        assert b"\x1c\x53\xbb\x6b" in content, "a WebM has cues"
    assert complaints(content) == ""


@pytest.mark.parametrize(("codec", "container"), [("h264", "mp4"), ("vp8", "webm")])
def test_sound_has_no_hole_and_is_silent_where_none_was_taken(codec: PictureCodec, container: Container) -> None:
    with av.open(BytesIO(film(codec, container)), "r") as source:
        frames = list(source.decode(audio=0))
    heard = [(frame.time or 0.0, frame.samples, float(np.abs(frame.to_ndarray()).max())) for frame in frames]
    assert all(abs(b[0] - a[0] - a[1] / 48_000) <= 0.002 for a, b in pairwise(heard))
    loud = [time for time, _, level in heard if level > 0.1]
    begins = [loud[0], *(b for a, b in pairwise(loud) if b - a > 0.1)]
    assert len(begins) == 2 and abs(begins[0]) <= 0.03 and abs(begins[1] - 5) <= 0.03


def test_one_track_begins_at_its_own_beginning() -> None:
    content = made([Strand("vp8", (piece(video("vp8", range(25)), 5000, 1000),))], "webm", 5_000_000)
    with av.open(BytesIO(content), "r") as source:
        assert [round((frame.time or 0) * RATE) for frame in source.decode(video=0)] == list(range(25))


def test_the_same_segments_make_the_same_file() -> None:
    assert film("h264", "mp4") == film("h264", "mp4")


def test_sound_of_a_slow_clock_stays_with_the_take() -> None:
    """A publisher whose samples last 1 % longer than they say."""
    pieces = tuple(piece(sound(1000), 1010 * i, 1000) for i in range(6))
    with av.open(BytesIO(made([Strand("opus", pieces)], "webm")), "r") as source:
        last = list(source.decode(audio=0))[-1]
    assert last.time is not None and abs(last.time + last.samples / 48_000 - 6.05) <= 0.04


def test_a_segment_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(RemuxError, match="a segment cannot be read"):
        made([Strand("vp8", (piece(b"this is no WebM" * 100, 0, 1000),))], "webm")


def test_whoever_loses_the_lease_stops_in_the_middle() -> None:
    class Lost(Exception):
        pass

    def lost(progress: float) -> None:
        raise Lost

    with pytest.raises(Lost):
        remux([Strand("vp8", (piece(video("vp8", range(25)), 0, 1000),))], "webm", 0, lambda data: None, lost)
