"""A file as a source: loops without a break in its timestamps; H.264 and Opus leave it as they lie in it."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.bitstream import BitStreamFilterContext

from classroom_client.core import opus
from classroom_client.core.playback import LoopClock, Position
from classroom_client.devices.meter import OpusMeter
from signaling.messages.ids import Kind

VIDEO_CLOCK = 90_000
AUDIO_CLOCK = 48_000
_PASSED_PROFILES = ("Constrained Baseline", "Baseline")


class UnfitFile(ValueError):
    """This file cannot be published; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One frame on its way out."""

    position: Position
    data: "av.Packet[Any] | av.VideoFrame | av.AudioFrame"
    """A packet goes out as it is; a frame is encoded by the transport."""
    media_ms: float
    """Since the start of the first loop."""
    level_dbov: int | None = None
    """Loudness of a passed-through sound, 0 loud, -127 silent (RFC 6464)."""


class FileSource:
    """Reads one picture or one sound of a file for ever."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path = path
        self.kind = kind
        try:
            self._container = av.open(str(path))
        except (av.FFmpegError, OSError) as error:
            raise UnfitFile(f"{path}: {error}") from None
        streams: Any = self._container.streams.video if kind == "video" else self._container.streams.audio
        if not streams:
            self._container.close()
            raise UnfitFile(f"{path}: no {kind} in this file")
        self._stream = streams[0]
        self.passthrough = self._may_pass()
        self._clock = LoopClock()
        self._meter = OpusMeter()
        self._pieces = self._forever()

    def next(self) -> Piece:
        """The next frame; raises UnfitFile when the file has none."""
        return next(self._pieces)

    def close(self) -> None:
        self._pieces.close()
        self._container.close()

    def _may_pass(self) -> bool:
        codec = self._stream.codec_context
        if self.kind == "audio":
            return bool(codec.name in ("opus", "libopus"))
        return codec.name == "h264" and codec.profile in _PASSED_PROFILES and not codec.has_b_frames

    def _forever(self) -> Generator[Piece, None, None]:
        read = {
            ("video", True): self._passed_pictures,
            ("video", False): self._decoded_pictures,
            ("audio", True): self._passed_sound,
            ("audio", False): self._decoded_sound,
        }[self.kind, self.passthrough]
        while True:
            yield from read()
            try:
                self._clock.start_anew()
            except ValueError:
                raise UnfitFile(f"{self.path}: no frames in this file") from None
            self._container.seek(0)

    def _passed_pictures(self) -> Iterator[Piece]:
        to_annex_b = BitStreamFilterContext("h264_mp4toannexb", self._stream)
        first: Fraction | None = None
        for whole in self._container.demux(self._stream):
            for packet in to_annex_b.filter(whole) if whole.size else ():
                at = _seconds(packet.pts, packet.time_base)
                first = at if first is None else first
                position = self._place(at - first)
                packet.pts = packet.dts = position.ticks
                packet.time_base = Fraction(1, VIDEO_CLOCK)
                yield Piece(position, packet, position.ticks * 1000 / VIDEO_CLOCK)

    def _passed_sound(self) -> Iterator[Piece]:
        ticks = 0
        for packet in self._container.demux(self._stream):
            if not packet.size:
                continue
            sound = bytes(packet)
            duration = opus.samples(sound)
            position = self._clock.next(ticks, duration)
            ticks += duration
            level = self._meter.level_dbov(position.frame, sound)
            packet.pts = packet.dts = position.ticks
            packet.time_base = Fraction(1, AUDIO_CLOCK)
            yield Piece(position, packet, position.ticks * 1000 / AUDIO_CLOCK, level)

    def _decoded_pictures(self) -> Iterator[Piece]:
        first: Fraction | None = None
        for frame in self._container.decode(self._stream):
            at = _seconds(frame.pts, frame.time_base)
            first = at if first is None else first
            position = self._place(at - first)
            frame.pts, frame.time_base = position.ticks, Fraction(1, VIDEO_CLOCK)
            yield Piece(position, frame, position.ticks * 1000 / VIDEO_CLOCK)

    def _decoded_sound(self) -> Iterator[Piece]:
        # 20 ms at 48 kHz, as Opus takes it (RFC 7587 section 4.2).
        resampler = av.AudioResampler(format="s16", layout="stereo", rate=AUDIO_CLOCK, frame_size=960)
        ticks = 0
        for decoded in self._container.decode(self._stream):
            for frame in resampler.resample(decoded):
                position = self._clock.next(ticks, frame.samples)
                ticks += frame.samples
                frame.pts, frame.time_base = position.ticks, Fraction(1, AUDIO_CLOCK)
                yield Piece(position, frame, position.ticks * 1000 / AUDIO_CLOCK)

    def _place(self, at: Fraction) -> Position:
        rate = self._stream.average_rate or Fraction(25)
        return self._clock.next(round(at * VIDEO_CLOCK), round(VIDEO_CLOCK / rate))


def _seconds(pts: int | None, time_base: Fraction | None) -> Fraction:
    if pts is None or time_base is None:
        raise UnfitFile("a frame without a time cannot be published")
    return pts * time_base
