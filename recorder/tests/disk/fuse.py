"""A file system in memory that writes down all that changes it, in order: any program can work on it, and none knows.

It speaks the kernel's FUSE protocol (linux/fuse.h) by itself, in a process of its own: whoever works on it may hold
this interpreter's lock while it waits.
"""

import ctypes
import errno
import os
import pickle
import stat
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, Popen

from recorder.tests.disk.power_log import ROOT_INODE, Change

MARK = ".mark-"
"""Whoever looks for a name that begins so leaves a mark among the changes."""
KERNEL_MINOR = 31
MOST_WRITTEN = 1 << 20
BLOCK = 4096
ROOM_BLOCKS = 1 << 20
IN, OUT, ATTR = struct.Struct("<IIQQIIII"), struct.Struct("<IiQ"), struct.Struct("<6Q10I")
ENTRY, READ, SETATTR = struct.Struct("<4Q2I"), struct.Struct("<QQIIQII"), struct.Struct("<IIQQQQQQIIIIIIII")
SIZE_GIVEN, MODE_GIVEN = 8, 1
Reply = bytes | int | None
"""What is answered, an error, or nothing at all."""


@dataclass
class Node:
    """A file or a folder."""

    mode: int
    data: bytearray = field(default_factory=bytearray)
    names: dict[str, int] = field(default_factory=dict)
    links: int = 1

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)


class Memory:
    """Does what the kernel asks, and keeps `changes`."""

    def __init__(self) -> None:
        self.nodes = {ROOT_INODE: Node(stat.S_IFDIR | 0o755)}
        self.changes: list[Change] = []
        self._does: dict[int, Callable[[int, bytes], Reply]] = {
            1: self._look_up, 2: _nothing, 3: self._attributes, 4: self._set, 8: self._mknod, 9: self._mkdir,
            10: self._unlink, 11: self._rmdir, 12: self._rename, 13: self._link, 14: _opened, 15: self._read,
            16: self._write, 17: _room, 18: _done, 20: self._sync, 25: _done, 26: _init, 27: _opened,
            28: self._read_folder, 29: _done, 30: self._sync, 34: _done, 35: self._create, 36: _nothing, 42: _nothing,
            45: self._rename_2,
        }  # fmt: skip

    def answer(self, operation: int, inode: int, body: bytes) -> Reply:
        do = self._does.get(operation)
        return errno.ENOSYS if do is None else do(inode, body)

    def _look_up(self, inode: int, body: bytes) -> Reply:
        name = _name(body)
        if name.startswith(MARK):
            self.changes.append(Change("mark", name=name.removeprefix(MARK)))
        found = self.nodes[inode].names.get(name)
        return errno.ENOENT if found is None else self._entry(found)

    def _attributes(self, inode: int, body: bytes) -> Reply:
        return struct.pack("<QII", 0, 0, 0) + self._attr(inode)

    def _set(self, inode: int, body: bytes) -> Reply:
        valid, _, _, size, *_, mode, _, _, _, _ = SETATTR.unpack_from(body)
        node = self.nodes[inode]
        if valid & MODE_GIVEN:
            node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(mode)
        if valid & SIZE_GIVEN:
            self.changes.append(Change("truncate", inode, offset=size))
            del node.data[size:]
            node.data.extend(bytes(size - len(node.data)))
        return self._attributes(inode, body)

    def _mknod(self, inode: int, body: bytes) -> Reply:
        return self._made(inode, _name(body[16:]), struct.unpack_from("<I", body)[0])

    def _mkdir(self, inode: int, body: bytes) -> Reply:
        return self._made(inode, _name(body[8:]), stat.S_IFDIR | struct.unpack_from("<I", body)[0])

    def _create(self, inode: int, body: bytes) -> Reply:
        made = self._made(inode, _name(body[16:]), struct.unpack_from("<II", body)[1])
        return made if isinstance(made, int) else made + _opened(inode, body)

    def _made(self, inode: int, name: str, mode: int) -> int | bytes:
        if name in self.nodes[inode].names:
            return errno.EEXIST
        fresh = max(self.nodes) + 1
        self.nodes[fresh] = Node(mode)
        self.nodes[inode].names[name] = fresh
        self.changes.append(Change("name", fresh, inode, name, mode=mode))
        return self._entry(fresh)

    def _link(self, inode: int, body: bytes) -> Reply:
        old, name = struct.unpack_from("<Q", body)[0], _name(body[8:])
        if name in self.nodes[inode].names:
            return errno.EEXIST
        self.nodes[inode].names[name] = old
        self.nodes[old].links += 1
        self.changes.append(Change("name", old, inode, name, mode=self.nodes[old].mode))
        return self._entry(old)

    def _unlink(self, inode: int, body: bytes) -> Reply:
        name = _name(body)
        gone = self.nodes[inode].names.pop(name, None)
        if gone is None:
            return errno.ENOENT
        self.nodes[gone].links -= 1
        self.changes.append(Change("unname", gone, inode, name))
        return b""

    def _rmdir(self, inode: int, body: bytes) -> Reply:
        found = self.nodes[inode].names.get(_name(body))
        if found is None:
            return errno.ENOENT
        return errno.ENOTEMPTY if self.nodes[found].names else self._unlink(inode, body)

    def _rename(self, inode: int, body: bytes) -> Reply:
        return self._moved(inode, struct.unpack_from("<Q", body)[0], body[8:])

    def _rename_2(self, inode: int, body: bytes) -> Reply:
        to, flags, _ = struct.unpack_from("<QII", body)
        return errno.EINVAL if flags else self._moved(inode, to, body[16:])

    def _moved(self, inode: int, to: int, names: bytes) -> Reply:
        old, new = (part.decode() for part in names.rstrip(b"\0").split(b"\0"))
        moved = self.nodes[inode].names.pop(old, None)
        if moved is None:
            return errno.ENOENT
        self.nodes[to].names[new] = moved
        self.changes.append(Change("rename", moved, inode, old, to=to, new=new))
        return b""

    def _read(self, inode: int, body: bytes) -> Reply:
        _, offset, size, *_ = READ.unpack_from(body)
        return bytes(self.nodes[inode].data[offset : offset + size])

    def _write(self, inode: int, body: bytes) -> Reply:
        _, offset, size, *_ = READ.unpack_from(body)
        given, data = body[READ.size : READ.size + size], self.nodes[inode].data
        self.changes.append(Change("write", inode, offset=offset, data=given))
        data.extend(bytes(max(0, offset - len(data))))
        data[offset : offset + size] = given
        return struct.pack("<II", size, 0)

    def _sync(self, inode: int, body: bytes) -> Reply:
        self.changes.append(Change("sync", inode))
        return b""

    def _read_folder(self, inode: int, body: bytes) -> Reply:
        _, offset, size, *_ = READ.unpack_from(body)
        answer = b""
        for place, (name, child) in enumerate(list(self.nodes[inode].names.items())[offset:], offset + 1):
            raw = name.encode()
            entry = struct.pack("<QQII", child, place, len(raw), self.nodes[child].mode >> 12) + raw
            entry += bytes(-len(entry) % 8)
            if len(answer) + len(entry) > size:
                break
            answer += entry
        return answer

    def _entry(self, inode: int) -> bytes:
        return ENTRY.pack(inode, 0, 0, 0, 0, 0) + self._attr(inode)

    def _attr(self, inode: int) -> bytes:
        node = self.nodes[inode]
        size = len(node.data)
        links = max(0, node.links) + node.is_folder
        return ATTR.pack(inode, size, -(-size // 512), 0, 0, 0, 0, 0, 0, node.mode, links, 0, 0, 0, BLOCK, 0)


def _name(body: bytes) -> str:
    return body.split(b"\0", 1)[0].decode()


def _nothing(inode: int, body: bytes) -> Reply:
    return None


def _done(inode: int, body: bytes) -> Reply:
    return b""


def _opened(inode: int, body: bytes) -> bytes:
    return struct.pack("<QII", 0, 0, 0)


def _room(inode: int, body: bytes) -> Reply:
    return struct.pack("<5Q4I6I", ROOM_BLOCKS, ROOM_BLOCKS, ROOM_BLOCKS, 1 << 20, 1 << 20, BLOCK, 255, BLOCK, *[0] * 7)


def _init(inode: int, body: bytes) -> Reply:
    return struct.pack("<IIIIHHIIHHI7I", 7, KERNEL_MINOR, 0, 0, 12, 9, MOST_WRITTEN, 1, 0, 0, 0, *[0] * 7)


def serve(device: int, memory: Memory) -> None:
    """Answers until it is unmounted."""
    while True:
        try:
            asked = os.read(device, MOST_WRITTEN + BLOCK)
        except OSError as error:
            if error.errno == errno.ENODEV:
                return
            if error.errno in (errno.EINTR, errno.EAGAIN, errno.ENOENT):
                continue
            raise
        _, operation, unique, inode, *_ = IN.unpack_from(asked)
        reply = memory.answer(operation, inode, asked[IN.size :])
        if reply is not None:
            body, failed = (reply, 0) if isinstance(reply, bytes) else (b"", -reply)
            os.write(device, OUT.pack(OUT.size + len(body), failed, unique) + body)


@contextmanager
def watched(folder: Path) -> Iterator[list[Change]]:
    """Mounts it at a new folder; once it is unmounted, the list has all that happened there. Needs root."""
    folder.mkdir()
    changes: list[Change] = []
    server = Popen([sys.executable, "-m", __name__, str(folder)], stdin=PIPE, stdout=PIPE)
    assert server.stdin is not None and server.stdout is not None
    try:
        if server.stdout.readline() != b"mounted\n":
            raise OSError(f"{folder}: FUSE cannot be mounted; it needs root and /dev/fuse")
        yield changes
    finally:
        ctypes.CDLL(None, use_errno=True).umount2(os.fsencode(folder), 0)
        told = server.communicate(timeout=60)[0]
    changes += pickle.loads(told)


def main(folder: str) -> None:
    device, memory = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC), Memory()
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,default_permissions".encode()
    if ctypes.CDLL(None, use_errno=True).mount(b"power", os.fsencode(folder), b"fuse", 0, options):
        raise OSError(ctypes.get_errno(), f"mount {folder}")
    print("mounted", flush=True)
    serve(device, memory)
    sys.stdout.buffer.write(pickle.dumps(memory.changes))


if __name__ == "__main__":
    main(sys.argv[1])
