"""recorder.core.tombstone"""

from dataclasses import replace

import pytest

from recorder.core.form import FormatError
from recorder.core.tombstone import Tombstone, read_tombstone, write_tombstone
from recorder.tests.story import KEY, LESSON, MASTER, TAKE

STONE = Tombstone(TAKE, LESSON, 1, 2, ("teacher",), 3, 4, "ab" * 32, 5, "李主任", "term is over")


def test_a_tombstone_is_read_with_the_masters_key() -> None:
    assert read_tombstone(MASTER.tombstone_key, write_tombstone(MASTER.tombstone_key, STONE)) == STONE


def test_a_changed_or_foreign_tombstone_is_refused() -> None:
    text = write_tombstone(MASTER.tombstone_key, STONE)
    for wrong in (text.replace(b"term is over", b"no reason"), write_tombstone(KEY.secret, replace(STONE, files=9))):
        with pytest.raises(FormatError, match="the signature is wrong"):
            read_tombstone(MASTER.tombstone_key, wrong)
