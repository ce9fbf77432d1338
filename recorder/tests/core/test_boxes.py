"""recorder.core.boxes"""

import struct

import pytest

from recorder.core.boxes import BoxError, boxes, front, parameter_sets


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def movie(table: bytes) -> bytes:
    inner = table
    for kind in (b"stbl", b"minf", b"mdia", b"trak"):
        inner = box(b"free", b"xx") + box(kind, inner)
    return box(b"moov", inner)


@pytest.mark.parametrize(("kind", "form"), [(b"stco", ">I"), (b"co64", ">Q")])
def test_a_table_at_the_front_names_places_that_are_its_own_length_further_on(kind: bytes, form: str) -> None:
    def table(places: list[int]) -> bytes:
        return box(kind, struct.pack(">II", 0, len(places)) + b"".join(struct.pack(form, place) for place in places))

    before = movie(table([40, 5000]))
    assert front(before) == movie(table([40 + len(before), 5000 + len(before)]))


def test_a_table_that_cannot_say_it_is_refused() -> None:
    full = movie(box(b"stco", struct.pack(">III", 0, 1, 0xFFFF_FFF0)))
    with pytest.raises(BoxError, match="4 GiB"):
        front(full)


@pytest.mark.parametrize(
    "bytes_",
    [b"abc", struct.pack(">I4s", 7, b"moov"), struct.pack(">I4s", 100, b"moov"), struct.pack(">I4s", 1, b"moov")],
)
def test_what_is_no_box_is_refused(bytes_: bytes) -> None:
    with pytest.raises(BoxError):
        list(boxes(bytes_))


def test_parameter_sets_get_the_lengths_that_samples_have() -> None:
    sets = b"\xe1\x00\x03\x67AB" + b"\x01\x00\x02\x68C"
    good = b"\x01\x42\xe0\x1f\xff" + sets
    assert parameter_sets(good) == b"\x00\x00\x00\x03\x67AB\x00\x00\x00\x02\x68C"
    for bad in (b"", b"\x00" + good[1:], good[:4] + b"\xfd" + good[5:], good[:-1], good[:7]):
        with pytest.raises(BoxError):
            parameter_sets(bad)
