"""recorder.core.keys"""

import pytest

from recorder.core.form import FormatError
from recorder.core.keys import MasterKey, WrongMaster, unwrap, wrap, wrapped_anew
from recorder.tests.story import KEY, LESSON, MASTER
from signaling.messages.ids import LessonId


def test_a_wrapped_key_comes_back() -> None:
    assert unwrap(MASTER, LESSON, wrap(MASTER, LESSON, KEY)) == KEY


def test_another_master_is_told_by_name() -> None:
    other = MasterKey(bytes(32))
    words = f"wrapped by master key {MASTER.name}, and {other.name} is configured; .* old_master_keys"
    with pytest.raises(WrongMaster, match=words):
        unwrap(other, LESSON, wrap(MASTER, LESSON, KEY))


def test_a_former_master_opens_what_it_wrapped_and_is_not_needed_once_that_is_wrapped_anew() -> None:
    new = MasterKey(bytes(32))
    both, before = MasterKey(new.secret, (MASTER.secret,)), wrap(MASTER, LESSON, KEY)
    assert unwrap(both, LESSON, before) == KEY
    after = wrapped_anew(both, LESSON, before)
    assert after is not None and unwrap(new, LESSON, after) == KEY
    assert wrapped_anew(both, LESSON, after) is None, "once is enough"
    assert both.tombstone_keys == (new.tombstone_key, MASTER.tombstone_key)


def test_a_key_of_another_lesson_is_refused() -> None:
    with pytest.raises(FormatError, match=f"it belongs to {LESSON}"):
        unwrap(MASTER, LessonId("Lother"), wrap(MASTER, LESSON, KEY))


def test_a_damaged_key_says_so() -> None:
    text = wrap(MASTER, LESSON, KEY)
    place = text.index(b'"wrapped":"') + 12
    flipped = text[:place] + (b"0" if text[place : place + 1] != b"0" else b"1") + text[place + 1 :]
    with pytest.raises(FormatError, match="damaged; restore key.json"):
        unwrap(MASTER, LESSON, flipped)


def test_each_purpose_has_its_own_key() -> None:
    derived = {KEY.index_key, KEY.manifest_key, KEY.file_key(b"a" * 16), KEY.file_key(b"b" * 16), MASTER.tombstone_key}
    assert len(derived) == 5 and KEY.secret not in derived


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33])
def test_a_wrong_master_key_says_how_to_make_one(text: str) -> None:
    with pytest.raises(ValueError, match="openssl rand -hex 32"):
        MasterKey.from_hex(text)
