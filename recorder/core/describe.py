"""What a keyframe says of the pictures that follow."""

from dataclasses import dataclass

from recorder.core import av1, h264, vpx
from recorder.core.av1 import Av1Error, Sequence
from recorder.core.h264 import H264Error, Parameters
from recorder.core.mp4 import Mp4Writer
from recorder.core.names import Codec, TakeTime
from recorder.core.samples import Writer
from recorder.core.webm import Picture, Sound, WebmWriter
from signaling.messages.ids import Kind


@dataclass(frozen=True, slots=True)
class Description:
    """All that a segment's head is made of."""

    codec: Codec
    width: int = 0
    height: int = 0
    channels: int = 0
    parameters: Parameters | Sequence | None = None
    """Of H.264 and AV1."""

    def writer(self, start_us: TakeTime) -> Writer:
        """Writes a segment of this kind."""
        if self.parameters is not None:
            return Mp4Writer(start_us, self.parameters)
        if self.channels:
            return WebmWriter(start_us, Sound(self.channels))
        return WebmWriter(start_us, Picture(self.codec, self.width, self.height))


def described(codec: str, data: bytes) -> Description | None:
    """Reads a keyframe; None when it does not say what a decoder must know."""
    if codec in ("h264", "av1"):
        return _h264(data) if codec == "h264" else _av1(data)
    size = vpx.vp8_size(data) if codec == "vp8" else vpx.vp9_size(data) if codec == "vp9" else None
    if size is None or not all(size):
        return None
    return Description("vp8" if codec == "vp8" else "vp9", *size)


def is_kept(codec: str, kind: Kind) -> bool:
    """Whether there is a container for it here."""
    return codec == "opus" if kind == "audio" else codec in ("h264", "vp8", "vp9", "av1")


def _h264(data: bytes) -> Description | None:
    try:
        found = h264.parameters(data)
    except H264Error:
        return None
    return None if found is None else Description("h264", found.width, found.height, parameters=found)


def _av1(data: bytes) -> Description | None:
    try:
        found = av1.sequence(data)
    except Av1Error:
        return None
    return None if found is None else Description("av1", found.width, found.height, parameters=found)
