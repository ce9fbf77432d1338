"""`three-classrooms client` at the command line: help, and one line for what a person can mend."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from classroom_client.__main__ import app

LINK = "http://127.0.0.1:1/lesson/L#code=x"


def test_help_names_what_there_is() -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}, prog_name="three-classrooms")
    assert shown.exit_code == 0
    words = ("LINK", "--source", "--sink", "--seconds", "--ca", "--sent-log", "teacher_mic", "constrained baseline")
    assert not [word for word in words if word not in shown.output]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "this is no join link"),
        (["x", "--server", "http://[::1"], "server: "),
        ([LINK, "--ca", "nothere.pem"], "nothere.pem cannot be used as an authority: No such file or directory"),
        ([LINK, "--seconds", "nan"], "duration_s: Input should be greater than 0"),
        ([LINK, "--source", "lecturer=a.mp4"], "lecturer: no source; the sources are teacher"),
        ([LINK, "--sent-log", "{folder}/file/log"], "file: File exists"),
    ],
)
def test_an_error_is_one_line(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = CliRunner().invoke(app, [argument.replace("{folder}", str(tmp_path)) for argument in arguments])
    assert ran.exit_code == 2 and sentence in ran.output and ran.output.count("\n") == 1, ran.output
