"""A poster and thumbnails of a film: a few keyframes decoded, by one thread."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

import av
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from recorder.disk.remux import Beat, Reader

POSTER_WIDTH: Final = 640
THUMBNAIL_WIDTH: Final = 240
THUMBNAILS: Final = 8


def stills(film: Reader, at_us: Sequence[int], beat: Beat) -> Iterator[VideoFrame]:
    """The keyframes at or before these places; a film without a picture has none."""
    with av.open(film, "r") as source:
        if not source.streams.video:
            return
        stream = source.streams.video[0]
        stream.thread_count = 1
        stream.codec_context.skip_frame = "NONKEY"
        for number, place_us in enumerate(at_us):
            beat(number / len(at_us))
            source.seek(place_us, backward=True)
            frame = next(iter(source.decode(stream)), None)
            if frame is not None:
                yield frame


def jpeg(frame: VideoFrame, width: int) -> bytes:
    """The picture, no wider than `width`."""
    width = min(width, frame.width) // 2 * 2
    height = max(2, round(frame.height * width / frame.width) // 2 * 2)
    small = frame.reformat(width, height, "yuvj420p")
    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base, encoder.thread_count = Fraction(1, 25), 1
    small.pts = 0
    packets = [*encoder.encode(small), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)
