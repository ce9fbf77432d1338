"""recorder.core.h264"""

from random import Random

import pytest

from recorder.core.h264 import H264Error, Parameters, is_keyframe, nal_units, parameters
from recorder.tests.footage import pictures


def test_units_are_found_behind_short_and_long_start_codes() -> None:
    data = b"\0\0\0\x01\x67abc\0\0\x01\x68de\0\0\0\x01\x65\x88f"
    assert list(nal_units(data)) == [b"\x67abc", b"\x68de", b"\x65\x88f"]
    assert Parameters.sample(data) == b"\0\0\0\x03\x65\x88f"
    assert list(nal_units(b"")) == [] and list(nal_units(b"\0\0\x01")) == []


def test_keyframes_are_what_the_encoder_says() -> None:
    for data, keyframe in pictures("h264"):
        assert is_keyframe(data) == keyframe
        assert (parameters(data) is not None) == keyframe


def test_a_profile_with_scaling_lists_and_cropping_is_read() -> None:
    # High profile, 1920x1088 cropped to 1080, as cameras send it.
    sps = bytes.fromhex("67640028acd940780227e5c044000003000400000300c83c60c658")
    found = parameters(b"\0\0\x01" + sps + b"\0\0\x01\x68\xeb\xe3\xcb\x22\xc0")
    assert found is not None and (found.width, found.height) == (1920, 1080)


def test_wrong_parameter_sets_are_refused_or_read_but_nothing_else_happens() -> None:
    good = next(unit for unit in nal_units(pictures("h264")[0][0]) if unit[0] & 0x1F == 7)
    chance = Random(1)
    for _ in range(300):
        wrong = bytearray(good[: chance.randrange(1, len(good) + 1)])
        for _ in range(chance.randrange(3)):
            wrong[chance.randrange(len(wrong))] = chance.randrange(256)
        wrong[0] = good[0]
        try:
            parameters(b"\0\0\x01" + bytes(wrong) + b"\0\0\x01\x68\xce\x3c\x80")
        except H264Error as error:
            assert str(error).startswith("H.264: ")


@pytest.mark.parametrize("cut", [1, 4, 6])
def test_a_parameter_set_that_ends_early_says_so(cut: int) -> None:
    good = next(unit for unit in nal_units(pictures("h264")[0][0]) if unit[0] & 0x1F == 7)
    with pytest.raises(H264Error, match="ends too early"):
        parameters(b"\0\0\x01" + good[:cut] + b"\0\0\x01\x68\xce\x3c\x80")
