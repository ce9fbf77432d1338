"""From the publisher's send to the viewer's screen and speaker: marks in pictures, and speech laid over speech."""

import base64
import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Page

from classroom_client.demo.mark import SHARE, read_mark
from classroom_client.devices.sent import Sent
from signaling.messages.ids import Source

RATE: Final = 48_000
FRAME: Final = RATE // 50
"""Opus frames of 20 ms."""
LONGEST_S: Final = 2.0
"""A longer delay is not looked for."""
NEAR_MS: Final = 4000.0
SURE: Final = 2.0
"""Peak over next best of the correlation, below which a place in the speech is a guess."""
Sound = NDArray[np.float32]
"""Mono, 48 kHz."""

# Keeps the corner with the mark of every large picture, with the wall clock of its presentation.
_WATCH = """([share, perSecond]) => {
  window.__seen = [];
  for (const video of document.querySelectorAll('video')) {
    if (video.videoHeight < 700) continue;
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { willReadFrequently: true });
    let last = 0;
    const look = (now, frame) => {
      video.requestVideoFrameCallback(look);
      if (now - last < 1000 / perSecond) return;
      last = now;
      const side = Math.round(video.videoHeight * share);
      canvas.width = canvas.height = side;
      context.drawImage(video, video.videoWidth - side, video.videoHeight - side, side, side, 0, 0, side, side);
      const rgba = context.getImageData(0, 0, side, side).data;
      let grey = '';
      for (let i = 1; i < rgba.length; i += 4) grey += String.fromCharCode(rgba[i]);
      window.__seen.push({ at_ms: performance.timeOrigin + frame.expectedDisplayTime, side, grey: btoa(grey) });
    };
    video.requestVideoFrameCallback(look);
  }
}"""
_SEEN = "() => { const seen = window.__seen; window.__seen = []; return seen; }"

# The sound of one slot for some seconds. The wall clock of the first sample is the smallest that any block allows:
# a callback can be late, never early.
_HEAR = """async ([mid, seconds]) => {
  const context = new AudioContext({ sampleRate: 48000 });
  await context.resume();
  const taker = context.createScriptProcessor(1024, 1, 1);
  for (const connection of window.__connections) {
    if (connection.connectionState !== 'connected') continue;
    const slot = connection.getTransceivers().find(each => each.mid === mid);
    if (slot) context.createMediaStreamSource(new MediaStream([slot.receiver.track])).connect(taker);
  }
  let samples = '', blocks = 0, begin_ms = Infinity;
  taker.onaudioprocess = event => {
    begin_ms = Math.min(begin_ms, performance.timeOrigin + performance.now() - (++blocks * 1024) / 48);
    const block = Int16Array.from(event.inputBuffer.getChannelData(0), v => Math.max(-1, Math.min(1, v)) * 32767);
    samples += String.fromCharCode(...new Uint8Array(block.buffer));
  };
  taker.connect(context.destination);
  await new Promise(done => setTimeout(done, seconds * 1000));
  taker.disconnect();
  await context.close();
  return { begin_ms, samples: btoa(samples) };
}"""


@dataclass(frozen=True, slots=True)
class SentTimes:
    """When a publisher sent what of one source; frames come round again with every loop of a clip."""

    by_frame: dict[int, list[float]]

    @classmethod
    def of(cls, log: Sequence[Sent], source: Source) -> "SentTimes":
        by_frame: dict[int, list[float]] = {}
        for line in log:
            if line.source == source:
                by_frame.setdefault(line.frame, []).append(line.sent_ms)
        return cls(by_frame)

    @classmethod
    def read(cls, path: Path, source: Source) -> "SentTimes":
        """Reads the log that a client wrote."""
        words = (line.split() for line in path.read_text().splitlines())
        log = [Sent(float(at), source, int(loop), int(frame)) for at, name, loop, frame in words if name == source]
        return cls.of(log, source)

    def latest(self, at_ms: float) -> int:
        """The frame that was sent last before `at_ms`."""
        return max(self.by_frame, key=lambda frame: self.before(frame, at_ms) or 0.0)

    def before(self, frame: int, at_ms: float) -> float | None:
        """The last time before `at_ms` that a frame was sent."""
        times = self.by_frame.get(frame, [])
        index = bisect.bisect_right(times, at_ms)
        return times[index - 1] if index else None


async def watch_pictures(page: Page, per_second: float = 5) -> None:
    """Begins to keep the marks of the large pictures on a page."""
    await page.evaluate(_WATCH, [SHARE, per_second])


async def seen_pictures(page: Page) -> list[dict[str, Any]]:
    """The marks kept since the last call, unread."""
    return list(await page.evaluate(_SEEN))


async def heard_sound(page: Page, mid: str, seconds: float = 4) -> dict[str, Any]:
    """What the page hears in a slot in this time."""
    return dict(await page.evaluate(_HEAR, [mid, seconds]))


Delay = tuple[float, float]
"""Wall clock of the presentation, and how long before it was sent; both in milliseconds."""


def picture_delays(seen: Sequence[dict[str, Any]], sent: SentTimes, letter: str) -> list[Delay]:
    """Send to presentation, of every picture of a clip that was seen."""
    delays = []
    for picture in seen:
        side, at_ms = int(picture["side"]), float(picture["at_ms"])
        grey = np.frombuffer(base64.b64decode(picture["grey"]), np.uint8).reshape(side, side)
        mark = read_mark(_padded(grey))
        began_ms = None if mark is None or mark.clip != letter else sent.before(mark.frame, at_ms)
        if began_ms is not None:
            delays.append((at_ms, at_ms - began_ms))
    return delays


def sound_delays(heard: Sequence[dict[str, Any]], clip: Sound, sent: SentTimes) -> list[Delay]:
    """Send to playout, of every piece that was surely found in its clip."""
    found = ((float(piece["begin_ms"]), *sound_delay_ms(piece, clip, sent)) for piece in heard)
    return [(at_ms, delay_ms) for at_ms, delay_ms, sureness in found if sureness > SURE]


def skews(pictures: Sequence[Delay], sounds: Sequence[Delay]) -> list[float]:
    """How much later than its picture each sound came, by the pictures of the seconds around it."""
    found = []
    for at_ms, delay_ms in sounds:
        near = [delay for seen_ms, delay in pictures if at_ms - NEAR_MS <= seen_ms <= at_ms + NEAR_MS]
        if near:
            found.append(delay_ms - median(near))
    return found


def _padded(corner: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture that has this corner, as `read_mark` looks for it."""
    height = round(corner.shape[0] / SHARE)
    picture = np.full((height, corner.shape[1]), 255, np.uint8)
    picture[-corner.shape[0] :] = corner
    return picture


def sound_delay_ms(heard: dict[str, Any], clip: Sound, sent: SentTimes) -> tuple[float, float]:
    """Send to playout of a speech clip, and how sure that is: the peak of the correlation over the next best."""
    samples = np.frombuffer(base64.b64decode(heard["samples"]), np.int16).astype(np.float32)
    at_ms = float(heard["begin_ms"])
    latest = sent.latest(at_ms)
    behind, sureness = located(samples, np.roll(clip, -(latest + 1) * FRAME))
    place = (latest + 1) * FRAME - behind
    frame, rest = divmod(place % len(clip), FRAME)
    began_ms = sent.before(frame, at_ms)
    return at_ms - (at_ms if began_ms is None else began_ms) - rest * 1000 / RATE, sureness


def located(heard: Sound, clip: Sound) -> tuple[int, float]:
    """How far before the clip's end (a clip goes round) the heard sound begins, in samples, and how sure that is.

    At most `LONGEST_S` before it: a voice that says the same twice is found at the later place.
    """
    size = len(clip)
    spectrum = np.fft.rfft(clip) * np.conj(np.fft.rfft(heard, size))
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    # Phase alone, where speech is: it repeats its pitch, and only a whitened correlation has one sharp peak.
    white = np.where((hertz > 200) & (hertz < 6000), spectrum / (np.abs(spectrum) + 1e-9), 0)
    correlation = np.fft.irfft(white, size)[-int(LONGEST_S * RATE) :][::-1]
    place = int(np.argmax(correlation))
    aside = correlation.copy()
    aside[max(0, place - RATE // 50) : place + RATE // 50] = 0
    return place + 1, float(correlation[place] / (np.max(aside) + 1e-9))


def read_sound(path: Path) -> Sound:
    """Decodes a clip to mono at 48 kHz."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        blocks = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate(blocks).astype(np.float32)
