"""Decodes received frames in one thread for a whole process, so that what decoding may cost has a bound."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

import av

from classroom_client.core.keyframe import is_keyframe

WAITING_FRAMES = 256
"""Frames waiting for the thread, of all streams together; the next is dropped, and its stream waits for a keyframe."""

Decoded = av.VideoFrame | av.AudioFrame
_CODECS = ("h264", "vp8", "opus")


@dataclass(frozen=True, slots=True)
class Encoded:
    """One complete frame as it was received."""

    codec: str
    data: bytes
    timestamp: int


class Decoder:
    """The thread; streams are begun on it."""

    def __init__(self) -> None:
        self._queue: queue.Queue[tuple[Stream, Encoded] | None] = queue.Queue(WAITING_FRAMES)
        self._thread = threading.Thread(target=self._work, name="decoder", daemon=True)
        self._thread.start()

    def stream(self, decoded: Callable[[Decoded], None], broken: Callable[[], None]) -> "Stream":
        """A new stream; both callbacks come from the thread, `broken` when a keyframe is needed."""
        return Stream(self._queue, decoded, broken)

    def close(self) -> None:
        """Ends the thread after the frame it is at."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            stream, frame = task
            stream.decode(frame)


class Stream:
    """One track on its way through the decoder."""

    def __init__(
        self,
        tasks: "queue.Queue[tuple[Stream, Encoded] | None]",
        decoded: Callable[[Decoded], None],
        broken: Callable[[], None],
    ) -> None:
        self._tasks = tasks
        self._decoded = decoded
        self._broken = broken
        self._waits_for_keyframe = True
        self._context: tuple[str, av.AudioCodecContext | av.VideoCodecContext] | None = None

    def put(self, frame: Encoded) -> None:
        """Hands a frame in; until the first keyframe, and after an overflow, frames are dropped."""
        if self._waits_for_keyframe and not is_keyframe(frame.codec, frame.data):
            return
        try:
            self._tasks.put_nowait((self, frame))
            self._waits_for_keyframe = False
        except queue.Full:
            self._waits_for_keyframe = True
            self._broken()

    def decode(self, frame: Encoded) -> None:
        """Runs in the decoder's thread."""
        if frame.codec not in _CODECS:
            return
        if self._context is None or self._context[0] != frame.codec:
            self._context = (frame.codec, _context(frame.codec))
        packet = av.Packet(frame.data)
        packet.pts = frame.timestamp
        try:
            pictures = self._context[1].decode(packet)
        except av.FFmpegError:
            self._broken()
            return
        for picture in pictures:
            self._decoded(picture)


def _context(codec: str) -> av.AudioCodecContext | av.VideoCodecContext:
    if codec == "opus":
        sound = av.AudioCodecContext.create("libopus", "r")
        sound.format, sound.layout, sound.sample_rate = av.AudioFormat("s16"), av.AudioLayout("stereo"), 48_000
        return sound
    picture = av.VideoCodecContext.create("h264" if codec == "h264" else "libvpx", "r")
    # One thread: a second core would be spent on waiting, and each thread adds a frame of delay.
    picture.thread_count = 1
    return picture
