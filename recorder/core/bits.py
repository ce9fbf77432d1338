"""Bits one after another, the highest first, as the headers of video codecs have them."""

from typing import Final


class Bits:
    """Reads them; `ended` is what a header that ends too early is refused with."""

    def __init__(self, data: bytes, ended: ValueError) -> None:
        self._value: Final = int.from_bytes(data, "big")
        self._left = len(data) * 8
        self._ended: Final = ended

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise self._ended
        return self._value >> self._left & (1 << count) - 1

    def golomb(self) -> int:
        """Exp-Golomb: as many zeros as bits that follow the one (H.264 9.1; AV1 4.10.3 calls it uvlc)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)
