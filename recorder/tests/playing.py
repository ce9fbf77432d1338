"""Files read by FFmpeg: what it finds in them, and what it complains of."""

import subprocess
from io import BytesIO

import av
import imageio_ffmpeg


def times_us(content: bytes) -> list[int]:
    """The times of all packets, in microseconds."""
    with av.open(BytesIO(content), "r") as container:
        (stream,) = container.streams
        assert stream.time_base is not None
        return [
            round(packet.pts * stream.time_base * 1_000_000)
            for packet in container.demux(stream)
            if packet.pts is not None
        ]


def decoded(content: bytes) -> list[tuple[int, object]]:
    """Each decoded frame's time in microseconds, and the frame."""
    with av.open(BytesIO(content), "r") as container:
        (stream,) = container.streams
        assert stream.time_base is not None
        frames: list[tuple[int, object]] = []
        for packet in container.demux(stream):
            for frame in packet.decode():
                assert isinstance(frame, av.VideoFrame | av.AudioFrame) and frame.pts is not None
                frames.append((round(frame.pts * stream.time_base * 1_000_000), frame))
        return frames


def complaints(content: bytes) -> str:
    """What FFmpeg says on reading and decoding all of a file; nothing if it is as it should be."""
    # In the file's own time: at its nominal rate two frames of a publisher that was late fall together.
    out = ["-fps_mode:v", "passthrough", "-enc_time_base:v", "demux", "-f", "null", "-"]
    done = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "warning", "-xerror", "-err_detect", "explode", "-i", "-", *out],
        input=content,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return done.stderr.decode() + (f"ended with {done.returncode}" if done.returncode else "")
