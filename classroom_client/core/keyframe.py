"""Tells whether an encoded frame can be decoded without the ones before it."""

_START = b"\x00\x00\x01"
_IDR = 5


def is_keyframe(codec: str, frame: bytes) -> bool:
    """Looks at NAL unit types (H.264 in Annex B) or the frame tag (VP8, RFC 6386 section 9.1); sound always is one."""
    if codec == "h264":
        return _has_idr(frame)
    return bool(frame) and frame[0] & 1 == 0 if codec == "vp8" else True


def _has_idr(frame: bytes) -> bool:
    at = frame.find(_START)
    while 0 <= at < len(frame) - 3:
        kind = frame[at + 3] & 0x1F
        if kind == _IDR:
            return True
        if kind == 1:  # A slice of another kind: the picture has begun and is no IDR.
            return False
        at = frame.find(_START, at + 3)
    return False
