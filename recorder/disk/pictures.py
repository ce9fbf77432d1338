"""A poster and thumbnails of a film: a few keyframes decoded, by one thread."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from typing import Final

import av
from av.codec.context import CodecContext
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from recorder.disk.remux import Beat, Reader

POSTER_WIDTH: Final = 640
THUMBNAIL_WIDTH: Final = 240
THUMBNAILS: Final = 8
MOST_KEYFRAMES: Final = 10
"""So many are tried for one still."""


def stills(film: Reader, at_us: Sequence[int], beat: Beat) -> Iterator[VideoFrame]:
    """The keyframes at or before these places; a film without a picture has none."""
    with av.open(film, "r") as source:
        if not source.streams.video:
            return
        stream = source.streams.video[0]
        stream.thread_count = 1
        for number, place_us in enumerate(at_us):
            beat(number / len(at_us))
            frame = _still(source, stream, place_us)
            if frame is not None:
                yield frame


def _still(source: InputContainer, stream: VideoStream, place_us: int) -> VideoFrame | None:
    """The keyframe at or before a place; the next one, if it is damaged."""
    source.seek(place_us, backward=True)
    keyframes = (packet for packet in source.demux(stream) if packet.is_keyframe and packet.size)
    found = (_shown(stream, packet) for packet in islice(keyframes, MOST_KEYFRAMES))
    return next((frame for frame in found if frame is not None), None)


def _shown(stream: VideoStream, packet: "Packet[VideoStream]") -> VideoFrame | None:
    """What a keyframe shows by itself: of several layers, which FFmpeg gives out one after another, the last."""
    try:
        frames = [*packet.decode(), *stream.codec_context.decode(None)]
    except av.FFmpegError:
        return None
    finally:
        stream.codec_context.flush_buffers()
    return frames[-1] if frames and not frames[-1].is_corrupt else None


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
