"""Real file systems that are full or asleep; run by test_small_disks in a mount namespace of its own."""

import asyncio
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from recorder.core.intake import Intake
from recorder.core.jobs import PUT_OFF_MS
from recorder.core.space import MIB, SpaceRules
from recorder.disk.desk import Step
from recorder.disk.files import Disk
from recorder.disk.recording import NoRoom
from recorder.disk.steps import Steps
from recorder.disk.store import Store
from recorder.net.store import open_database
from recorder.tests.disk import test_desk, test_recording
from recorder.tests.disk.test_recording import Room, causes
from recorder.tests.filmed import LESSON, NAME, TAKE, shots, taken
from recorder.tests.lesson import Microphone
from recorder.tests.net.house import House
from recorder.tests.net.test_library_http import ONE, Reading
from recorder.tests.story import SEAT
from signaling.messages.ids import track_id

FREEZE, THAW = 0xC0045877, 0xC0045878
"""FIFREEZE and FITHAW of linux/fs.h."""
GUARD = f"""
import fcntl, os, select, sys
disk = os.open(sys.argv[1], os.O_RDONLY)
select.select([sys.stdin], [], [], 30)
fcntl.ioctl(disk, {THAW}, 0)
"""
PATIENCE_S = 60.0


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", *options, str(folder)], check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=8m", "tmpfs") as folder:
        yield folder


class Filler:
    """Somebody else's file on the same disk."""

    def __init__(self, disk: Path) -> None:
        self._path = disk / "filler"

    def leave(self, free_bytes: int) -> None:
        """Takes all the room but this; nothing: to the last byte."""
        size = max(0, Disk().free_bytes(self._path.parent) - free_bytes)
        with self._path.open("ab") as file:
            with suppress(OSError):
                os.posix_fallocate(file.fileno(), file.tell(), max(1, size))

    def go(self) -> None:
        self._path.unlink()


@pytest.fixture
def filler(small: Path) -> Filler:
    return Filler(small)


def test_a_take_for_which_there_is_no_room_is_refused_in_words(small: Path, filler: Filler) -> None:
    filler.leave(3 * MIB)
    with pytest.raises(NoRoom, match="Not recorded: this lesson may need 19 MiB"):
        Room(real=(Disk(), small / "recordings"))
    assert not list(small.rglob("*.json*"))


def lesson(small: Path) -> Room:
    """Begun while there is room for all of it, by the rules of ten seconds' lessons."""
    return Room(real=(Disk(), small / "recordings"))


@pytest.fixture
def short_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_recording, "RULES", SpaceRules(reserve_bytes=MIB, lesson_s=5))


@pytest.mark.usefixtures("short_lessons")
@pytest.mark.parametrize("left", [MIB // 2, 0])
def test_a_take_stops_on_a_full_disk_loses_nothing_named_and_goes_on(small: Path, filler: Filler, left: int) -> None:
    room = lesson(small)
    room.run(3)
    filler.leave(left)
    room.run(3)
    ((state, words),) = {(state, words) for _, _, state, words in room.recording.shown()}
    assert state == "failed" and "disk is full" in words
    filler.go()
    room.run(4)
    assert room.states() == {"recording"}
    assert room.recording.end(room.moment, "the lesson has ended")
    manifest = room.finished()
    assert "disk_full" in causes(manifest, "teacher_mic")
    pictures = [segment for segment in manifest.segments if segment.codec != "opus"]
    assert 3_000_000 - pictures[0].end_us <= 1_300_000 and sum(each.frames for each in pictures) > 100


def test_a_disk_that_sleeps_makes_a_gap_and_holds_up_nobody(tmp_path: Path) -> None:
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(32 * MIB)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True, capture_output=True)
    with mounted(tmp_path / "slow", "-o", "loop", str(image)) as slow:
        intake: Intake[Step] = Intake(4_000)
        made = test_desk.served(Disk(), slow, intake)
        test_desk.until(lambda: bool(made.shown()))
        microphone = Microphone(track_id(SEAT, "teacher_mic"))
        test_desk.speak(made, microphone, 60)

        def overflowed() -> bool:
            test_desk.speak(made, microphone, 1)
            return intake.dropped > 0

        with frozen(slow):
            test_desk.until(overflowed)

        def recording_again() -> bool:
            test_desk.speak(made, microphone, 1)
            return any(state == "recording" for _, _, state, _ in made.shown())

        test_desk.until(recording_again)
        made.end("the lesson has ended")
        assert made.join(PATIENCE_S)
        manifest = test_desk.manifest(Disk(), slow)
        assert "disk_slow" in [gap.cause for gap in manifest.gaps] and manifest.state == "closed"


@contextmanager
def frozen(folder: Path) -> Iterator[None]:
    """Whoever writes there sleeps. Should this process die meanwhile, the guard wakes the disk at the pipe's end."""
    guard = subprocess.Popen(
        [sys.executable, "-c", GUARD, str(folder)], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, FREEZE, 0)
        yield
    finally:
        with suppress(OSError):
            fcntl.ioctl(descriptor, THAW, 0)
        os.close(descriptor)
        guard.communicate(timeout=PATIENCE_S)


async def work(folder: Path, store: Store | None = None, part_bytes: int = 8192, reserve: int = 0) -> House:
    return House(folder, await open_database(folder.parent / "elsewhere.sqlite"), store, part_bytes, reserve)


async def causes_of(house: House) -> dict[str, tuple[str, int, str]]:
    every = await house.rows.of_take(NAME)
    return {f"{job.kind} {job.subject}".strip(): (job.state, job.attempts, job.cause) for job in every}


async def all_done(house: House) -> bool:
    return {job.state for job in await house.rows.of_take(NAME)} == {"done"}


async def test_work_that_has_no_room_waits_in_words_and_is_done_when_there_is(small: Path, filler: Filler) -> None:
    folder = taken(small, shots("vp8"))
    house = await work(small, reserve=MIB)
    filler.leave(2 * MIB + 1000)
    await house.work()
    said = await causes_of(house)
    assert said["combined"][:2] == ("waiting", 0) and "Waits for room: this needs" in said["combined"][2]
    assert not list(folder.rglob("*.part")) and not list(folder.glob("derived/*"))
    filler.go()
    house.clock.now_ms += PUT_OFF_MS
    await house.work()
    assert await all_done(house)


async def test_work_that_meets_a_full_disk_leaves_nothing_half_done_and_begins_again(
    small: Path, filler: Filler, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = taken(small, shots("vp8"))
    house = await work(small)
    monkeypatch.setattr(Steps, "track", filled_while_made(Steps.track, filler))
    await house.work()
    said = await causes_of(house)
    waiting = {name for name, (state, attempts, cause) in said.items() if (state, attempts) == ("waiting", 0) and cause}
    assert "track SLEAD000000-teacher" in waiting, said
    assert "Waits for room: the disk is full" in said["track SLEAD000000-teacher"][2]
    assert not list(folder.rglob("*.part"))
    monkeypatch.undo()
    filler.go()
    house.clock.now_ms += PUT_OFF_MS
    await house.work()
    assert await all_done(house)


def filled_while_made(track: Callable[..., None], filler: Filler) -> Callable[..., None]:
    """Somebody fills the disk between the look at it and the first byte."""

    def making(self: Steps, name: str, beat: Callable[[float], None]) -> None:
        def beating(part: float) -> None:
            filler.leave(0)
            beat(part)

        track(self, name, beating)

    return making


async def test_a_store_on_a_full_disk_is_waited_for_and_gets_the_rest(
    tmp_path: Path, small: Path, filler: Filler
) -> None:
    near = tmp_path / "near"
    folder = taken(near, shots("vp8"))
    house = await work(near, Store.in_folder(small / "store"))
    filler.leave(20_000)
    await house.work()
    said = await causes_of(house)
    assert said["store"][:2] == ("waiting", 0) and "Waits for room: this needs" in said["store"][2]
    filler.go()

    def fill_at_half(part: float) -> None:
        if part >= 0.25:
            filler.leave(0)

    with pytest.raises(Exception, match="No space left") as full:
        house.depot.put(LESSON, TAKE, fill_at_half)
    assert type(full.value).__name__ == "StoreAway" and len(list(folder.glob("derived/*.sealed"))) == 13
    filler.go()
    house.clock.now_ms += PUT_OFF_MS
    await house.work()
    assert (await causes_of(house))["store"][0] == "done" and not list(folder.rglob("*.sealed"))


async def test_a_library_that_cannot_note_plays_nothing_and_says_why(small: Path, filler: Filler) -> None:
    taken(small, shots("vp8"))
    engine = await open_database(small / "library.sqlite")
    house = House(small, engine)
    await house.work()
    async with Reading(house) as reading:
        token, film = await reading.token("operator"), ONE + "/files/film.webm"
        filler.leave(0)
        status, said = await reading.call("GET", film, token=token)
        assert (status, said["code"]) == (507, "disk_full") and "disk is full" in said["sentence"]
        assert (await reading.call("GET", ONE, token=token))[0] == 200, "what notes nothing is answered"
        filler.go()
        assert (await reading.call("GET", film, token=token))[0] == 200
        log = (await reading.call("GET", ONE + "/playbacks", token=token))[1]
        assert [line["file"] for line in log] == ["film.webm"]
    await engine.dispose()


async def test_a_worker_whose_database_is_full_goes_on_when_it_is_not(small: Path, filler: Filler) -> None:
    taken(small, shots("vp8"))
    engine = await open_database(small / "library.sqlite")
    house, stop = House(small, engine), asyncio.Event()
    filler.leave(0)
    with pytest.raises(OperationalError):
        await house.worker().enlist()
    running = asyncio.create_task(house.worker().run(stop))
    try:
        done, _ = await asyncio.wait({running}, timeout=1)
        assert not done, "it does not end"
        filler.go()
        async with asyncio.timeout(PATIENCE_S):
            while await house.shelf.get("R0123456789") is None:
                await asyncio.sleep(0.05)
    finally:
        stop.set()
        await running
    await engine.dispose()
