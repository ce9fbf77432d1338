"""The power goes at any instant of the work after the bell; run by test_cut_power in a mount namespace of its own.

Worker, store and database work on a real mount that writes down each change and each sync. From that it is known what
a disk would hold had the power gone there: each of these disks is laid out, everything starts again on it, and what
was acknowledged is looked for.
"""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from recorder.core.jobs import LEASE_MS, PUT_OFF_MS, expiry, thinning
from recorder.core.keys import MasterKey
from recorder.core.names import key_object, tombstone_object
from recorder.core.tombstone import read_tombstone
from recorder.disk.checking import check
from recorder.disk.files import Disk as RealDisk
from recorder.disk.rewrapping import wrap_anew
from recorder.disk.store import Store
from recorder.net.shelf_rows import Shelved
from recorder.net.store import open_database
from recorder.tests.disk.fuse import MARK, watched
from recorder.tests.disk.on_small_disks import mounted
from recorder.tests.disk.power_log import Change, Disk, Luck, Tree
from recorder.tests.filmed import LEAD, LESSON, MASTER, NAME, ROOM, TAKE, Shot, sound, taken, video
from recorder.tests.net.house import House

CAST = (
    Shot(LEAD, "teacher", "vp8", 0, 1000, video("vp8", range(25))),
    Shot(LEAD, "teacher_mic", "opus", 0, 1000, sound(1000)),
    Shot(ROOM, "board", "vp8", 200, 400, video("vp8", range(10))),
)
NEW = MasterKey(b"n" * 32, (MASTER.secret,))
ALONE = MasterKey(NEW.secret)
PART_BYTES = 8192
CHANCES = 40
"""So many disks of each story hold something that was never made safe."""


@asynccontextmanager
async def house(root: Path, far: bool, master: MasterKey = MASTER) -> AsyncIterator[House]:
    """Everything starts on this disk."""
    engine = await open_database(root / "library.sqlite")
    RealDisk().make_folder(root / "near")
    try:
        store = Store.in_folder(root / "far") if far else None
        yield House(root / "near", engine, store, PART_BYTES, master=master)
    finally:
        await engine.dispose()


@dataclass(frozen=True)
class Found:
    """A disk after a power cut, and what had been acknowledged before."""

    root: Path
    far: bool
    marks: tuple[str, ...]

    def had(self, what: str) -> bool:
        return what in self.marks

    def sealed(self, below: str = "") -> list[str]:
        """What of takes lies anywhere."""
        every = [path for side in ("near", "far") for path in (self.root / side / "takes").rglob("*")]
        return sorted(path.relative_to(self.root).as_posix() for path in every if path.is_file() and below in str(path))


Prepare = Callable[[House], Awaitable[None]]
Act = Callable[[House, Callable[[str], None]], Awaitable[None]]
Judge = Callable[[Found], Awaitable[None]]


class Story:
    """Something is done on a disk, whose power then goes at each instant."""

    def __init__(self, folder: Path, far: bool) -> None:
        self._folder, self._far = folder, far
        self.disks = 0

    async def happens(self, prepare: Prepare, act: Act, judge: Judge) -> None:
        with watched(self._folder / "disk") as changes:
            root = self._folder / "disk"

            def mark(name: str) -> None:
                (root / (MARK + name.replace("/", "|"))).exists()

            async with house(root, self._far) as made:
                await prepare(made)
                mark("begin")
                await act(made, mark)
        # In memory, as a real disk would be waited for at each sync.
        with mounted(self._folder / "memory", "-t", "tmpfs", "tmpfs") as memory:
            for tree, marks, words in disks(changes):
                await self._judged(tree, Found(memory / "after", self._far, marks), words, judge)

    async def _judged(self, tree: Tree, found: Found, words: str, judge: Judge) -> None:
        tree.put(found.root)
        self.disks += 1
        try:
            await judge(found)
        except Exception as error:
            raise AssertionError(f"the power went {words}, acknowledged were {found.marks[-3:]}: {error!r}") from error
        shutil.rmtree(found.root)


def disks(changes: list[Change]) -> Iterator[tuple[Tree, tuple[str, ...], str]]:
    """Each disk that differs, had nothing reached it but what was made safe; and some that are luckier."""
    disk, marks, begun, before = Disk(), list[str](), False, None
    begin = next(number for number, change in enumerate(changes) if (change.kind, change.name) == ("mark", "begin"))
    lucky = set(Random(len(changes)).sample(range(begin, len(changes)), min(CHANCES, len(changes) - begin)))
    for number, change in enumerate([*changes, Change("sync")]):
        if begun and change.kind == "sync":
            found = (disk.after_power_cut("none"), tuple(marks))
            if found != before:
                yield *found, f"before step {number} of {len(changes)}, and what was not synced is gone"
            before = found
        if begun and number in lucky:
            luck: Luck = "first" if number % 2 else "some"
            yield disk.after_power_cut(luck, number), tuple(marks), f"before step {number}, with luck ({luck})"
        if change.kind == "mark" and change.name == "begin":
            disk.settle()
            begun = True
        elif change.kind == "mark":
            marks.append(change.name.replace("|", "/"))
        disk.take(change)


@pytest.fixture(params=[True, False], ids=["far", "home"])
def story(tmp_path: Path, request: pytest.FixtureRequest) -> Story:
    return Story(tmp_path, bool(request.param))


async def nothing(made: House) -> None:
    pass


async def a_take(made: House) -> None:
    taken(made.folder, CAST)


async def a_shelved_take(made: House) -> None:
    taken(made.folder, CAST)
    await made.work()


async def again(made: House) -> None:
    """All that is to be done, once leases are over."""
    made.clock.now_ms += LEASE_MS + PUT_OFF_MS
    await made.work()


async def plays(made: House, *, but_tracks: bool = False) -> Shelved:
    """All that the entry names is read to its end, and is what it says; tracks may be on their way out."""
    shelved = await made.shelf.of_take(NAME)
    assert shelved is not None and not shelved.entry.trouble
    for part in shelved.entry.parts:
        if but_tracks and part in shelved.entry.tracks:
            continue
        assert sha256(made.takes.derived(LESSON, TAKE, part.name).read()).hexdigest() == part.sha256, part.name
    assert check(made.depot, LESSON, TAKE, lambda part: None) > 0
    return shelved


async def test_the_work_after_the_bell_is_done_whenever_the_power_goes(story: Story) -> None:
    whole: dict[str, str] = {}

    async def work(made: House, mark: Callable[[str], None]) -> None:
        worker = made.worker()
        await worker.enlist()
        while await worker.turn():
            for job in await made.rows.of_take(NAME):
                if job.state == "done":
                    mark(job.id)
        whole.update({part.name: part.sha256 for part in (await plays(made)).entry.parts})

    async def done(found: Found) -> None:
        async with house(found.root, found.far) as made:
            states = {job.id: job.state for job in await made.rows.of_take(NAME)}
            assert all(states[mark] == "done" for mark in found.marks), "a job that was done is done"
            if found.had(f"{NAME}/entry"):
                await plays(made)
            await again(made)
            assert {job.state for job in await made.rows.of_take(NAME)} == {"done"}
            shelved = await plays(made)
            assert {part.name: part.sha256 for part in shelved.entry.parts} == whole, "nothing is missing"
            assert not found.sealed(".part")
            assert not (found.far and [name for name in found.sealed(".sealed") if name.startswith("near")])

    await story.happens(a_take, work, done)
    print(f"{story.disks} disks")
    assert len(whole) >= 5 and story.disks > 50


async def test_what_was_deleted_stays_so_and_what_was_not_plays_whenever_the_power_goes(story: Story) -> None:
    async def delete(made: House, mark: Callable[[str], None]) -> None:
        shelved = await made.shelf.of_take(NAME)
        assert shelved is not None
        await made.remover.delete(shelved, "operator", "a guardian asked", made.clock.now_ms)
        mark("deleted")
        await made.work()
        mark("removed")

    async def gone(found: Found) -> None:
        async with house(found.root, found.far) as made:
            if found.had("removed"):
                assert found.sealed() == [], "no file comes back"
            shelved = await made.shelf.of_take(NAME)
            assert shelved is None or not found.had("deleted")
            if found.had("deleted"):
                with pytest.raises(FileNotFoundError):
                    made.takes.key(LESSON)
            await again(made)
        async with house(found.root, found.far, NEW) as made:
            await made.worker().look()
            await again(made)
            if await made.shelf.of_take(NAME) is not None:
                await plays(made)
                return
            assert found.sealed() == [], "all of it is gone"
            (stone,) = await made.shelf.stones()
            assert stone.signed.count(".") == 2
            text = (made.folder / tombstone_object(LESSON, TAKE)).read_bytes()
            assert read_tombstone(MASTER.tombstone_key, text).reason == "a guardian asked"
            assert made.store.get(tombstone_object(LESSON, TAKE)) == text

    await story.happens(a_shelved_take, delete, gone)


async def test_what_has_had_its_time_stays_away_whenever_the_power_goes(story: Story) -> None:
    async def expire(made: House, mark: Callable[[str], None]) -> None:
        for job, name in ((thinning(NAME, 0), "thinned"), (expiry(NAME, 0), "expired")):
            await made.rows.add([job])
            mark(f"asked {name}")
            await made.work()
            mark(name)

    async def away(found: Found) -> None:
        async with house(found.root, found.far) as made:
            if found.had("thinned"):
                assert found.sealed("/segments/") == []
            if found.had("expired"):
                assert [name for name in found.sealed("/derived/") if "-teacher" in name or "-board" in name] == []
            await plays(made, but_tracks=found.had("asked expired"))
            await again(made)
            shelved = await plays(made)
            if found.had("asked thinned"):
                assert found.sealed("/segments/") == []
            if found.had("asked expired"):
                assert not shelved.raw and shelved.entry.tracks == () and shelved.entry.film is not None

    await story.happens(a_shelved_take, expire, away)


async def test_a_lesson_opens_whenever_the_power_goes_while_its_key_is_wrapped_anew(story: Story) -> None:
    async def rewrap(made: House, mark: Callable[[str], None]) -> None:
        async with house(made.folder.parent, story._far, NEW) as renewed:
            assert wrap_anew(renewed.depot).lessons == 1
        mark("wrapped")

    async def opens(found: Found) -> None:
        if not found.had("wrapped"):
            async with house(found.root, found.far, NEW) as made:
                await plays(made)
                wrap_anew(made.depot)
        async with house(found.root, found.far, ALONE) as made:
            await plays(made)
            if found.far:
                (made.folder / key_object(LESSON)).unlink()
                await plays(made)  # from the store alone

    await story.happens(a_shelved_take, rewrap, opens)


async def test_what_begins_on_an_empty_disk_is_there_whenever_the_power_goes(story: Story) -> None:
    told: list[str] = []

    async def begin(made: House, mark: Callable[[str], None]) -> None:
        async with house(made.folder.parent / "county" / "new", True) as new:
            told.append(new.signer.public_keys())
            mark("key told")
            await new.rows.add([thinning(NAME, 0)])
            mark("job noted")
            new.store.put("takes/an/object", b"an object")
            mark("object stored")

    async def there(found: Found) -> None:
        async with house(found.root / "county" / "new", True) as new:
            assert new.signer.public_keys() == told[-1] or not found.had("key told")
            assert len(await new.rows.of_take(NAME)) == 1 or not found.had("job noted")
            if found.had("object stored"):
                assert new.store.get("takes/an/object") == b"an object"

    await story.happens(nothing, begin, there)
