"""What a test waits for while a lesson is recorded: what the screens say, and what has reached the disk."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from media_tests.lesson.classrooms import Classroom
from recorder.disk.take_files import INDEX, MANIFEST
from signaling.messages.client import TakenSource, Taking
from signaling.messages.ids import SeatId, Source


def told(classroom: Classroom) -> Mapping[tuple[SeatId, Source], TakenSource]:
    """What a screen was told last of each source."""
    last = next((each for each in reversed(classroom.messages) if isinstance(each, Taking)), None)
    return {} if last is None else {(one.seat, one.source): one for one in last.sources}


def all_recording(lead: Classroom, sources: Collection[Source]) -> bool:
    """The lead's screen says that all these of its own are recorded."""
    states = told(lead)
    return all((one := states.get((lead.seat, source))) is not None and one.state == "recording" for source in sources)


def finished(root: Path, lesson: str) -> bool:
    return bool(list(root.glob(f"takes/{lesson}/K*/{MANIFEST}")))


def fragments(root: Path, lesson: str) -> Counter[str]:
    """How many fragments of each source the index names."""
    found: Counter[str] = Counter()
    for lines in _indexes(root, lesson):
        source = {
            each["segment"]: each["track"].rpartition(":")[2] for each in lines if each["type"] == "segment_opened"
        }
        found.update(source[each["segment"]] for each in lines if each["type"] == "fragment_written")
    return found


def courseware_marks(root: Path, lesson: str) -> list[str]:
    """What the index says of courseware, in order: it was `started` or `ended`."""
    marks = [each["label"] for lines in _indexes(root, lesson) for each in lines if each["type"] == "marked"]
    return [label.removeprefix("courseware_") for label in marks if label.startswith("courseware_")]


def _indexes(root: Path, lesson: str) -> Iterator[list[dict[str, Any]]]:
    for index in root.glob(f"takes/{lesson}/K*/{INDEX}"):
        # The last line may be half written while it is read.
        yield [json.loads(line) for line in index.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
