"""The clips that the demonstration makes, as PyAV and OpenCV read them."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from classroom_client.core.opus import samples
from classroom_client.demo.clips import PICTURES, SECONDS, VOICES, Picture, Voice, make_clips
from classroom_client.demo.mark import Mark, read_mark
from classroom_client.demo.speech import RATE, TICK_S


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
    assert len(packets) == SECONDS * 50


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
def test_voices_speak_and_tick_in_step_with_the_pictures(clips: Path, voice: Voice) -> None:
    decoder = av.AudioCodecContext.create("libopus", "r")
    decoder.layout, decoder.sample_rate = av.AudioLayout("mono"), RATE
    with av.open(str(clips / f"{voice.name}.opus"), "r") as container:
        packets = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    frames = [frame.to_ndarray().reshape(-1) for packet in packets for frame in decoder.decode(av.Packet(packet))]
    sound = np.concatenate(frames).astype(np.float64) / 32_768
    assert len(sound) == SECONDS * RATE
    assert float(np.sqrt(np.mean(np.square(sound)))) > 0.01
    for second in range(TICK_S, SECONDS, TICK_S):
        # Twenty milliseconds each from within the tick and from after it.
        tick, after = (sound[second * RATE + start : second * RATE + start + 960] for start in (480, 2400))
        assert _share_at_1_khz(tick) > 0.8 > _share_at_1_khz(after)


def _share_at_1_khz(sound: NDArray[np.float64]) -> float:
    power = np.square(np.abs(np.fft.rfft(sound * np.hanning(len(sound)))))
    return float(power[17:24].sum() / power.sum())


def test_a_second_run_makes_nothing(clips: Path) -> None:
    said: list[str] = []
    assert make_clips(clips.parent, said.append) == clips
    assert said == []
