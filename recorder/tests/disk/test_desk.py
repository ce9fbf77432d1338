"""recorder.disk.desk, with its real thread"""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic, monotonic_ns, sleep

from structlog.testing import capture_logs

from recorder.core.intake import Intake
from recorder.core.manifest import Manifest, read_manifest
from recorder.core.names import take_folder
from recorder.core.space import MIB, SpaceRules
from recorder.core.timeline import NodeTime
from recorder.disk.desk import ASLEEP_US, Desk, Step
from recorder.disk.files import Disk, Written
from recorder.disk.recording import Ask, Moment, Recording, Shelf
from recorder.disk.take_files import MANIFEST, lesson_key
from recorder.tests.disk.test_recording import POLICY
from recorder.tests.lesson import Microphone
from recorder.tests.story import LESSON, MASTER, SEAT, SOFTWARE, TAKE
from signaling.messages.ids import track_id

PATIENCE_S = 60.0


class SlowDisk(Disk):
    """Sleeps in `create` and `sync` until it is told to go on."""

    def __init__(self) -> None:
        self.awake, self.sleeps = threading.Event(), threading.Event()
        self.awake.set()

    def create(self, path: Path) -> Written:
        self.wait()
        return SlowFile(self, super().create(path))

    def wait(self) -> None:
        if not self.awake.is_set():
            self.sleeps.set()
        assert self.awake.wait(PATIENCE_S)


class SlowFile:
    def __init__(self, disk: SlowDisk, file: Written) -> None:
        self._disk, self._file = disk, file
        self.write, self.close = file.write, file.close

    def sync(self) -> None:
        self._disk.wait()
        self._file.sync()


def moment() -> Moment:
    return Moment(NodeTime(monotonic_ns() // 1000), 1_790_000_000_000, "boot")


def desk(disk: Disk, root: Path, most_bytes: int = 1 << 20, now: Callable[[], Moment] = moment) -> Desk:
    return served(disk, root, Intake(most_bytes), now)


def served(disk: Disk, root: Path, intake: Intake[Step], now: Callable[[], Moment] = moment) -> Desk:
    shelf = Shelf(disk, root, MASTER, SpaceRules(MIB, 1), SOFTWARE)
    made = Desk(Recording(shelf, Ask(LESSON, "分数", POLICY, TAKE), now()), now, intake)
    made.step(lambda recording, at: recording.track_started(SEAT, "三(2)班", "teacher_mic", at))
    return made


def until(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE_S
    while not holds():
        assert monotonic() < deadline
        sleep(0.01)


def speak(to: Desk, microphone: Microphone, count: int) -> None:
    for _ in range(count):
        frame = microphone.frame(moment().now)
        assert frame is not None
        to.frames([frame])
        sleep(0.002)


def manifest(disk: Disk, root: Path) -> Manifest:
    key = lesson_key(disk, root, LESSON, MASTER)
    return read_manifest(key.manifest_key, disk.read(root / take_folder(LESSON, TAKE) / MANIFEST))


def test_what_is_put_on_the_desk_is_on_the_disk_when_it_ends(tmp_path: Path) -> None:
    made = desk(Disk(), tmp_path)
    speak(made, Microphone(track_id(SEAT, "teacher_mic")), 50)
    until(lambda: any(state == "recording" for _, _, state, _ in made.shown()))
    made.end("the lesson has ended")
    assert made.join(PATIENCE_S)
    found = manifest(Disk(), tmp_path)
    assert found.state == "closed" and sum(segment.frames for segment in found.segments) == 50
    assert {state for _, _, state, _ in made.shown()} == {"failed"}


def test_a_disk_that_sleeps_holds_up_nobody_and_its_loss_is_a_gap(tmp_path: Path) -> None:
    disk = SlowDisk()
    made = desk(disk, tmp_path, most_bytes=4_000)
    until(lambda: bool(made.shown()))
    disk.awake.clear()
    microphone = Microphone(track_id(SEAT, "teacher_mic"))
    speak(made, microphone, 60)
    disk.awake.set()

    def recording_again() -> bool:
        speak(made, microphone, 1)
        return any(state == "recording" for _, _, state, _ in made.shown())

    until(recording_again)
    made.end("the lesson has ended")
    assert made.join(PATIENCE_S)
    assert "disk_slow" in [gap.cause for gap in manifest(disk, tmp_path).gaps]


def test_a_disk_that_sleeps_is_said_to_be_slow_before_anything_is_lost(tmp_path: Path) -> None:
    disk, microphone, ahead_us = SlowDisk(), Microphone(track_id(SEAT, "teacher_mic")), 0

    def later() -> Moment:
        return replace(moment(), now=NodeTime(moment().now + ahead_us))

    def says(wanted: str) -> bool:
        speak(made, microphone, 1)
        return wanted in [state for _, _, state, _ in made.shown()]

    made = desk(disk, tmp_path, now=later)
    until(lambda: says("recording"))
    disk.awake.clear()

    def asleep() -> bool:
        speak(made, microphone, 1)
        return disk.sleeps.is_set()

    until(asleep)
    ahead_us = ASLEEP_US
    ((_, _, state, why),) = made.shown()
    assert state != "recording" and why
    ahead_us = 0
    disk.awake.set()
    until(lambda: says("recording"))
    made.end("the lesson has ended")
    assert made.join(PATIENCE_S)
    assert "disk_slow" not in [gap.cause for gap in manifest(disk, tmp_path).gaps]


def test_a_process_that_ends_has_written_what_it_held_and_says_so(tmp_path: Path) -> None:
    made = desk(Disk(), tmp_path)
    speak(made, Microphone(track_id(SEAT, "teacher_mic")), 20)
    with capture_logs() as said:
        made.close()
        assert made.join(PATIENCE_S) and made.whole
    assert [(one["event"], one["whole"]) for one in said] == [("take_left", True)]
    again = desk(Disk(), tmp_path)
    again.end("the lesson has ended")
    assert again.join(PATIENCE_S) and again.whole
    found = manifest(Disk(), tmp_path)
    assert len(found.software) == 2 and not any(segment.salvaged for segment in found.segments)
    assert sum(segment.frames for segment in found.segments) == 20
