"""recorder.core.names"""

import pytest

from recorder.core.names import SegmentNumber, TakeId, derived_file, key_object, segment_file, take_folder
from recorder.tests.story import LESSON, TAKE, TRACK
from signaling.messages.ids import LessonId, TrackId


def test_objects_are_where_the_format_says() -> None:
    assert take_folder(LESSON, TAKE) == "takes/L0123456789/K0123456789"
    assert key_object(LESSON) == "takes/L0123456789/key.json"
    assert segment_file(SegmentNumber(3), TRACK, "h264") == "segments/0003-S0123456789-teacher.mp4.sealed"
    assert segment_file(SegmentNumber(4), TrackId(f"{TRACK}:vp8"), "vp8").endswith("-teacher-vp8.webm.sealed")
    assert derived_file("combined", "mp4") == "derived/combined.mp4.sealed"


@pytest.mark.parametrize("name", ["", "..", "a/b", "L 1", "L\n", "课", "x" * 65])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(ValueError, match="is no name"):
        take_folder(LessonId(name), TakeId("K1"))
    with pytest.raises(ValueError, match="is no name"):
        segment_file(SegmentNumber(1), TrackId(f"S1:{name}"), "opus")
