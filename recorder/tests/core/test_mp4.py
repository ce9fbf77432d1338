"""recorder.core.mp4, read by FFmpeg"""

from random import Random

import pytest

from recorder.core.describe import described
from recorder.core.h264 import parameters
from recorder.core.names import TakeTime
from recorder.core.samples import Sample
from recorder.tests.footage import PictureCodec, fragments, pictures, placed
from recorder.tests.playing import complaints, decoded, times_us


def written(samples: list[Sample], codec: str = "h264") -> list[bytes]:
    """The head, then each fragment."""
    found = described(codec, samples[0].data)
    assert found is not None
    writer = found.writer(samples[0].at_us)
    return [writer.head, *(writer.fragment(fragment) for fragment in fragments(samples))]


@pytest.mark.parametrize("codec", ["h264", "av1"])
def test_every_frame_is_decoded_at_its_exact_time(codec: PictureCodec) -> None:
    samples = list(placed(pictures(codec), start_us=5_000_000))
    content = b"".join(written(samples, codec))
    assert [time for time, _ in decoded(content)] == [sample.at_us - 5_000_000 for sample in samples]
    assert complaints(content) == ""


@pytest.mark.parametrize("codec", ["h264", "av1"])
def test_cut_behind_any_fragment_it_is_a_whole_file(codec: PictureCodec) -> None:
    pieces = written(list(placed(pictures(codec))), codec)
    assert len(pieces) >= 4
    frames = [len(decoded(b"".join(pieces[: count + 1]))) for count in range(1, len(pieces))]
    assert frames == sorted(set(frames)) and frames[-1] == 75
    assert complaints(b"".join(pieces[:2])) == ""


def test_cut_inside_a_fragment_only_that_one_is_lost() -> None:
    pieces = written(list(placed(pictures("h264"))))
    before = len(decoded(b"".join(pieces[:-1])))
    for seed in range(6):
        tail = pieces[-1][: Random(seed).randrange(1, len(pieces[-1]))]
        assert times_us(b"".join(pieces[:-1]) + tail)[:before] == times_us(b"".join(pieces[:-1]))


def test_uneven_times_and_holes_are_kept() -> None:
    chance, at, samples = Random(1), 0, []
    for data, keyframe in pictures("h264"):
        samples.append(Sample(TakeTime(at), data, keyframe))
        at += chance.choice([16_667, 33_333, 40_000, 66_667, 70_001])
        if keyframe:
            at += 1_700_000
    expected = [sample.at_us for sample in samples]
    assert all(abs(a - b) <= 6 for a, b in zip(times_us(b"".join(written(samples))), expected, strict=True))


@pytest.mark.parametrize("size", [(160, 120), (322, 182), (640, 360)])
def test_the_head_tells_the_size(size: tuple[int, int]) -> None:
    found = parameters(pictures("h264", 2, *size)[0][0])
    assert found is not None and (found.width, found.height) == size
