"""recorder.core.manifest"""

import hmac
import json

import pytest

from recorder.core.form import FormatError, canonical
from recorder.core.index import IndexTip, lines
from recorder.core.manifest import Gap, Manifest, folded, read_manifest, write_manifest
from recorder.core.names import SegmentNumber
from recorder.core.records import GapStarted, SegmentClosed
from recorder.tests.story import KEY, LESSON, POLICY, RECORDS, SOFTWARE, TAKE, TRACK, at


def story() -> Manifest:
    return folded(RECORDS, lines(KEY.index_key, IndexTip(), RECORDS)[1])


def test_the_fold_says_what_the_index_amounts_to() -> None:
    found = story()
    assert (found.take, found.lesson, found.policy) == (TAKE, LESSON, POLICY)
    assert (found.state, found.reason, found.duration_us) == ("closed", "the lesson has ended", at(5000))
    assert found.software == (SOFTWARE, SOFTWARE)
    assert found.gaps == (
        Gap(TRACK, at(0), at(100), "absent"),
        Gap(TRACK, at(2100), None, "recorder_restarted"),
    )
    (segment,) = found.segments
    assert (segment.start_us, segment.end_us, segment.frames, segment.fragments) == (at(100), at(2100), 50, 2)
    assert (segment.sealed_bytes, segment.sha256, segment.salvaged) == (170_900, "ab" * 32, True)
    assert [mark.label for mark in found.marks] == ["floor_given"]


def test_a_new_cause_ends_the_old_gap() -> None:
    more = (*RECORDS, GapStarted(TRACK, at(6000), "muted"))
    assert folded(more, IndexTip()).gaps[1:] == (
        Gap(TRACK, at(2100), at(6000), "recorder_restarted"),
        Gap(TRACK, at(6000), None, "muted"),
    )


def test_what_was_written_is_read_and_its_signature_checked() -> None:
    assert read_manifest(KEY.manifest_key, write_manifest(KEY.manifest_key, story())) == story()
    assert read_manifest(None, write_manifest(KEY.manifest_key, story())) == story()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "another", "the signature is wrong"),
        ("version", 3, "version 3, and this program reads up to 2"),
        ("format", "mp4", "no three-classrooms take"),
        ("signature", None, "the signature is wrong"),
    ],
)
def test_a_changed_manifest_is_refused(field: str, value: object, sentence: str) -> None:
    data = json.loads(write_manifest(KEY.manifest_key, story())) | {field: value}
    with pytest.raises(FormatError, match=sentence):
        read_manifest(KEY.manifest_key, json.dumps(data).encode())


def test_an_unknown_field_is_named() -> None:
    data = json.loads(write_manifest(KEY.manifest_key, story())) | {"mood": "good"}
    with pytest.raises(FormatError, match="manifest: mood"):
        read_manifest(None, json.dumps(data).encode())


def test_records_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(FormatError, match="index line 2: .* never opened"):
        folded((RECORDS[0], SegmentClosed(SegmentNumber(9), 1, "")), IndexTip())
    with pytest.raises(FormatError, match="begins with take_opened"):
        folded(RECORDS[1:], IndexTip())
    with pytest.raises(FormatError, match="a second take_opened"):
        folded((*RECORDS, RECORDS[0]), IndexTip())


def test_a_manifest_of_the_first_version_is_read() -> None:
    data = json.loads(write_manifest(KEY.manifest_key, story())) | {"version": 1}
    del data["about"], data["signature"], data["marks"][0]["classroom"]
    signed = data | {"signature": hmac.digest(KEY.manifest_key, canonical(data), "sha256").hex()}
    assert read_manifest(KEY.manifest_key, canonical(signed)) == story()
