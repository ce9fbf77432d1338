"""recorder.core.av1, with what others write and say of it"""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.core.av1 import Av1Error, Sequence, sequence, units
from recorder.core.describe import described
from recorder.tests.footage import pictures


def found(width: int = 160, height: int = 120) -> Sequence:
    read = sequence(pictures("av1", 2, width, height)[0][0])
    assert read is not None
    return read


@pytest.mark.parametrize("size", [(160, 120), (322, 182)])
def test_a_sequence_header_tells_the_size(size: tuple[int, int]) -> None:
    assert (found(*size).width, found(*size).height) == size


def test_the_configuration_is_what_ffmpeg_writes(tmp_path: Path) -> None:
    units_of = b"".join(data for data, _ in pictures("av1", 2))
    copy = ["-f", "obu", "-i", "-", "-c", "copy", str(tmp_path / "copy.mp4")]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *copy], input=units_of, check=True, timeout=60)
    content = (tmp_path / "copy.mp4").read_bytes()
    place = content.index(b"av1C")
    size = int.from_bytes(content[place - 4 : place], "big")
    assert content[place + 4 : place + size - 4] == found().configuration


def test_a_sample_is_the_unit_without_its_delimiter() -> None:
    data = pictures("av1", 2)[0][0]
    assert data[:2] == b"\x12\0" and Sequence.sample(data) == data[2:]
    assert Sequence.sample(b"\x7a\x01\x80" + data) == data[2:], "padding is left out"


def test_only_a_keyframe_describes_what_follows() -> None:
    key, other = (data for data, _ in pictures("av1", 2))
    description = described("av1", key)
    assert description is not None and (description.codec, description.width) == ("av1", 160)
    assert described("av1", other) is None and described("av1", b"\x0a\x01") is None


# Every field that may stand before the size: timing, decoder model, two operating points with tier and delays, frame
# ids; 10 bits, described colours.
FULL = (
    "000 0 0 1"
    + "0" * 63 + "1 1 00101 1"
    + " 00110" + "0" * 42
    + " 1 00001"
    + " 000000000001 01001 1 1 " + "0" * 15 + " 1 0011"
    + " 000000000010 00100 0 0"
)  # fmt: skip
AFTER = (
    " 1010 1001 10011111111 1011001111 1 0010 011 000 0000 1 11 0 1 0 1 110 000 1 0 1 00001001 00010000 00001001 0 01"
)


def test_every_field_of_a_full_header_is_read() -> None:
    bits = (FULL + AFTER).replace(" ", "")
    bits += "0" * (-len(bits) % 8)
    body = int(bits, 2).to_bytes(len(bits) // 8, "big")
    read = sequence(bytes((0x0A, len(body))) + body)
    assert read is not None and (read.width, read.height) == (1280, 720)
    # Level 9, high tier; more than eight bits, 4:2:0, sampled as in MPEG-2.
    assert read.record == bytes((0x81, 9, 0x80 | 0x40 | 0x0C | 1, 0))


@given(st.binary(max_size=60))
def test_anything_else_is_refused_by_name(data: bytes) -> None:
    for unit in (data, bytes((0x0A, len(data))) + data):
        try:
            sequence(unit)
        except Av1Error:
            pass


def test_what_is_cut_is_refused() -> None:
    for data in (b"\x08\x01", b"\x0a\x05\x00", b"\x0a", b"\x0a\x80\x80", b"\x0a" + b"\x80" * 9, b"\xff\x00"):
        with pytest.raises(Av1Error):
            list(units(data))
