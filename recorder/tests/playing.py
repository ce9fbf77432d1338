"""Files read by FFmpeg: what it finds in them, and what it complains of."""

import json
import shutil
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
    """What ffprobe and FFmpeg, each of its own version, say of all of a file; nothing if it is as it should be."""
    return _probed(content) + _decoded(content)


def _probed(content: bytes) -> str:
    """Reads every packet, and what container and codec say of each stream."""
    program = shutil.which("ffprobe")
    if program is None:
        raise RuntimeError("the program `ffprobe` is missing; install it with: apt-get install ffmpeg")
    wanted = ["-show_error", "-show_streams", "-count_packets", "-of", "json"]
    done = subprocess.run(
        [program, "-v", "warning", *wanted, "-"], input=content, capture_output=True, check=False, timeout=60
    )
    said = done.stderr.decode() + (f"ffprobe ended with {done.returncode}" if done.returncode else "")
    streams = json.loads(done.stdout or b"{}").get("streams", [])
    empty = [each for each in streams if int(each.get("nb_read_packets", 0)) == 0 or "codec_name" not in each]
    return said + (f"no packets in {empty}" if empty or not streams else "")


def _decoded(content: bytes) -> str:
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
