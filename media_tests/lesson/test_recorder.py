"""A lesson recorded by the recorder's own process, killed in its midst: what was sent can be watched."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import av

from media_tests.lesson.classrooms import LEAD, LEAD_FILES, classrooms
from media_tests.lesson.system import MASTER_KEY, System, running_system
from recorder.core.keys import MasterKey
from recorder.core.manifest import Manifest, read_manifest
from recorder.core.names import take_folder
from recorder.disk.files import Disk
from recorder.disk.sealed import SealedReader
from recorder.disk.take_files import INDEX, MANIFEST, lesson_key
from signaling.messages.client import TakenSource, Taking
from signaling.messages.ids import LessonId

PATIENCE_S = 60.0


async def until(holds: Callable[[], bool], system: System) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(system.logs()) from None


def recorded(root: Path, lesson: LessonId) -> tuple[Manifest, dict[int, int]]:
    """The manifest, and how many frames each segment decodes to."""
    key = lesson_key(Disk(), root, lesson, MasterKey.from_hex(MASTER_KEY))
    (take,) = [name for name in Disk().names(root / "takes" / lesson) if name.startswith("K")]
    folder = root / "takes" / lesson / take
    manifest = read_manifest(key.manifest_key, (folder / MANIFEST).read_bytes())
    assert str(folder).endswith(take_folder(manifest.lesson, manifest.take))
    decoded = {}
    for segment in manifest.segments:
        with av.open(BytesIO(SealedReader(folder / segment.file, key).read()), "r") as container:
            decoded[int(segment.segment)] = sum(1 for _ in container.decode(container.streams[0]))
    return manifest, decoded


def safe(root: Path, lesson: str, cause: str) -> int:
    """How many segments begun for this cause have two fragments on the disk."""
    (index,) = root.glob(f"takes/{lesson}/K*/{INDEX}")
    # The last line may be half written while it is read.
    told = [json.loads(line) for line in index.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    begun = {record["segment"] for record in told if record["type"] == "segment_opened" and record["cause"] == cause}
    fragments = Counter(record["segment"] for record in told if record["type"] == "fragment_written")
    return sum(1 for segment in begun if fragments[segment] >= 2)


async def test_a_lesson_is_recorded_though_the_recorder_is_killed(tmp_path: Path) -> None:
    async with running_system(tmp_path, recorder=True) as system, classrooms(system, 1) as lesson:
        await system.recorder.start()
        lead = await lesson.add("lead", LEAD, LEAD_FILES)

        def states() -> dict[str, TakenSource]:
            told = [message for message in lead.messages if isinstance(message, Taking)]
            return {state.source: state for state in told[-1].sources} if told else {}

        def all_recording() -> bool:
            return {name for name, one in states().items() if one.state == "recording"} == set(LEAD_FILES)

        await until(all_recording, system)
        root = tmp_path / "recordings"
        await until(lambda: safe(root, lesson.lesson, "opened") == len(LEAD_FILES), system)
        await system.recorder.kill()
        await system.recorder.start()
        await until(lambda: safe(root, lesson.lesson, "resumed") == len(LEAD_FILES), system)
        await system.post(f"/api/lessons/{lesson.lesson}/end")
        await until(lambda: bool(list(root.glob(f"takes/{lesson.lesson}/K*/{MANIFEST}"))), system)
        manifest, decoded = recorded(root, LessonId(lesson.lesson))
    assert manifest.state == "closed" and len(manifest.software) == 2
    assert {track.source for track in manifest.tracks} == set(LEAD_FILES)
    for track in manifest.tracks:
        segments = [segment for segment in manifest.segments if segment.track == track.track]
        assert {segment.cause for segment in segments} >= {"opened", "resumed"}
        assert sum(decoded[segment.segment] for segment in segments) == sum(s.frames for s in segments) > 5
        assert "recorder_restarted" in [gap.cause for gap in manifest.gaps if gap.track == track.track]
