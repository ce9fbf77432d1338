"""Short encoded streams from encoders that others wrote, as frames that a publisher could have sent."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache
from typing import Literal

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from recorder.core.names import TakeTime
from recorder.core.samples import Fragment, Fragments, Sample

STEP_US = 40_000
PictureCodec = Literal["h264", "vp8", "vp9"]
_ENCODERS = {"h264": "libx264", "vp8": "libvpx", "vp9": "libvpx-vp9"}
_OPTIONS = {
    "h264": {"profile": "baseline", "preset": "ultrafast", "x264-params": "keyint=25:scenecut=0:repeat-headers=1"},
    "vp8": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
    "vp9": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
}


@cache
def pictures(
    codec: PictureCodec, count: int = 75, width: int = 160, height: int = 120
) -> tuple[tuple[bytes, bool], ...]:
    """Encoded pictures, a keyframe each second; H.264 with start codes and parameter sets at each keyframe."""
    encoder = av.CodecContext.create(_ENCODERS[codec], "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.gop_size, encoder.options = Fraction(1, 25), 25, _OPTIONS[codec]
    encoder.bit_rate = 200_000
    packets = []
    for number in range(count):
        image = np.full((height, width, 3), number * 3 % 256, np.uint8)
        image[:, : 1 + number % width] = 255 - number
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return tuple((bytes(packet), packet.is_keyframe) for packet in packets)


@cache
def sounds(count: int = 150) -> tuple[bytes, ...]:
    """Opus packets of 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", "flt"
    packets = []
    for number in range(count):
        wave = np.sin((np.arange(960) + number * 960) * 0.05).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2).reshape(1, -1), format="flt", layout="stereo")
        frame.sample_rate, frame.pts = 48_000, number * 960
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return tuple(bytes(packet) for packet in packets)[:count]


def placed(frames: Iterable[tuple[bytes, bool]], start_us: int = 0, step_us: int = STEP_US) -> Iterator[Sample]:
    """One after another, evenly."""
    for number, (data, keyframe) in enumerate(frames):
        yield Sample(TakeTime(start_us + number * step_us), data, keyframe)


def fragments(samples: Iterable[Sample]) -> list[Fragment]:
    """All of them, as a segment has them."""
    collected, done = Fragments(), []
    for sample in samples:
        if fragment := collected.add(sample):
            done.append(fragment)
    if fragment := collected.rest():
        done.append(fragment)
    return done
