"""The clips that the demonstration makes, as PyAV and OpenCV read them."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from classroom_client.core.opus import samples
from classroom_client.demo.clips import PICTURES, SECONDS, VOICES, Picture, Voice, make_clips
from classroom_client.demo.mark import Mark, read_mark
from classroom_client.demo.speech import RATE, TICK_S

CLIPS = Path(__file__).resolve().parents[2] / "var" / "clips"
"""Kept between runs, as the demonstration keeps them: making them takes twenty seconds."""


@pytest.fixture(scope="module")
def clips() -> Path:
    return make_clips(CLIPS, print)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_pictures_are_constrained_baseline_with_a_keyframe_each_second(clips: Path, picture: Picture) -> None:
    with av.open(str(clips / f"{picture.name}.mp4"), "r") as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        context = stream.codec_context
        assert (context.name, context.profile, context.has_b_frames) == ("h264", "Constrained Baseline", False)
        assert (context.width, context.height) == (picture.width, picture.height)
        assert stream.average_rate == Fraction(picture.fps)
        assert [packet.pts == packet.dts for packet in packets] == [True] * (SECONDS * picture.fps)
        keyframes = [index for index, packet in enumerate(packets) if packet.is_keyframe]
        assert keyframes == list(range(0, SECONDS * picture.fps, picture.fps))


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_pictures_keep_to_their_bitrate(clips: Path, picture: Picture) -> None:
    bits = (clips / f"{picture.name}.mp4").stat().st_size * 8
    assert 0.5 * picture.bitrate_bps < bits / SECONDS < 1.1 * picture.bitrate_bps


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_every_mark_names_its_clip_and_frame(clips: Path, picture: Picture) -> None:
    with av.open(str(clips / f"{picture.name}.mp4"), "r") as container:
        marks = [
            read_mark(np.asarray(frame.to_ndarray(format="gray"), np.uint8)) for frame in container.decode(video=0)
        ]
    assert marks == [Mark(picture.letter, index) for index in range(SECONDS * picture.fps)]


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
def test_voices_are_opus_of_20_ms_packets_for_the_whole_clip(clips: Path, voice: Voice) -> None:
    with av.open(str(clips / f"{voice.name}.opus"), "r") as container:
        packets = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    assert {samples(packet) for packet in packets} == {960}
    # The encoder's look-ahead of 6.5 ms makes one packet more.
    assert len(packets) in (SECONDS * 50, SECONDS * 50 + 1)


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
def test_voices_speak_and_tick(clips: Path, voice: Voice) -> None:
    with av.open(str(clips / f"{voice.name}.opus"), "r") as container:
        sound = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])
    assert float(np.sqrt(np.mean(np.square(sound)))) > 0.01
    for second in range(0, SECONDS, TICK_S):
        tick = sound[second * RATE : second * RATE + RATE // 25]
        spectrum = np.abs(np.fft.rfft(tick * np.hanning(len(tick))))
        assert abs(float(np.argmax(spectrum)) * RATE / len(tick) - 1000) < 60


def test_a_second_run_makes_nothing(clips: Path) -> None:
    said: list[str] = []
    assert make_clips(CLIPS, said.append) == clips
    assert said == []
