"""What only a long proof measures: shown on the board from what `make proof` kept, with its commit. No I/O."""

from collections.abc import Iterable, Mapping
from typing import Final

from media_tests.scoreboard.board import TARGETS, Origin, Row

PROVEN: Final[Mapping[str, tuple[str, str]]] = {"recording_drift_ms_45min": ("[45_min]", "ms")}
"""Each measure with the end of its proof's name, and its unit."""


def rows(proofs: Iterable[Mapping[str, object]]) -> list[Row]:
    """One for each measure that a proof brought; of a proof that failed it is not met, whatever its value."""
    return [
        _row(name, unit, proof)
        for proof in proofs
        for name, (ending, unit) in PROVEN.items()
        if str(proof["name"]).endswith(ending) and name in _measures(proof)
    ]


def _row(name: str, unit: str, proof: Mapping[str, object]) -> Row:
    value, target = float(_measures(proof)[name]), TARGETS.get(name)
    met = None if target is None else proof["outcome"] == "passed" and value <= target
    origin = Origin(str(proof["parent_commit"]), bool(proof["dirty"]), str(proof["machine"]))
    return Row(name, value, unit, target, met, origin.parent_commit, origin.dirty, origin.machine)


def _measures(proof: Mapping[str, object]) -> Mapping[str, str]:
    measures = proof["measures"]
    return measures if isinstance(measures, dict) else {}
