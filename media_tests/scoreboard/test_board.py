"""The board judges by its table, keeps the newest of each, and says what is missing."""

import json
from dataclasses import asdict

import pytest

from media_tests.scoreboard.board import (
    EXPECTED,
    TARGETS,
    Measurement,
    Origin,
    history_line,
    measurements,
    merged,
    missing,
    row,
    table,
)
from media_tests.scoreboard.origin import behind, here

OLD, NEW = Origin("a" * 40, False, "M"), Origin("b" * 40, True, "M")


def test_only_whole_json_lines_are_measurements() -> None:
    output = 'Compiling\n{"name": "a", "value": 1.5, "unit": "ms"}\n{"name": "b"}\n{broken\n  {"value": 1}\n'
    assert measurements(output) == [Measurement("a", 1.5, "ms")]


def test_a_value_is_met_up_to_its_target_and_not_beyond() -> None:
    target = TARGETS["join_first_frame_p95_ms"]
    verdicts = [row(Measurement("join_first_frame_p95_ms", value, "ms"), OLD).met for value in (target, target + 0.1)]
    assert verdicts == [True, False]


def test_a_value_without_target_is_only_reported() -> None:
    made = row(Measurement("forward_cpu_us_n1", 3.0, "us"), OLD)
    assert (made.target, made.met) == (None, None)


def test_a_row_has_the_fields_that_others_read() -> None:
    assert set(asdict(row(Measurement("a", 1, "ms"), OLD))) == {
        "name",
        "value",
        "unit",
        "target",
        "met",
        "parent_commit",
        "dirty",
        "machine",
    }


def test_a_partial_run_keeps_the_other_rows_with_their_own_commit() -> None:
    before = [asdict(row(Measurement(name, 1, "ms"), OLD)) for name in ("a", "b")]
    board = merged(before, [row(Measurement("b", 2, "ms"), NEW)])
    assert [(each["name"], each["value"], each["parent_commit"]) for each in board] == [
        ("a", 1, OLD.parent_commit),
        ("b", 2, NEW.parent_commit),
    ]


def test_what_was_not_measured_is_named() -> None:
    assert missing(EXPECTED) == [] and missing(EXPECTED[1:]) == [EXPECTED[0]]
    assert set(TARGETS) <= set(EXPECTED)


def test_the_table_shows_a_miss_and_a_changed_tree() -> None:
    shown = table([asdict(row(Measurement("demo_cores", 9.0, "cores"), NEW))], lambda commit: 0).splitlines()[1]
    assert shown.split() == ["demo_cores", "9", "cores", "<=", "2", "MISSED", "bbbbbbbbb+"]


@pytest.mark.parametrize(("since", "said"), [(0, ""), (92, "92 behind"), (None, "of elsewhere")])
def test_the_table_says_how_old_a_row_is(since: int | None, said: str) -> None:
    shown = table([asdict(row(Measurement("demo_cores", 1.0, "cores"), OLD))], lambda commit: since).splitlines()[1]
    assert shown.partition("a" * 9)[2].strip() == said


def test_a_run_is_one_line_of_history() -> None:
    line = history_line("2026-11-22T10:00:00+00:00", NEW, [row(Measurement("a", 1, "ms"), NEW)])
    assert line.endswith("}\n") and line.count("\n") == 1
    assert json.loads(line)["values"] == {"a": 1} and json.loads(line)["parent_commit"] == NEW.parent_commit


def test_the_origin_names_commit_and_machine() -> None:
    found = here()
    assert len(found.parent_commit) == 40 and "cores" in found.machine


def test_commits_are_counted_back_to_one_that_leads_here() -> None:
    assert behind(here().parent_commit) == 0 and behind("f" * 40) is None
