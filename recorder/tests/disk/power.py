"""A disk in memory from which the power can be taken: what was not made safe may then be there, in part, or not."""

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from recorder.disk.files import Written


class PowerCut(Exception):
    """The machine is off."""


@dataclass
class _Content:
    safe: bytes = b""
    all: bytes = b""


@dataclass
class FragileDisk:
    """Counts every step that changes it, and is off after `steps_left`."""

    steps_left: int = 10**9
    room: int = 1 << 40
    steps: int = 0
    syncs: int = 0
    contents: dict[Path, _Content] = field(default_factory=dict)
    safe_names: dict[Path, _Content] = field(default_factory=dict)

    def step(self) -> None:
        if self.steps >= self.steps_left:
            raise PowerCut
        self.steps += 1

    def create(self, path: Path) -> Written:
        self.step()
        if path in self.contents:
            raise FileExistsError(path)
        self.contents[path] = _Content()
        return _FragileFile(self, self.contents[path])

    def append(self, path: Path) -> Written:
        return _FragileFile(self, self.contents[path])

    def read(self, path: Path, offset: int = 0, length: int = -1) -> bytes:
        found = self.contents[path].all
        return found[offset:] if length < 0 else found[offset : offset + length]

    def size(self, path: Path) -> int:
        return len(self.contents[path].all)

    def cut(self, path: Path, size: int) -> None:
        self.step()
        content = self.contents[path]
        content.all = content.safe = content.all[:size]

    def replace(self, path: Path, to: Path) -> None:
        self.step()
        self.contents[to] = self.contents.pop(path)

    def sync_folder(self, path: Path) -> None:
        self.step()
        self.safe_names = {name: one for name, one in self.safe_names.items() if name.parent != path}
        self.safe_names |= {name: one for name, one in self.contents.items() if name.parent == path}

    def names(self, path: Path) -> list[str]:
        inside = [name.relative_to(path) for name in self.contents if path in name.parents]
        return sorted({name.parts[0] for name in inside})

    def remove(self, path: Path) -> None:
        self.step()
        del self.contents[path]

    def free_bytes(self, path: Path) -> int:
        return self.room

    def after_power_cut(self, seed: int) -> "FragileDisk":
        """What is found when the power is back: all that was safe, and as much of the rest as chance has it."""
        chance = Random(seed)
        names = dict(self.safe_names)
        for name, content in self.contents.items():
            if name not in names and chance.random() < 0.5:
                names[name] = content
        found = FragileDisk()
        for name, content in names.items():
            unsafe = content.all[len(content.safe) :]
            kept = unsafe[: chance.randrange(len(unsafe) + 1)]
            if kept and chance.random() < 0.3:
                kept = bytes(len(kept))  # the length had reached the disk, the data had not
            found.contents[name] = _Content(content.safe + kept, content.safe + kept)
        found.safe_names = dict(found.contents)
        return found


class _FragileFile:
    def __init__(self, disk: FragileDisk, content: _Content) -> None:
        self._disk, self._content = disk, content

    def write(self, data: bytes) -> None:
        """Half of a write that meets the power cut may be there."""
        taken = data[: max(0, self._disk.room)]
        try:
            self._disk.step()
        except PowerCut:
            self._content.all += taken[: len(taken) // 2]
            raise
        self._content.all += taken
        self._disk.room -= len(taken)
        if len(taken) < len(data):
            raise OSError(28, "No space left on device")

    def sync(self) -> None:
        self._disk.step()
        self._disk.syncs += 1
        self._content.safe = self._content.all

    def close(self) -> None:
        """Closing makes nothing safe."""
