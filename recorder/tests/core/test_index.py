"""recorder.core.index"""

import json

import pytest

from recorder.core.form import FormatError, canonical
from recorder.core.index import START, IndexTip, chained, line, lines, read_index, salvage_index
from recorder.core.records import RECORD
from recorder.tests.story import KEY, RECORDS


def written() -> bytes:
    return lines(KEY.index_key, IndexTip(), RECORDS)[0]


def test_what_was_written_is_read() -> None:
    read = read_index(KEY.index_key, written())
    assert read.records == RECORDS
    assert (read.tip.lines, read.good_bytes) == (len(RECORDS), len(written()))


def test_the_next_line_is_chained_to_the_last() -> None:
    data, tip = lines(KEY.index_key, IndexTip(), RECORDS[:3])
    more, _ = line(KEY.index_key, tip, RECORDS[3])
    assert read_index(KEY.index_key, data + more).records == RECORDS[:4]


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_torn_last_line_is_dropped(cut: int) -> None:
    whole = written()
    read = read_index(KEY.index_key, whole[:-cut])
    assert read.records == RECORDS[:-1]
    assert whole[: read.good_bytes].endswith(b"\n")


@pytest.mark.parametrize("place", range(len(RECORDS) - 1))
def test_no_line_can_be_left_out(place: int) -> None:
    kept = written().splitlines(keepends=True)
    del kept[place]
    with pytest.raises(FormatError, match=f"index line {place + 1}"):
        read_index(KEY.index_key, b"".join(kept))


def test_no_line_can_be_changed() -> None:
    first, second, *rest = written().splitlines(keepends=True)
    data = json.loads(second)
    data["classroom"] = "another"
    forged = json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    with pytest.raises(FormatError, match="index line 2: the chain is broken"):
        read_index(KEY.index_key, b"".join([first, forged, *rest]))


def test_another_key_is_told() -> None:
    with pytest.raises(FormatError, match="the key is another one"):
        read_index(KEY.manifest_key, written())


def test_salvage_keeps_what_is_before_the_damage() -> None:
    good = written().splitlines(keepends=True)
    damaged = b"".join([*good[:4], b"\0" * 100 + b"\n", *good[5:]])
    read = salvage_index(KEY.index_key, damaged)
    assert read.records == RECORDS[:4] and read.damage.startswith("index line 5: no JSON")


def test_a_newer_version_is_refused_in_words() -> None:
    newer = written().replace(b'"version":2', b'"version":3')
    with pytest.raises(FormatError, match="version 3, and this program reads up to 2: update it"):
        read_index(KEY.index_key, newer)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [("at_us", "soon", "index line 2: .*at_us"), ("type", "magic", "index line 2: .*magic"), ("extra", 1, "extra")],
)
def test_a_wrong_field_is_named(field: str, value: object, sentence: str) -> None:
    data, tip = line(KEY.index_key, IndexTip(), RECORDS[0])
    data_of_two = json.loads(line(KEY.index_key, tip, RECORDS[1])[0])
    data_of_two.pop("chain")
    wrong = data_of_two | {field: value}
    wrong["chain"] = chained(KEY.index_key, tip.chain, canonical(wrong))
    with pytest.raises(FormatError, match=sentence):
        read_index(KEY.index_key, data + canonical(wrong) + b"\n")


def test_an_empty_index_has_no_records() -> None:
    assert read_index(KEY.index_key, b"").records == ()


def test_an_index_of_the_first_version_is_read() -> None:
    data = RECORD.fields(RECORDS[0]) | {"n": 1, "version": 1}
    assert data.pop("about") == {"school": "", "teacher": "", "classrooms": []}
    signed = canonical(data | {"chain": chained(KEY.index_key, START, canonical(data))}) + b"\n"
    assert read_index(KEY.index_key, signed).records == (RECORDS[0],)
