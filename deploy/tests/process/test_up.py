"""The options of `up` are remembered."""

from pathlib import Path

import pytest

from deploy.core.configuration import certificate_of, operator_key, own_url
from deploy.disk import configuration
from deploy.process import up


def test_options_given_once_hold_at_the_next_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "three-classrooms.toml"
    first = up.settled(path, "school.example", tmp_path / "a.crt", tmp_path / "a.key", front=False)
    assert own_url(first) == "https://school.example:8080"
    assert up.settled(path, None, None, None, front=False) == first == configuration.read(path)
    assert certificate_of(first) == str(tmp_path / "a.crt")
    said = capsys.readouterr().out
    assert "new, with secrets of its own" in said and operator_key(first) not in said


def test_a_front_stays_when_the_address_changes(tmp_path: Path) -> None:
    path = tmp_path / "three-classrooms.toml"
    up.settled(path, "school.example", tmp_path / "a.crt", tmp_path / "a.key", front=True)
    again = up.settled(path, "county.example", None, None, front=False)
    assert own_url(again) == "https://county.example" and again["node"]["front"] == ["auto:443"]


def test_every_line_carries_its_service(capsys: pytest.CaptureFixture[str]) -> None:
    up.say("node", "listens")
    assert capsys.readouterr().out == "node      │ listens\n"
