"""recorder.disk.sealed and recorder.core.seal"""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.core.form import FormatError
from recorder.core.seal import HEADER, MAX_CHUNK, OVERHEAD, Header, Opener, Sealer, read_header
from recorder.disk.files import Disk
from recorder.disk.sealed import SealedReader, SealedWriter
from recorder.tests.story import KEY, MASTER

PLAIN = bytes(range(256)) * 700


def whole(path: Path, plain: bytes, chunk_bytes: int = 1000) -> Path:
    writer = SealedWriter(Disk(), path, KEY, chunk_bytes)
    for start in range(0, len(plain), 777):
        writer.write(plain[start : start + 777])
    writer.close()
    return path


def uneven(path: Path, pieces: list[bytes]) -> Path:
    sealer = Sealer(KEY, Header(b"f" * 16))
    path.write_bytes(sealer.header + b"".join(sealer.seal(piece) for piece in pieces))
    return path


@pytest.mark.parametrize("length", [0, 1, 999, 1000, 1001, 20_000])
def test_a_whole_file_is_read_back(tmp_path: Path, length: int) -> None:
    reader = SealedReader(whole(tmp_path / "x", PLAIN[:length]), KEY)
    assert reader.size == length and reader.read() == PLAIN[:length]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 30_000), st.integers(0, 5000), st.booleans())
def test_any_place_is_read(tmp_path_factory: pytest.TempPathFactory, offset: int, length: int, even: bool) -> None:
    path = tmp_path_factory.mktemp("sealed") / "x"
    plain = PLAIN[:20_500]
    made = whole(path, plain) if even else uneven(path, [plain[:1], plain[1:9000], plain[9000:9500], plain[9500:]])
    assert SealedReader(made, KEY).read(offset, length) == plain[offset : offset + length]


def test_nothing_plain_is_on_the_disk(tmp_path: Path) -> None:
    text = "老师好".encode() * 300
    assert "老师".encode() not in whole(tmp_path / "x", text).read_bytes()


def test_chunks_changed_moved_or_of_another_key_are_refused(tmp_path: Path) -> None:
    path = whole(tmp_path / "x", PLAIN[:5000])
    good, step = path.read_bytes(), 1000 + OVERHEAD
    first, second = good[HEADER.size : HEADER.size + step], good[HEADER.size + step : HEADER.size + 2 * step]
    flipped = bytearray(good)
    flipped[HEADER.size + 100] ^= 1
    renamed = bytearray(good)
    renamed[HEADER.size - 1] ^= 1
    for wrong in (
        bytes(flipped),
        good[: HEADER.size] + second + first + good[HEADER.size + 2 * step :],
        bytes(renamed),
    ):
        path.write_bytes(wrong)
        with pytest.raises(FormatError, match="chunk 0 was changed"):
            SealedReader(path, KEY).read()
    path.write_bytes(good)
    with pytest.raises(FormatError, match="another key"):
        SealedReader(path, type(KEY)(MASTER.secret)).read()


def test_no_two_chunks_share_key_and_nonce() -> None:
    sealer = Sealer(KEY, Header(b"f" * 16))
    same = [sealer.seal(b"same") for _ in range(3)]
    other = Sealer(KEY, Header(b"g" * 16)).seal(b"same")
    assert len({*same, other}) == 4


def test_a_large_piece_becomes_several_chunks() -> None:
    sealer = Sealer(KEY, Header(b"f" * 16))
    sealed = sealer.seal(bytes(MAX_CHUNK + 5))
    assert len(sealed) == MAX_CHUNK + 5 + 2 * OVERHEAD
    opener = Opener(KEY, sealer.header)
    assert opener.open(1, sealed[MAX_CHUNK + OVERHEAD :]) == bytes(5)


def test_a_cut_file_is_read_as_far_as_it_is_named(tmp_path: Path) -> None:
    path = uneven(tmp_path / "x", [b"one", b"two", b"three"])
    named = HEADER.size + 2 * (3 + OVERHEAD)
    path.write_bytes(path.read_bytes()[:-1])
    assert SealedReader(path, KEY, sealed_bytes=named).read() == b"onetwo"
    with pytest.raises(FormatError, match="salvage the take first"):
        SealedReader(path, KEY)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (b"", "0 bytes, shorter"),
        (b"x" * 32, "does not begin as one"),
        (HEADER.pack(b"3CSEALED", 2, 0, 0, b"f" * 16), "version 2"),
        (HEADER.pack(b"3CSEALED", 1, 0, MAX_CHUNK + 1, b"f" * 16), "chunks of 1048577"),
    ],
)
def test_what_is_no_sealed_file_is_refused(header: bytes, sentence: str) -> None:
    with pytest.raises(FormatError, match=sentence):
        read_header(header)
