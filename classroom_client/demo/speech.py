"""What the clips let hear: espeak-ng in Mandarin and English, with a tick every five seconds to measure lip sync by."""

import io
import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
PACKET = 960
LOOK_AHEAD = 312
TICK_S = 5
"""A tick begins with the frame that is shown at each multiple of this."""
Samples = NDArray[np.float32]


def is_real() -> bool:
    """Whether espeak-ng is there; without it voices are tones."""
    return shutil.which("espeak-ng") is not None


def speech(lines: tuple[tuple[str, str], ...], seconds: int, pitch: int) -> Samples:
    """Sentences, each (voice, text), spoken one after the other and begun again until the time is full."""
    spoken = [_say(voice, text, pitch) if is_real() else _hum(text, pitch) for voice, text in lines]
    pause = np.zeros(RATE * 2 // 5, np.float32)
    once = np.concatenate([part for piece in spoken for part in (piece, pause)])
    sound = cast(Samples, np.resize(once, RATE * seconds) * np.float32(0.8))
    for start in range(0, len(sound), TICK_S * RATE):
        sound[start : start + RATE // 25] = _tone(1000, RATE // 25) * np.float32(0.2)
    return sound


def write_opus(path: Path, sound: Samples) -> None:
    """Encodes to Ogg Opus: exactly one packet for each 20 ms, so that it loops in step with the pictures."""
    # What the encoder hears comes out 6.5 ms later, and RTP has no pre-skip (RFC 7587): so it hears it earlier.
    early = np.roll(sound, -LOOK_AHEAD)
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE)
        stream.layout = "mono"
        stream.bit_rate = 32_000
        stream.options = {"application": "voip", "vbr": "on"}
        packets = [packet for frame in _frames(early) for packet in stream.encode(frame)] + stream.encode(None)
        container.mux(packets[: len(sound) // PACKET])


def _frames(sound: Samples) -> Iterator[av.AudioFrame]:
    for start in range(0, len(sound), PACKET):
        pcm = (np.clip(sound[start : start + PACKET], -1, 1) * 32_767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield frame


def _say(voice: str, text: str, pitch: int) -> Samples:
    command = ["espeak-ng", "-v", voice, "-s", "150", "-p", str(pitch), "--stdout", text]
    wave = subprocess.run(command, check=True, capture_output=True, timeout=30).stdout
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(io.BytesIO(wave), "r") as container:
        frames = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    frames += resampler.resample(None)
    return cast(Samples, np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]))


def _hum(text: str, pitch: int) -> Samples:
    length = RATE * max(1, len(text)) // 8
    syllables = np.sin(np.arange(length) * np.pi * 8 / RATE) ** 2
    return cast(Samples, (_tone(90 + pitch * 2, length) * 0.3 * syllables).astype(np.float32))


def _tone(hertz: int, length: int) -> Samples:
    return np.sin(np.arange(length) * 2 * np.pi * hertz / RATE).astype(np.float32)
