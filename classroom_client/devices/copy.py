"""A second, smaller copy of a picture for viewers without H.264: decoded once more, scaled, and thinned."""

from fractions import Fraction

import av

from classroom_client.core.keyframe import is_keyframe
from classroom_client.devices.file import VIDEO_CLOCK, Piece

LARGEST_WIDTH = 640
SHORTEST_MS = 79.0
"""At most 12.5 pictures a second: encoding VP8 costs a tenth of a core at this size and rate."""


class SmallCopy:
    """Turns the pieces of one picture source into frames to be encoded."""

    def __init__(self) -> None:
        self._decoder = av.VideoCodecContext.create("h264", "r")
        self._decoder.thread_count = 1
        self._begun = False
        self._last_ms = -SHORTEST_MS

    def frame(self, piece: Piece) -> av.VideoFrame | None:
        """The frame to send for this piece; None when it is left out."""
        decoded = self._decoded(piece)
        if decoded is None or piece.media_ms - self._last_ms < SHORTEST_MS:
            return None
        self._last_ms = piece.media_ms
        width = min(decoded.width, LARGEST_WIDTH)
        # Chroma of 4:2:0 wants even sizes.
        height = 2 * round(decoded.height * width / decoded.width / 2)
        small = decoded.reformat(width=width, height=height, format="yuv420p")
        small.pts, small.time_base = piece.position.ticks, Fraction(1, VIDEO_CLOCK)
        return small

    def _decoded(self, piece: Piece) -> av.VideoFrame | None:
        if isinstance(piece.data, av.VideoFrame):
            return piece.data
        data = bytes(piece.data) if isinstance(piece.data, av.Packet) else b""
        self._begun = self._begun or is_keyframe("h264", data)
        if not self._begun:
            return None
        try:
            return next(iter(self._decoder.decode(av.Packet(data))), None)
        except av.FFmpegError:
            self._begun = False
            return None
