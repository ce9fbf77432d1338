import pytest

from classroom_client.core.keyframe import is_keyframe

START = b"\x00\x00\x00\x01"


@pytest.mark.parametrize(
    ("codec", "frame", "expected"),
    [
        ("h264", START + b"\x67\x42" + START + b"\x68\xce" + START + b"\x65\x88", True),
        ("h264", b"\x00\x00\x01\x65", True),
        ("h264", START + b"\x06\x05" + START + b"\x41\x9a", False),
        ("h264", START + b"\x41\x9a" + START + b"\x65", False),
        ("h264", START + b"\x67\x42", False),
        ("h264", START, False),
        ("h264", b"", False),
        ("vp8", b"\x10\x02", True),
        ("vp8", b"\x11\x02", False),
        ("vp8", b"", False),
        ("opus", b"\xfc", True),
    ],
)
def test_a_frame_tells_whether_it_stands_alone(codec: str, frame: bytes, expected: bool) -> None:
    assert is_keyframe(codec, frame) is expected
