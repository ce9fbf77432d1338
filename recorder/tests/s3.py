"""A real S3 server on loopback, and a line to it that counts, and that ends when it is told to."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from recorder.disk.store import Bucket, Store

PROGRAM = Path(__file__).resolve().parents[2] / "target" / "tools" / "bin" / "s3s-fs"
BUCKET, ACCESS, SECRET = "lessons", "access-of-this-test", "secret-of-this-test"
PATIENCE_S = 60.0


class S3Server:
    """s3s-fs, which checks signatures and checksums; what it holds outlives it."""

    def __init__(self, root: Path) -> None:
        if not PROGRAM.is_file():
            pytest.fail(f"no S3 server at {PROGRAM}: run `deploy/prepare test`")
        self.root = root
        (root / BUCKET).mkdir(parents=True)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self) -> None:
        """Returns once it listens. Another program may have taken the port meanwhile: then on another."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self.port = _free_port()
            keys = ["--access-key", ACCESS, "--secret-key", SECRET]
            command = [str(PROGRAM), "--host", "127.0.0.1", "--port", str(self.port), *keys, str(self.root)]
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while self._process.poll() is None and time.monotonic() < deadline:
                with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                    return
                time.sleep(0.02)
        raise AssertionError("the S3 server did not start")

    def kill(self) -> None:
        """As a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)


class Line:
    """Passes TCP on to a server whose port may change, and counts the bytes each way."""

    def __init__(self, server: S3Server) -> None:
        self.server = server
        self.up = self.down = 0
        self._at: tuple[int, Callable[[], None]] | None = None
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def after(self, up: int, act: Callable[[], None]) -> None:
        """Acts once so many more bytes have gone to the server; those behind them wait for it."""
        self._at = (self.up + up, act)

    def close(self) -> None:
        """Ends all that runs over it."""
        self._door.close()
        with self._lock:
            for one in self._open:
                one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self.server.port), 5)
                except OSError:
                    near.close()
                    continue
                with self._lock:
                    self._open += [near, far]
                for pair in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source: socket.socket, to: socket.socket, up: bool) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                self._count(len(data), up)
                to.sendall(data)
        for one in (source, to):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _count(self, size: int, up: bool) -> None:
        act = None
        with self._lock:
            if not up:
                self.down += size
            else:
                self.up += size
                if self._at is not None and self.up >= self._at[0]:
                    act, self._at = self._at[1], None
        if act is not None:
            act()


@contextmanager
def s3_server(root: Path) -> Iterator[tuple[S3Server, Line]]:
    """A server with an empty bucket, and the line to it."""
    server = S3Server(root)
    server.start()
    line = Line(server)
    try:
        yield server, line
    finally:
        line.close()
        server.kill()
        shutil.rmtree(root, ignore_errors=True)


def bucket(port: int, secret: str = SECRET, name: str = BUCKET) -> Bucket:
    """The bucket over a line, with a prefix, as a county shares one."""
    return Bucket(name, "school", f"http://127.0.0.1:{port}", access_key=ACCESS, secret_key=secret)


def store(line: Line) -> Store:
    """The store at the other end."""
    return Store.in_bucket(bucket(line.port))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])
