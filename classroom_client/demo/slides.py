"""The courseware: slides with Chinese text, in the font that OpenCV 5 carries within itself."""

import cv2
import numpy as np

from classroom_client.demo.footage import Draw
from classroom_client.demo.mark import Image

_SLIDES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("春晓", ("唐 · 孟浩然", "春眠不觉晓，处处闻啼鸟。", "夜来风雨声，花落知多少。")),
    ("生字", ("晓   天刚亮的时候", "啼   鸟兽叫", "眠   睡觉")),
    ("想一想", ("诗人听见了什么？", "他没有看见，却想到了什么？", "请各教学点的同学说一说。")),
    ("A spring morning", ("Read it aloud together.", "Which words let you hear the birds?")),
)
SLIDE_S = 5
_INK = (60, 40, 30)


def font() -> cv2.FontFace:
    """The built-in face with Chinese characters."""
    return cv2.FontFace("uni")


def slides(width: int, height: int, fps: int) -> Draw:
    """One slide after the other, with a line that grows: a still picture would hide a freeze."""
    pages = [_page(width, height, title, lines) for title, lines in _SLIDES]

    def draw(index: int) -> Image:
        page = pages[index // (SLIDE_S * fps) % len(pages)].copy()
        shown = (index % (SLIDE_S * fps) + 1) / (SLIDE_S * fps)
        cv2.rectangle(page, (0, height - 10), (round(width * shown), height), (190, 120, 40), -1)
        return page

    return draw


def _page(width: int, height: int, title: str, lines: tuple[str, ...]) -> Image:
    page = np.full((height, width, 3), (236, 246, 250), np.uint8)
    # Below the caption that every clip has along its top.
    cv2.rectangle(page, (0, height // 10), (width, height * 27 // 100), (150, 90, 40), -1)
    cv2.putText(page, title, (width // 20, height * 22 // 100), (255, 255, 255), font(), height // 11)
    for number, line in enumerate(lines):
        cv2.putText(page, line, (width // 12, height * (2 * number + 7) // 16), _INK, font(), height // 16)
    return page


def caption(image: Image, text: str, counter: str) -> None:
    """A room's name and the frame counter along the top."""
    height = image.shape[0] // 12
    image[: height + height // 4] //= 2
    cv2.putText(image, text, (height // 3, height), (255, 255, 255), font(), height * 2 // 3)
    width = cv2.getTextSize((0, 0), counter, (0, 0), font(), height * 2 // 3)[2]
    cv2.putText(
        image, counter, (image.shape[1] - width - height // 3, height), (255, 255, 255), font(), height * 2 // 3
    )
