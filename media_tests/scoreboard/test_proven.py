"""The drift of three quarters of an hour is no benchmark's: the board has it from the proof, with its commit."""

import json
from pathlib import Path

import pytest

from media_tests.proof import results
from media_tests.scoreboard import __main__ as scoreboard
from media_tests.scoreboard import kept
from media_tests.scoreboard.proven import PROVEN, rows

DRIFT = "recording_drift_ms_45min"
PROOF = {
    "name": "media_tests.lesson.test_drift.test_a_film_keeps_the_publishers_time[45_min]",
    "outcome": "passed",
    "measures": {DRIFT: "26.1", "looks": "530 of 534"},
    "parent_commit": "a" * 40,
    "dirty": False,
    "machine": "M",
}


def test_a_proven_measure_has_the_commit_of_its_proof() -> None:
    (row,) = rows([PROOF, PROOF | {"name": "another[45_min]", "measures": {}}])
    assert (row.name, row.value, row.target, row.met) == (DRIFT, 26.1, 40.0, True)
    assert (row.parent_commit, row.dirty, row.machine) == ("a" * 40, False, "M")


@pytest.mark.parametrize("change", [{"outcome": "failure"}, {"measures": {DRIFT: "40.1"}}], ids=["failed", "too_much"])
def test_a_proof_that_failed_is_not_met(change: dict[str, object]) -> None:
    assert [row.met for row in rows([PROOF | change])] == [False]


def test_the_short_form_proves_nothing() -> None:
    assert rows([PROOF | {"name": "test_a_film_keeps_the_publishers_time[short]"}]) == []


def test_what_is_kept_has_every_proven_measure() -> None:
    assert {row.name for row in rows(results())} == set(PROVEN)


def test_the_board_on_the_disk_shows_the_newest_proof() -> None:
    board = {each["name"]: each for each in kept.latest()}
    for row in rows(results()):
        assert board[row.name]["value"] == row.value and board[row.name]["parent_commit"] == row.parent_commit


def test_a_board_is_written_with_what_was_proven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LATEST", tmp_path / "latest.json")
    monkeypatch.setattr(scoreboard, "HISTORY", tmp_path / "history.jsonl")
    monkeypatch.setattr("sys.argv", ["scoreboard", "--only", "proofs"])
    assert scoreboard.main() == 0
    (row,) = json.loads((tmp_path / "latest.json").read_text())
    assert row["name"] == DRIFT and row["parent_commit"] == rows(results())[0].parent_commit
