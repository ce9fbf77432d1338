"""How loud an Opus packet is, for the level that travels beside it (RFC 6464)."""

import math

import av
import numpy as np

SILENT_DBOV = -127


class OpusMeter:
    """Decodes each packet of a looping file once and remembers its level."""

    def __init__(self) -> None:
        self._levels: list[int] = []
        self._decoder = av.AudioCodecContext.create("libopus", "r")
        self._decoder.layout = "mono"
        self._decoder.sample_rate = 48_000

    def level_dbov(self, index: int, packet: bytes) -> int:
        """The level of the packet at this index of the file: 0 loud, -127 silent."""
        if index == len(self._levels):
            self._levels.append(self._measure(packet))
        return self._levels[index]

    def _measure(self, packet: bytes) -> int:
        # libopus gives 16 bit samples here.
        sounds = [frame.to_ndarray().astype(np.float64) / 32_768 for frame in self._decoder.decode(av.Packet(packet))]
        squares = [np.mean(np.square(sound)) for sound in sounds]
        power = float(np.mean(squares)) if squares else 0.0
        return max(SILENT_DBOV, min(0, round(10 * math.log10(power)))) if power > 0 else SILENT_DBOV
