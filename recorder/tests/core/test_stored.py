"""recorder.core.stored"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.core.form import FormatError
from recorder.core.stored import StoredFile, StoredTake, objects_of, read_stored, stretches, write_stored
from recorder.tests.story import LESSON, TAKE

KEY = b"k" * 32
FOLDER = f"takes/{LESSON}/{TAKE}"
LONG = StoredFile("derived/film.mp4.sealed", 25, "ff" * 32, ("aa" * 32, "bb" * 32, "cc" * 32))
SHORT = StoredFile("manifest.json", 7, "ee" * 32)
STORED = StoredTake(LESSON, TAKE, 10, (LONG, SHORT))


def test_a_list_is_read_as_it_was_written_and_no_other() -> None:
    text = write_stored(KEY, STORED)
    assert read_stored(KEY, text) == STORED
    with pytest.raises(FormatError, match="signature is wrong"):
        read_stored(KEY, text.replace(b'"size":25', b'"size":24'))
    with pytest.raises(FormatError, match="signature is wrong"):
        read_stored(b"x" * 32, text)
    with pytest.raises(FormatError, match="no JSON"):
        read_stored(KEY, b"<Error>")


def test_parts_are_named_by_their_place_and_content() -> None:
    assert [name for name, _ in objects_of(FOLDER, LONG)] == [
        f"{FOLDER}/derived/film.mp4.sealed/00001-{'a' * 16}",
        f"{FOLDER}/derived/film.mp4.sealed/00002-{'b' * 16}",
        f"{FOLDER}/derived/film.mp4.sealed/00003-{'c' * 16}",
    ]
    assert objects_of(FOLDER, SHORT) == ((f"{FOLDER}/manifest.json", "ee" * 32),)
    assert len(STORED.objects()) == 5 and f"{FOLDER}/stored.json" in STORED.objects()


@given(st.integers(0, 30), st.integers(0, 40))
def test_any_place_is_found_in_the_parts(offset: int, length: int) -> None:
    content = bytes(range(25))
    objects = {name: content[i * 10 : i * 10 + 10] for i, (name, _) in enumerate(objects_of(FOLDER, LONG))}
    found = [objects[each.object][each.start : each.end] for each in stretches(STORED, LONG, offset, length)]
    assert b"".join(found) == content[offset : offset + length] and b"" not in found


def test_a_file_that_has_had_its_time_is_not_named_any_more() -> None:
    assert STORED.without([LONG.name]) == replace(STORED, files=(SHORT,))
    assert STORED.file("manifest.json") == SHORT
    with pytest.raises(FileNotFoundError, match=r"film.mp4.sealed is not in the store"):
        STORED.without([LONG.name]).file(LONG.name)
