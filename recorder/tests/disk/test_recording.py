"""recorder.disk.recording and left_over: a lesson on a disk that fails"""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from recorder.core.manifest import Manifest, read_manifest
from recorder.core.names import TakeId, take_folder
from recorder.core.records import Policy
from recorder.core.space import MIB, SpaceRules
from recorder.core.timeline import NodeTime
from recorder.disk.files import Files
from recorder.disk.left_over import close_left_over, left_over
from recorder.disk.recording import Ask, Moment, NoRoom, Recording, Shelf
from recorder.disk.sealed import SealedReader
from recorder.disk.take_files import MANIFEST, lesson_key
from recorder.tests.disk.power import FragileDisk, PowerCut
from recorder.tests.lesson import STEP_US, Camera, Microphone
from recorder.tests.playing import decoded
from recorder.tests.story import LESSON, MASTER, SEAT, SOFTWARE, TAKE
from signaling.messages.ids import Source

ROOT = Path("/recordings")
POLICY = Policy(("teacher", "teacher_mic"))
RULES = SpaceRules(reserve_bytes=MIB, lesson_s=60)
BEGAN = 50_000_000


@dataclass
class Room:
    """A lesson with one camera and one microphone, and the recorder's processes that come and go."""

    disk: FragileDisk = field(default_factory=FragileDisk)
    real: tuple[Files, Path] | None = None
    """A disk of the machine and where on it, in place of the fragile one."""
    now: int = BEGAN
    wall_ms: int = 1_790_000_000_000
    boot: str = "boot"

    def __post_init__(self) -> None:
        self.camera: Camera | None = None
        self.microphone: Microphone | None = None
        self.begin()

    @property
    def moment(self) -> Moment:
        return Moment(NodeTime(self.now), self.wall_ms, self.boot)

    @property
    def shelf(self) -> Shelf:
        return Shelf(*self.place, MASTER, RULES, SOFTWARE)

    @property
    def place(self) -> tuple[Files, Path]:
        return self.real or (self.disk, ROOT)

    def begin(self, take: TakeId = TAKE) -> None:
        self.recording = Recording(self.shelf, Ask(LESSON, "分数", POLICY, take), self.moment)
        picture = self.recording.track_started(SEAT, "三(2)班", "teacher", self.moment)
        sound = self.recording.track_started(SEAT, "三(2)班", "teacher_mic", self.moment)
        self.camera = self.camera or Camera(picture)
        self.microphone = self.microphone or Microphone(sound)

    def run(self, seconds: float, *, send: bool = True, together: int = 1) -> None:
        """So many steps of a lesson are decided before their orders are carried out."""
        for _ in range(round(seconds * 1_000_000 / STEP_US / together)):
            with self.recording.together(self.moment):
                for _ in range(together):
                    self._step(send)

    def _step(self, send: bool) -> None:
        assert self.camera and self.microphone
        if self.camera.track in self.recording.asked():
            self.camera.key()
        for sender in (self.camera, self.microphone):
            if send and (frame := sender.frame(NodeTime(self.now))):
                self.recording.frame(frame, self.moment)
        self.now, self.wall_ms = self.now + STEP_US, self.wall_ms + STEP_US // 1000
        if self.now % 240_000 == 0:
            self.recording.tick(self.moment)

    def states(self) -> set[str]:
        return {state for _, _, state, _ in self.recording.shown()}

    def manifest(self, take: TakeId = TAKE) -> Manifest:
        disk, root = self.place
        key = lesson_key(disk, root, LESSON, MASTER)
        return read_manifest(key.manifest_key, disk.read(root / take_folder(LESSON, take) / MANIFEST))

    def finished(self, take: TakeId = TAKE) -> Manifest:
        """The manifest, once every file has been read and decoded to its end."""
        disk, root = self.place
        folder = root / take_folder(LESSON, take)
        key = lesson_key(disk, root, LESSON, MASTER)
        manifest = self.manifest(take)
        for segment in manifest.segments:
            plain = SealedReader(folder / segment.file, key, files=disk).read()
            assert not segment.frames or len(decoded(plain)) == segment.frames
        return manifest


def causes(manifest: Manifest, source: Source) -> list[str]:
    return [gap.cause for gap in manifest.gaps if gap.track == f"{SEAT}:{source}"]


def test_a_lesson_from_beginning_to_end() -> None:
    room = Room()
    assert room.states() == {"waiting"}
    room.run(3)
    assert room.states() == {"recording"}
    assert room.recording.end(room.moment, "the lesson has ended")
    manifest = room.finished()
    assert manifest.state == "closed" and {segment.frames for segment in manifest.segments} == {75, 150}
    assert left_over(room.shelf) == []


def test_a_process_that_was_killed_is_followed_by_one_that_goes_on() -> None:
    room = Room()
    room.run(3.1)
    room.now, room.wall_ms = room.now + 2_000_000, room.wall_ms + 700_000
    room.begin(TakeId("Kanother"))
    room.run(2)
    room.recording.end(room.moment, "the lesson has ended")
    manifest = room.finished()
    assert room.recording.take_name == TAKE and len(manifest.software) == 2
    sound = [segment for segment in manifest.segments if segment.codec == "opus"]
    assert [segment.cause for segment in sound] == ["opened", "resumed"] and sound[0].salvaged
    assert 3_100_000 - sound[0].end_us <= 1_300_000 and sound[1].start_us == 5_100_000
    assert causes(manifest, "teacher_mic") == ["absent", "recorder_restarted", "absent"]


def test_what_a_stopped_process_held_is_safe_even_if_the_power_goes_then() -> None:
    room = Room()
    room.run(3.34)
    assert room.recording.leave(room.moment)
    room.recording.close()
    room.disk = room.disk.after_power_cut(5)
    room.now, room.wall_ms = room.now + 2_000_000, room.wall_ms + 2_000
    room.begin(TakeId("Kanother"))
    room.run(1)
    room.recording.end(room.moment, "the lesson has ended")
    manifest = room.finished()
    assert not any(segment.salvaged for segment in manifest.segments)
    stopped = {segment.track: segment for segment in manifest.segments if segment.cause == "opened"}
    assert {track: segment.frames for track, segment in stopped.items()} == {
        f"{SEAT}:teacher": 84,
        f"{SEAT}:teacher_mic": 167,
    }
    assert causes(manifest, "teacher_mic") == ["absent", "recorder_restarted", "absent"]


def test_a_stopped_process_says_if_its_disk_did_not_take_all() -> None:
    room = Room()
    room.run(2.5)
    room.disk.room = 0
    assert not room.recording.leave(room.moment) and room.recording.trouble == "The disk is full."


def test_a_power_cut_at_any_step_of_batches_costs_two_seconds_at_most() -> None:
    whole = Room()
    before, losses = whole.disk.steps, list[int]()
    whole.run(4, together=5)
    for steps in range(before, whole.disk.steps):
        room = Room(FragileDisk(steps))
        with pytest.raises(PowerCut):
            room.run(4, together=5)
        cut, room.disk = room.now, room.disk.after_power_cut(steps)
        room.now, room.wall_ms = room.now + 5_000_000, room.wall_ms + 5_000
        room.begin()
        assert room.recording.end(room.moment, "the lesson has ended")
        losses += [cut - BEGAN - gap.start_us for gap in room.manifest().gaps if gap.cause == "recorder_restarted"]
    assert len(losses) > 20 and max(losses) <= 2_000_000


def test_after_a_power_cut_and_a_boot_it_goes_on_by_the_wall_clock() -> None:
    room = Room()
    room.run(3)
    room.disk = room.disk.after_power_cut(4)
    room.now, room.boot, room.wall_ms = 1_000_000, "next boot", room.wall_ms + 30_000
    room.begin()
    room.run(2)
    room.recording.end(room.moment, "the lesson has ended")
    manifest = room.finished()
    assert [segment.start_us for segment in manifest.segments if segment.cause == "resumed"] == [33_000_000] * 2


@pytest.mark.parametrize("bytes_more", [0, 1, 900, 30_000])
def test_a_disk_that_is_suddenly_full_is_a_gap_and_is_gone_on_with(bytes_more: int) -> None:
    room = Room()
    room.run(2.5)
    held, room.disk.room = room.disk.room, bytes_more
    room.disk.free_bytes = lambda path: MIB  # type: ignore[method-assign]  # as a quota hides it
    room.run(3)
    assert room.states() == {"failed"} and room.recording.trouble == "The disk is full."
    del room.disk.free_bytes
    room.disk.room = held
    room.run(3)
    assert room.states() == {"recording"}
    room.recording.end(room.moment, "the lesson has ended")
    manifest = room.finished()
    for source in ("teacher", "teacher_mic"):
        assert "disk_full" in causes(manifest, source)
    assert manifest.duration_us == pytest.approx(8_500_000, abs=50_000)


def test_a_disk_that_gets_full_is_left_alone_before_it_is() -> None:
    room = Room()
    room.run(2)
    held, room.disk.room = room.disk.room, MIB - 1
    room.run(1)
    assert room.states() == {"failed"} and "are never used" in room.recording.shown()[0][3]
    left = room.disk.room
    room.run(3)
    assert room.disk.room == left, "nothing is written into the reserve"
    room.disk.room = held
    room.run(2)
    assert room.states() == {"recording"}
    room.recording.end(room.moment, "the lesson has ended")
    assert "disk_full" in causes(room.finished(), "teacher")


def test_a_disk_that_is_too_slow_is_a_gap() -> None:
    room = Room()
    room.run(2)
    room.recording.overflowed(room.moment)
    assert room.states() == {"failed"}
    room.run(2)
    assert room.states() == {"recording"}
    room.recording.end(room.moment, "the lesson has ended")
    manifest = room.finished()
    gaps = [gap for gap in manifest.gaps if gap.cause == "disk_slow"]
    assert len(gaps) == 2 and all(gap.end_us and gap.end_us - gap.start_us <= 400_000 for gap in gaps)


def test_a_disk_that_is_full_at_the_end_is_asked_again() -> None:
    room = Room()
    room.run(2)
    held, room.disk.room = room.disk.room, 0
    assert not room.recording.end(room.moment, "the lesson has ended")
    room.now += 2_000_000
    assert not room.recording.end(room.moment, "the lesson has ended")
    room.disk.room, room.now = held, room.now + 2_000_000
    assert room.recording.end(room.moment, "the lesson has ended")
    assert room.finished().state == "closed"


def test_a_lesson_is_not_begun_where_it_would_not_fit() -> None:
    disk = FragileDisk(room=20 * MIB)
    with pytest.raises(NoRoom, match="this lesson may need 19 MiB, and 19 MiB of the 20 MiB"):
        Recording(Shelf(disk, ROOT, MASTER, RULES, SOFTWARE), Ask(LESSON, "", POLICY, TAKE), Moment(NodeTime(0), 0, ""))
    assert not disk.contents


def test_a_silent_lesson_is_never_shown_as_recording() -> None:
    room = Room()
    room.run(4, send=False)
    assert room.states() == {"waiting"}
    room.run(1)
    room.run(2.6, send=False)
    assert room.states() == {"waiting"}


def test_a_pause_outlives_a_disk_failure() -> None:
    room = Room()
    room.run(1)
    room.recording.paused(True, room.moment)
    held, room.disk.room = room.disk.room, 0
    room.recording.track_heard(room.recording.track_started(SEAT, "", "teacher", room.moment), True, room.moment)
    room.recording.paused(False, room.moment)
    room.recording.paused(True, room.moment)
    room.disk.room = held
    room.run(3)
    assert room.states() == {"paused"}


def test_what_was_left_is_closed_when_its_lesson_is_over() -> None:
    room = Room()
    room.run(2)
    room.now += 10_000_000
    assert left_over(room.shelf) == [(LESSON, TAKE)]
    close_left_over(room.shelf, LESSON, TAKE, room.moment)
    manifest = room.finished()
    assert manifest.reason == "the recorder was not there when the lesson ended" and left_over(room.shelf) == []


def test_a_take_that_lacks_only_its_manifest_gets_it() -> None:
    room = Room()
    room.run(1)
    room.recording.end(room.moment, "the lesson has ended")
    del room.disk.contents[ROOT / take_folder(LESSON, TAKE) / MANIFEST]
    close_left_over(room.shelf, LESSON, TAKE, room.moment)
    assert room.finished().reason == "the lesson has ended" and len(room.finished().software) == 1


def test_takes_of_several_lessons_follow_each_other_at_once() -> None:
    room = Room()
    room.run(1)
    room.recording.end(room.moment, "the lesson has ended")
    room.begin(TakeId("Ksecond"))
    room.run(1)
    room.recording.end(room.moment, "the lesson has ended")
    assert room.finished(TakeId("Ksecond")).state == room.finished().state == "closed"
