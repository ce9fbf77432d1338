"""A real PostgreSQL of our own: in a folder that goes with it, on a socket there, for nobody else."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WHO = "postgres"
"""PostgreSQL does not run as root; Debian's package makes this user."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """One running server."""

    folder: Path
    programs: Path

    def database(self, name: str) -> str:
        """Makes an empty database; gives back its URL."""
        self._run("createdb", "--host", str(self.folder), "--username", WHO, name)
        return f"postgresql://{WHO}@/{name}?host={self.folder}"

    def start(self) -> None:
        """Starts it; it writes no faster than it must and lets nobody in from outside."""
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "--wait", "--silent", "--pgdata", self._data, "--log", log, "--options", options)

    def stop(self) -> None:
        """Stops it at once, as a power cut would."""
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode", "immediate", "--pgdata", self._data)

    def make(self) -> None:
        """Makes its files."""
        options = ("--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--username", WHO)
        self._run("initdb", *options, "--pgdata", self._data)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        order = [str(self.programs / program), *arguments]
        if os.geteuid() == 0:
            order = ["runuser", "-u", WHO, "--", *order]
        done = subprocess.run(order, cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"


@contextmanager
def running() -> Iterator[Postgres]:
    """From nothing to nothing."""
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, WHO)
        server = Postgres(Path(folder), _programs())
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _programs() -> Path:
    """Debian keeps the server's programs out of the path, one folder for each version; the newest counts."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    named = shutil.which("initdb")
    assert found or named, "no PostgreSQL: deploy/prepare test installs it"
    return found[-1].parent if found else Path(str(named)).resolve().parent
