"""Short encoded streams from encoders that others wrote, as frames that a publisher could have sent."""

import subprocess
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache
from typing import Literal

import av
import imageio_ffmpeg
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from recorder.core.names import TakeTime
from recorder.core.samples import Fragment, Fragments, Sample

STEP_US = 40_000
PictureCodec = Literal["h264", "vp8", "vp9", "av1"]
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
    images = [_image(number, width, height) for number in range(count)]
    if codec == "av1":
        return av1_encoded((image.tobytes() for image in images), (width, height), 25)
    encoder = av.CodecContext.create(_ENCODERS[codec], "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.gop_size, encoder.options = Fraction(1, 25), 25, _OPTIONS[codec]
    encoder.bit_rate = 200_000
    packets = []
    for number, image in enumerate(images):
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return tuple((bytes(packet), packet.is_keyframe) for packet in packets)


def _image(number: int, width: int, height: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    image = np.full((height, width, 3), number * 3 % 256, np.uint8)
    image[:, : 1 + number % width] = 255 - number
    return image


def av1_encoded(images: Iterable[bytes], size: tuple[int, int], rate: int) -> tuple[tuple[bytes, bool], ...]:
    """By the encoder that browsers have, which PyAV has not; a temporal unit for each image, a keyframe each second."""
    width, height = size
    shape = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(rate)]
    coding = ["-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-g", str(rate), "-threads", "1"]
    done = subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(),
            "-v",
            "error",
            *shape,
            "-i",
            "-",
            "-pix_fmt",
            "yuv420p",
            *coding,
            "-f",
            "ivf",
            "-",
        ],
        input=b"".join(images),
        capture_output=True,
        check=True,
        timeout=60,
    )
    made, place = [], 32
    while place < len(done.stdout):
        length = int.from_bytes(done.stdout[place : place + 4], "little")
        made.append(done.stdout[place + 12 : place + 12 + length])
        place += 12 + length
    # A keyframe's temporal unit has a sequence header behind its delimiter.
    return tuple((unit, unit[2] >> 3 == 1) for unit in made)


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
