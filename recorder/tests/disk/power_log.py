"""What a disk holds after the power has gone: all that was made safe, and of the rest as much as chance has it."""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal

ROOT_INODE = 1
Kind = Literal["name", "unname", "rename", "write", "truncate", "sync", "mark"]
Luck = Literal["none", "first", "some"]
"""What is kept of what was never made safe: nothing, what came first, or now and then something."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to a disk."""

    kind: Kind
    inode: int = 0
    folder: int = 0
    name: str = ""
    to: int = 0
    new: str = ""
    offset: int = 0
    data: bytes = b""
    mode: int = 0


@dataclass
class Tree:
    """Contents and names, as one may find them."""

    contents: dict[int, bytes] = field(default_factory=dict)
    modes: dict[int, int] = field(default_factory=lambda: {ROOT_INODE: stat.S_IFDIR | 0o755})
    names: dict[int, dict[str, int]] = field(default_factory=dict)

    def apply(self, change: Change) -> None:
        names = self.names.setdefault(change.folder, {})
        if change.kind == "name":
            names[change.name] = change.inode
            self.modes[change.inode] = change.mode
        elif change.kind == "unname":
            names.pop(change.name, None)
        elif change.kind == "rename":
            names.pop(change.name, None)
            self.names.setdefault(change.to, {})[change.new] = change.inode
        else:
            self.contents[change.inode] = _changed(self.contents.get(change.inode, b""), change)

    def put(self, path: Path, inode: int = ROOT_INODE) -> None:
        """Makes a folder of it."""
        path.mkdir(mode=0o750)
        for name, child in self.names.get(inode, {}).items():
            if stat.S_ISDIR(self.modes[child]):
                self.put(path / name, child)
            else:
                (path / name).write_bytes(self.contents.get(child, b""))


class Disk:
    """Takes changes one after another, and knows which of them would outlive a power cut."""

    def __init__(self) -> None:
        self._safe = Tree()
        self._modes: dict[int, int] = {}
        self._waiting: list[Change] = []

    def take(self, change: Change) -> None:
        if change.kind == "mark":
            return
        if change.kind == "name":
            # An inode that is reached by whatever name has its mode.
            self._safe.modes[change.inode] = change.mode
        if change.kind == "sync":
            self._make_safe(change.inode)
        else:
            self._waiting.append(change)

    def settle(self) -> None:
        """All that was done until now is safe."""
        for change in self._waiting:
            self._safe.apply(change)
        self._waiting.clear()

    def after_power_cut(self, luck: Luck, seed: int = 0) -> Tree:
        """What is found when the power is back."""
        found = Tree(
            dict(self._safe.contents), dict(self._safe.modes), {k: dict(v) for k, v in self._safe.names.items()}
        )
        for change in _kept(self._waiting, luck, Random(seed)):
            found.apply(change)
        return found

    def _make_safe(self, inode: int) -> None:
        """A file's content, or a folder's names; the name of a file is its folder's."""
        wanted = {inode}
        while True:
            touched = [each for each in self._waiting if wanted & _places(each)]
            more = set().union(*(_places(each) for each in touched))
            if more <= wanted:
                break
            wanted |= more  # a rename is one step for both of its folders
        for change in touched:
            self._safe.apply(change)
        self._waiting = [each for each in self._waiting if not wanted & _places(each)]


def _places(change: Change) -> frozenset[int]:
    if change.kind in ("write", "truncate"):
        return frozenset({change.inode})
    return frozenset({change.folder, change.to} - {0})


def _kept(waiting: Sequence[Change], luck: Luck, chance: Random) -> Iterator[Change]:
    """Names of one folder come back in order: each file system keeps a journal. Written bytes need not."""
    if luck == "none":
        return
    if luck == "first":
        kept = chance.randrange(len(waiting) + 1)
        yield from waiting[:kept]
        if waiting[kept:] and waiting[kept].kind == "write":
            yield _torn(waiting[kept], chance)
        return
    lost: set[int] = set()
    for change in waiting:
        is_written = change.kind in ("write", "truncate")
        if chance.random() < 0.5 and not (not is_written and _places(change) & lost):
            yield change
        elif not is_written:
            lost |= _places(change)


def _torn(change: Change, chance: Random) -> Change:
    part = change.data[: chance.randrange(len(change.data) + 1)]
    return Change("write", change.inode, offset=change.offset, data=part)


def _changed(content: bytes, change: Change) -> bytes:
    if change.kind == "truncate":
        return content[: change.offset] + bytes(max(0, change.offset - len(content)))
    before = content[: change.offset] + bytes(max(0, change.offset - len(content)))
    return before + change.data + content[change.offset + len(change.data) :]
