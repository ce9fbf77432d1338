"""VP8, VP9 and Opus as WebM (RFC 9559): a head, then a cluster of known size for each fragment; one track."""

import struct
from dataclasses import dataclass
from typing import Final

from recorder.core import opus
from recorder.core.names import TakeTime
from recorder.core.samples import Fragment

_UNKNOWN: Final = b"\x01\xff\xff\xff\xff\xff\xff\xff"
"""The segment's size, as more clusters may come (RFC 8794 6.2)."""
_CODECS: Final = {"vp8": "V_VP8", "vp9": "V_VP9"}


@dataclass(frozen=True, slots=True)
class Picture:
    codec: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Sound:
    channels: int


class WebmWriter:
    """One segment of VP8, VP9 or Opus."""

    def __init__(self, start_us: TakeTime, content: Picture | Sound) -> None:
        self._start_us: Final = start_us
        self._head: Final = _ebml() + b"\x18\x53\x80\x67" + _UNKNOWN + _info() + _tracks(content)
        self._last_ms = -1

    @property
    def head(self) -> bytes:
        return self._head

    def fragment(self, fragment: Fragment) -> bytes:
        begins = max(self._last_ms + 1, self._milliseconds(fragment.start_us))
        blocks = []
        for sample in fragment.samples:
            self._last_ms = max(self._last_ms + 1, self._milliseconds(sample.at_us))
            flags = 0x80 if sample.keyframe else 0
            blocks.append(_element(0xA3, struct.pack(">BhB", 0x81, self._last_ms - begins, flags) + sample.data))
        return _element(0x1F43B675, _number(0xE7, begins) + b"".join(blocks))

    def _milliseconds(self, at_us: TakeTime) -> int:
        return (at_us - self._start_us + 500) // 1000


def _element(name: int, body: bytes) -> bytes:
    identifier = name.to_bytes((name.bit_length() + 7) // 8, "big")
    return identifier + _size(len(body)) + body


def _size(length: int) -> bytes:
    """RFC 8794 4: one, four or eight bytes; all ones would mean unknown."""
    if length < 0x7F:
        return bytes((0x80 | length,))
    if length < 0xFFF_FFFF:
        return (0x1000_0000 | length).to_bytes(4, "big")
    return (1 << 56 | length).to_bytes(8, "big")


def _number(name: int, value: int) -> bytes:
    return _element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _text(name: int, value: str) -> bytes:
    return _element(name, value.encode())


def _ebml() -> bytes:
    versions = _number(0x4286, 1) + _number(0x42F7, 1) + _number(0x42F2, 4) + _number(0x42F3, 8)
    return _element(0x1A45DFA3, versions + _text(0x4282, "webm") + _number(0x4287, 4) + _number(0x4285, 2))


def _info() -> bytes:
    scale = _number(0x2AD7B1, 1_000_000)  # milliseconds, as WebM asks for
    return _element(0x1549A966, scale + _text(0x4D80, "three-classrooms") + _text(0x5741, "three-classrooms"))


def _tracks(content: Picture | Sound) -> bytes:
    common = _number(0xD7, 1) + _number(0x73C5, 1) + _number(0x9C, 0) + _text(0x22B59C, "und")
    if isinstance(content, Picture):
        size = _number(0xB0, content.width) + _number(0xBA, content.height)
        entry = common + _number(0x83, 1) + _text(0x86, _CODECS[content.codec]) + _element(0xE0, size)
    else:
        sound = _element(0xB5, struct.pack(">d", float(opus.RATE))) + _number(0x9F, content.channels)
        delays = _number(0x56AA, 0) + _number(0x56BB, 80_000_000)  # RFC 7845 4.6: 80 ms until a decoder has settled
        private = _element(0x63A2, opus.head(content.channels))
        entry = common + _number(0x83, 2) + _text(0x86, "A_OPUS") + private + delays + _element(0xE1, sound)
    return _element(0x1654AE6B, _element(0xAE, entry))
