"""deploy.county and deploy.asking: a term on the command line, before a real signaling"""

import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from deploy.disk import configuration
from deploy.tests.test_command import ENVIRONMENT, run
from signaling.tests.core.county.files import SHEETS
from signaling.tests.net.test_sheets import packed

PATIENCE_S = 60.0
MONDAY = date.today() + timedelta(7 - date.today().weekday())
"""Of next week: lessons that have been are not changed any more."""
WRITTEN = re.compile(r"(20\d\d)[-/年](\d+)[-/月](\d+)日?")


def _moved(cell: str) -> str:
    """Dates of the file's term, in which 2026-09-07 is a Monday, as if it were this one's."""
    return WRITTEN.sub(lambda it: str(date(*map(int, it.groups())) + (MONDAY - date(2026, 9, 7))), cell)


TERM = {name: [list(map(_moved, row)) for row in rows] for name, rows in SHEETS.items()}
WRONG = "工号,姓名,学校\nW9,孙丽,西村小学\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A machine on which signaling runs, as its first configuration has it but for the port."""
    folder = tmp_path_factory.mktemp("county")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder / "var" / "three-classrooms.toml"
    configuration.read_or_make(config)
    config.write_text(config.read_text("utf-8").replace(":8080", f":{port}"), "utf-8")
    with (folder / "log").open("wb") as log:
        order = [sys.executable, "-m", "signaling", "--config", str(config)]
        process = subprocess.Popen(order, cwd=folder, env=ENVIRONMENT, stdout=log, stderr=log)
    try:
        _await(f"http://127.0.0.1:{port}/healthz", folder / "log")
        (folder / "term.zip").write_bytes(packed("gbk", TERM))
        (folder / "wrong.csv").write_text(WRONG, "gbk")
        yield folder
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _await(url: str, log: Path) -> None:
    until = monotonic() + PATIENCE_S
    while True:
        try:
            urllib.request.urlopen(url, timeout=PATIENCE_S).close()
            return
        except OSError:
            assert monotonic() < until, log.read_text()
            sleep(0.05)


def test_a_term_goes_from_a_file_to_a_calendar_and_back(folder: Path) -> None:
    checked = run("county", "check", "term.zip", folder=folder)
    assert checked.returncode == 0 and "timetable 1" in checked.stdout and "注意 Note:" in checked.stderr
    assert "music" not in run("county", "week", "--first", f"{MONDAY}", folder=folder).stdout
    assert run("county", "import", "term.zip", folder=folder).stdout == "term.zip is imported.\n"
    shown = run("county", "week", "--first", f"{MONDAY}", "--last", f"{MONDAY + timedelta(6)}", folder=folder).stdout
    assert f"{MONDAY} 09:20" in shown and "东村教学点 教室" in shown and "王芳, 李强" in shown
    lesson = next(word for word in shown.split() if word.startswith("L") and len(word) == 11)
    found = run("county", "substitutes", lesson, folder=folder)
    assert found.returncode == 0
    changed = run("county", "change", lesson, "--cancel", "--reason", "运动会", folder=folder)
    assert changed.returncode == 0, changed.stderr
    assert lesson not in run("county", "week", "--first", f"{MONDAY}", folder=folder).stdout


def test_a_calendar_is_let_in_and_shut_out(folder: Path) -> None:
    run("county", "import", "term.zip", folder=folder)
    made = run("county", "feed", "--kind", "school", "--of", "east", folder=folder).stdout
    address, user, password = (line.split()[1] for line in made.splitlines())
    asked = urllib.request.Request(address, headers={"Authorization": _basic(user, password)})
    with urllib.request.urlopen(asked, timeout=PATIENCE_S) as answer:
        assert "BEGIN:VCALENDAR" in answer.read().decode()
    assert user in run("county", "feeds", folder=folder).stdout
    assert run("county", "revoke", user, folder=folder).returncode == 0
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(asked, timeout=PATIENCE_S)


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def test_a_mistake_is_told_in_both_languages_and_nothing_is_imported(folder: Path) -> None:
    for command in ("check", "import"):
        refused = run("county", command, "wrong.csv", folder=folder)
        assert refused.returncode == 1
        assert "没有“西村小学”" in refused.stderr and "row 2, column 学校" in refused.stderr
    assert "Nothing was imported." in run("county", "import", "wrong.csv", folder=folder).stderr


def test_the_template_is_written_once(folder: Path) -> None:
    assert run("county", "template", "new.xlsx", folder=folder).returncode == 0
    assert (folder / "new.xlsx").read_bytes().startswith(b"PK")
    again = run("county", "template", "new.xlsx", folder=folder)
    assert again.returncode == 1 and f"new.xlsx cannot be written: {os.strerror(17)}" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("change", "no/id", "--cancel"), "is no id"),
        (("change", "LAAAAAAAAAA", "--room", "a"), "--room is OLD=NEW"),
        (("substitutes", "LAAAAAAAAAA"), "no such lesson"),
        (("revoke", "FAAAAAAAAAA"), "no such feed"),
        (("week", "--first", "yesterday"), "first is a day such as"),
    ],
)
def test_a_wrong_word_is_answered_with_a_sentence(arguments: tuple[str, ...], sentence: str, folder: Path) -> None:
    refused = run("county", *arguments, folder=folder)
    assert refused.returncode == 1 and sentence in refused.stderr and refused.stderr.count("\n") == 1
