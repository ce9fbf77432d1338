"""recorder.core.webm, read by FFmpeg"""

from random import Random

import pytest

from recorder.core import vpx
from recorder.core.names import TakeTime
from recorder.core.samples import Sample
from recorder.core.webm import Picture, Sound, WebmWriter
from recorder.tests.footage import PictureCodec, fragments, pictures, placed, sounds
from recorder.tests.playing import complaints, decoded, times_us


def written(samples: list[Sample], content: Picture | Sound) -> list[bytes]:
    """The head, then each fragment."""
    writer = WebmWriter(samples[0].at_us, content)
    return [writer.head, *(writer.fragment(fragment) for fragment in fragments(samples))]


def spoken(start_us: int = 0) -> list[Sample]:
    return list(placed(((packet, True) for packet in sounds()), start_us, 20_000))


@pytest.mark.parametrize("codec", ["vp8", "vp9"])
def test_every_picture_is_decoded_at_its_exact_time(codec: PictureCodec) -> None:
    samples = list(placed(pictures(codec), start_us=7_000_000))
    content = b"".join(written(samples, Picture(codec, 160, 120)))
    assert [time for time, _ in decoded(content)] == [sample.at_us - 7_000_000 for sample in samples]
    assert complaints(content) == ""


def test_every_sound_is_decoded_at_its_exact_time() -> None:
    content = b"".join(written(spoken(3_000_000), Sound(2)))
    assert [time for time, _ in decoded(content)] == [number * 20_000 for number in range(150)]
    assert complaints(content) == ""


@pytest.mark.parametrize("kind", ["vp8", "opus"])
def test_cut_behind_any_fragment_it_is_a_whole_file(kind: str) -> None:
    if kind == "opus":
        pieces = written(spoken(), Sound(2))
    else:
        pieces = written(list(placed(pictures("vp8"))), Picture("vp8", 160, 120))
    frames = [len(decoded(b"".join(pieces[: count + 1]))) for count in range(1, len(pieces))]
    assert len(frames) >= 3 and frames == sorted(set(frames))
    assert complaints(b"".join(pieces[:2])) == ""


def test_cut_inside_a_fragment_only_that_one_is_lost() -> None:
    pieces = written(spoken(), Sound(2))
    whole = times_us(b"".join(pieces[:-1]))
    for seed in range(6):
        tail = pieces[-1][: Random(seed).randrange(1, len(pieces[-1]))]
        assert times_us(b"".join(pieces[:-1]) + tail)[: len(whole)] == whole


def test_missing_sound_is_a_hole_and_not_a_shift() -> None:
    samples = [sample for number, sample in enumerate(spoken()) if not 40 <= number < 90]
    times = times_us(b"".join(written(samples, Sound(2))))
    assert times[40] == 90 * 20_000 and times[-1] == 149 * 20_000


def test_times_closer_than_a_millisecond_still_rise() -> None:
    samples = [Sample(TakeTime(number * 300), packet, True) for number, packet in enumerate(sounds(20))]
    times = times_us(b"".join(written(samples, Sound(2))))
    assert times == sorted(set(times))


def test_a_large_fragment_and_a_long_file_have_their_sizes() -> None:
    large = Sample(TakeTime(10 * 3600 * 1_000_000), bytes(300_000), True)
    samples = [Sample(TakeTime(0), b"\0" * 130, True), large]
    assert times_us(b"".join(written(samples, Picture("vp8", 16, 16)))) == [0, 36_000_000_000]


@pytest.mark.parametrize("size", [(160, 120), (322, 182)])
def test_keyframes_tell_their_size(size: tuple[int, int]) -> None:
    eight, nine = pictures("vp8", 3, *size), pictures("vp9", 3, *size)
    assert [vpx.vp8_size(data) for data, _ in eight] == [size, None, None]
    assert [vpx.vp9_size(data) for data, _ in nine] == [size, None, None]
    assert vpx.vp8_size(b"") is None and vpx.vp9_size(b"") is None


def superframe(*frames: bytes) -> bytes:
    """Frames of several layers with their index (VP9 bitstream 0.7, annex B)."""
    index = b"".join(len(frame).to_bytes(2, "little") for frame in frames)
    marker = bytes((0xC8 | len(frames) - 1,))
    return b"".join(frames) + marker + index + marker


def test_of_vp9_layers_the_last_is_shown() -> None:
    key = pictures("vp9", 3)[0][0]
    # Not shown before, refers to none of its size: 320 x 240 stand in its own header.
    bits = f"10 00 0 1 1 0 00 00000001 {'0000' * 3} 000 {319:016b} {239:016b}".replace(" ", "")
    upper = int(bits.ljust(80, "0"), 2).to_bytes(10, "big")
    assert vpx.vp9_size(superframe(key, upper)) == (320, 240)
    same = int(bits.replace("000" + f"{319:016b}", "1" + f"{319:016b}").ljust(80, "0"), 2).to_bytes(10, "big")
    assert vpx.vp9_size(superframe(key, same)) == (160, 120)
    assert vpx.vp9_size(superframe(upper, key)) is None
    for cut in range(3, 24):
        vpx.vp9_size(superframe(key, upper)[:cut])
