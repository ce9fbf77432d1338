"""The board on the disk: the newest row of each measure."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from media_tests.scoreboard.board import Row, merged

LATEST = Path(__file__).parent / "latest.json"


def latest() -> list[Mapping[str, object]]:
    return list(json.loads(LATEST.read_text())) if LATEST.exists() else []


def keep(rows: Sequence[Row]) -> list[Mapping[str, object]]:
    """Writes these rows in the place of their older ones; returns the whole board."""
    board = merged(latest(), rows)
    LATEST.write_text(json.dumps(board, indent=1, ensure_ascii=False) + "\n")
    return board
