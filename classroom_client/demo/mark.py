"""The mark in a clip's corner: a QR code of the clip's letter and the frame's index, to be read at the far end."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Height, width, blue-green-red."""

SHARE = 0.28
"""Side of the mark, of the picture's height: the far end finds it by this whatever size it shows the picture."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a mark says."""

    clip: str
    frame: int


def draw_mark(image: Image, mark: Mark) -> None:
    """Draws into the lower right corner."""
    side = round(image.shape[0] * SHARE)
    code = cv2.QRCodeEncoder.create().encode(f"{mark.clip}{mark.frame}")
    # Whole pixels for each module, on white: what scaling blurs, no decoder reads.
    scale = side // code.shape[0]
    drawn = cv2.resize(code, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    image[-side:, -side:] = 255
    top = (side - drawn.shape[0]) // 2
    image[-side + top : -side + top + drawn.shape[0], -side + top : -side + top + drawn.shape[1]] = drawn[:, :, None]


def read_mark(image: NDArray[np.uint8]) -> Mark | None:
    """Reads the mark of a received picture, colour or grey; None when none is to be read."""
    side = round(image.shape[0] * SHARE)
    corner = np.ascontiguousarray(image[-side:, -side:])
    return next((mark for border, scale in _LOOKS if (mark := _look(corner, border, scale))), None)


_LOOKS = ((8, 1), (40, 1), (24, 1), (8, 2), (40, 3))
"""Margin and scale: OpenCV's detector misses one clean mark in two hundred at any one of them."""


def _look(corner: NDArray[np.uint8], border: int, scale: int) -> Mark | None:
    grown = corner if scale == 1 else cv2.resize(corner, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    framed = cv2.copyMakeBorder(grown, border, border, border, border, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(framed)
    return Mark(text[0], int(text[1:])) if text[1:].isdigit() else None
