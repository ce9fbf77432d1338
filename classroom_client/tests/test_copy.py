from pathlib import Path

import pytest

from classroom_client.devices.copy import SmallCopy
from classroom_client.devices.file import FileSource


@pytest.mark.parametrize(
    ("name", "skipped", "expected"), [("teacher", 0, (0, 2)), ("teacher", 7, (25, 27)), ("courseware", 0, (0, 1))]
)
def test_a_copy_is_small_thin_and_in_step_from_a_keyframe_on(
    clips: Path, name: str, skipped: int, expected: tuple[int, int]
) -> None:
    source, small = FileSource(clips / f"{name}.mp4", "video"), SmallCopy()
    pieces = [source.next() for _ in range(50)][skipped:]
    source.close()
    copied = [(piece, frame) for piece in pieces if (frame := small.frame(piece)) is not None]
    assert {(frame.width, frame.height) for _, frame in copied} == {(640, 360)}
    assert tuple(piece.position.frame for piece, _ in copied)[:2] == expected
    assert [frame.pts for _, frame in copied] == [piece.position.ticks for piece, _ in copied]
