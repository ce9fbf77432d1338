"""The command line, as a person meets it: its words, its exit code, its processes."""

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.command import main
from deploy.disk import configuration
from deploy.tests.process.programs import cleanup, left

ROOT = Path(__file__).resolve().parents[2]
KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM)


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "NO_COLOR": "1"}


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str, folder: Path) -> Ran:
    """The command line in this process, as the interpreter would call it."""
    stdout, stderr, code = io.StringIO(), io.StringIO(), 0
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        patch.chdir(folder)
        patch.setenv("COLUMNS", "200")
        patch.setattr(sys, "argv", ["three-classrooms", *arguments])
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
    return Ran(code, stdout.getvalue(), stderr.getvalue())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--help",), ("up", "node", "signaling", "client", "lesson", "certificate")),
        (("shelf", "--help"), ("--config", "library")),
        (("up", "--help"), ("--demo", "--tls-cert", "--tls-key", "--host", "--front", "--config")),
        (("node", "--help"), ("--config", "forwards media")),
        (("signaling", "--help"), ("--config", "pages")),
        (("lesson", "--help"), ("create", "open", "invite", "end", "list")),
        (
            ("lesson", "create", "--help"),
            ("--title", "--lead", "--room", "--mode", "--record", "--muted-sound", "--school", "--teacher"),
        ),
        (("lesson", "open", "--help"), ("LESSON", "--config", "doors")),
        (("lesson", "end", "--help"), ("LESSON", "everybody")),
        (("lesson", "list", "--help"), ("--server", "newest first")),
        (("recorder", "--help"), ("--config", "taken")),
        (("worker", "--help"), ("--config", "films")),
        (("library", "--help"), ("--config", "plays")),
        (("check", "--help"), ("--config", "damaged")),
        (("county", "--help"), ("template", "check", "import", "week", "substitutes", "change", "feed", "revoke")),
        (("lesson", "invite", "--help"), ("--role", "--classroom", "--minutes")),
        (("certificate", "--help"), ("NAME...", "--folder", "--permit")),
    ],
)
def test_help_names_what_there_is(arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path) -> None:
    shown = run(*arguments, folder=tmp_path)
    assert shown.returncode == 0 and not [word for word in words if word not in shown.stdout]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("lesson", "list"), "`three-classrooms up` makes one"),
        (("node", "--config", "none.toml"), "There is no none.toml"),
        (("up", "--tls-cert", "a.crt"), "--tls-cert and --tls-key belong together"),
        (("up", "--tls-cert", "a.crt", "--tls-key", "a.key"), "There is no file a.crt"),
        (("certificate", "no name"), "neither a name nor an address"),
        (("up", "--config", "."), "cannot be read: Is a directory"),
        (("lesson", "list", "--config", "odd.toml"), "signaling is a value, where a table [signaling] belongs"),
        (("up", "--config", "address.toml"), "'http://[::1' is no address such as http://localhost:8080"),
        (("up", "--front"), "A front needs a certificate"),
        (("up", "--host", "http://school"), "neither a name nor an address"),
        (("up", "--host", ""), "neither a name nor an address"),
        (("lesson", "list", "--config", "first.toml", "--server", "http://[::1"), "is no address such as"),
        (("lesson", "list", "--config", "first.toml", "--server", "school:8080"), "is no address such as"),
    ],
)
def test_an_error_is_one_sentence_that_says_what_to_do(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "odd.toml").write_text("signaling = 3\n")
    (tmp_path / "address.toml").write_text('[signaling]\npublic_url = "http://[::1"\n')
    configuration.read_or_make(tmp_path / "first.toml")
    refused = run(*arguments, folder=tmp_path)
    assert refused.returncode == 1 and sentence in refused.stderr
    assert refused.stderr.startswith("three-classrooms: ") and refused.stderr.count("\n") == 1


def test_signaling_that_does_not_run_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "var" / "three-classrooms.toml"
    configuration.read_or_make(path)
    refused = run("lesson", "list", "--server", "http://127.0.0.1:1", folder=tmp_path)
    assert refused.returncode == 1 and "does not answer" in refused.stderr
    assert run("lesson", "open", "../x", folder=tmp_path).stderr.endswith(
        "`three-classrooms lesson list` shows them.\n"
    )


def test_certificate_makes_the_files_and_prints_the_steps(tmp_path: Path) -> None:
    shown = run("certificate", "school.example", "--folder", "tls", folder=tmp_path)
    assert shown.returncode == 0
    assert all(system in shown.stdout for system in ("Windows", "Kylin", "UOS", "Debian"))
    assert sorted(path.name for path in (tmp_path / "tls").iterdir()) == [
        "county.crt",
        "county.key",
        "server.crt",
        "server.key",
    ]
    assert "was there" in run("certificate", "school.example", "--folder", "tls", folder=tmp_path).stdout


def test_up_names_the_port_that_another_program_has(tmp_path: Path) -> None:
    path = tmp_path / "var" / "three-classrooms.toml"
    configuration.read_or_make(path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        path.write_text(path.read_text().replace("127.0.0.1:8080", f"127.0.0.1:{port}", 1))
        refused = run("up", folder=tmp_path)
    assert refused.returncode == 1 and f"127.0.0.1:{port} cannot be had" in refused.stderr


@pytest.mark.parametrize("secure", [False, True])
def test_up_holds_lessons_and_ctrl_c_leaves_no_process(secure: bool, tmp_path: Path) -> None:
    path = tmp_path / "var" / "three-classrooms.toml"
    configuration.read_or_make(path)
    ports = _free_ports(4)
    text = (
        path.read_text()
        .replace(":8080", f":{ports[0]}")
        .replace(":8081", f":{ports[1]}")
        .replace(":8082", f":{ports[3]}")
    )
    path.write_text(text.replace("auto:7000", f"127.0.0.1:{ports[2]}"))
    arguments = ["up"]
    if secure:
        assert run("certificate", "localhost", "--folder", "tls", folder=tmp_path).returncode == 0
        arguments += ["--tls-cert", "tls/server.crt", "--tls-key", "tls/server.key"]
    with _started(arguments, tmp_path) as (up, children):
        assert len(children) == 6, "signaling, node, recorder, worker, library and the guard"
        scheme = "https" if secure else "http"
        _hold_a_lesson(tmp_path, f"{scheme}://localhost:{ports[0]}/")
        assert run("shelf", folder=tmp_path).stdout.startswith(f"{scheme}://localhost:{ports[3]}/#code=")
        began = time.monotonic()
        up.send_signal(signal.SIGINT)
        rest = up.communicate(timeout=30)[0]
        assert time.monotonic() - began < 10 and up.returncode == 0
        assert rest.rstrip().endswith("everything has ended.")
        assert left(children) == []


def _hold_a_lesson(folder: Path, url: str) -> None:
    """From the first command to the last, over the real HTTP interface."""
    made = run(
        "lesson", "create", "--title", "语文", "--lead", "甲校", "--room", "乙校", "--room", "丙校", folder=folder
    )
    assert made.returncode == 0, made.stderr
    lesson = made.stdout.strip()
    assert "planned" in (shown := run("lesson", "list", folder=folder).stdout) and "乙校, 丙校" in shown
    for step in (("open", lesson), ("invite", lesson, "--role", "room", "--classroom", "乙校"), ("end", lesson)):
        done = run("lesson", *step, folder=folder)
        assert done.returncode == 0, done.stderr
        if step[0] == "invite":
            assert done.stdout.startswith(f"{url}lesson/{lesson}#code=")
    again = run("lesson", "open", lesson, folder=folder)
    assert again.returncode == 1 and again.stderr.count("\n") == 1


@contextlib.contextmanager
def _started(arguments: list[str], folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """`up` once it says that it is ready, and its children."""
    up = subprocess.Popen(
        [sys.executable, "-m", "deploy", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    children: list[int] = []
    patience = threading.Timer(30, up.terminate)
    patience.start()
    try:
        assert up.stdout is not None
        lines: list[str] = []
        while not lines or (lines[-1] and "ready: " not in lines[-1]):
            lines.append(up.stdout.readline())
        patience.cancel()
        assert "ready: " in lines[-1], "".join(lines)
        children += _children(up.pid)
        yield up, children
    finally:
        patience.cancel()
        cleanup([up.pid, *children])
        up.wait(10)


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def _free_ports(count: int) -> list[int]:
    """Free for connections, and for datagrams too: one of them is for media."""
    with contextlib.ExitStack() as held:
        ports: list[int] = []
        while len(ports) < count:
            stream, datagram = (held.enter_context(socket.socket(type=kind)) for kind in KINDS)
            stream.bind(("127.0.0.1", 0))
            with contextlib.suppress(OSError):
                datagram.bind(stream.getsockname())
                ports.append(int(stream.getsockname()[1]))
        return ports
