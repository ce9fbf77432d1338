"""`python -m media_tests.proof`: runs the long tests by hand and keeps what they found, with the commit."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from media_tests.scoreboard import kept, origin, proven

RESULTS = Path(__file__).parent / "scoreboard" / "proof.json"
# Three quarters of an hour for drift, a quarter for kills, ten minutes each for the lesson and the loss test.
LONGEST_S = 3 * 3600.0
NO_TESTS = 5


@dataclass(frozen=True, slots=True)
class Proof:
    """One long test: how it ended, and what it recorded by `record_property`."""

    name: str
    outcome: str
    seconds: float
    measures: dict[str, str]


def main(arguments: Sequence[str]) -> int:
    """Ends as pytest ended."""
    before = origin.here()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        argv = [sys.executable, "-m", "pytest", "-m", "proof", "-o", "junit_family=xunit1", f"--junit-xml={report}"]
        ran = subprocess.run([*argv, *arguments], cwd=origin.ROOT, timeout=LONGEST_S, check=False)
        if ran.returncode == NO_TESTS:
            print("no test is marked `proof`", file=sys.stderr)
            return ran.returncode
        found = read(report.read_text("utf-8"))
    now = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **asdict(before)}
    board = merged(results(), [asdict(each) | now for each in found])
    RESULTS.write_text(json.dumps(board, indent=1, ensure_ascii=False) + "\n")
    kept.keep(proven.rows(results()))
    print(f"written to {RESULTS.relative_to(origin.ROOT)}")
    return ran.returncode


def results() -> list[Mapping[str, object]]:
    """The newest result of each proof, with the commit it is of."""
    return list(json.loads(RESULTS.read_text("utf-8"))) if RESULTS.exists() else []


def merged(before: Iterable[Mapping[str, object]], now: Iterable[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Each proof's newest result, in the order of their names: running one alone keeps the others'."""
    newest = {str(each["name"]): each for each in (*before, *now)}
    return [newest[name] for name in sorted(newest)]


def read(report: str) -> list[Proof]:
    """The tests of a JUnit report."""
    return [
        Proof(
            f"{case.get('classname', '')}.{case.get('name', '')}",
            next((kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None), "passed"),
            float(case.get("time", "0")),
            {str(each.get("name")): str(each.get("value")) for each in case.iter("property")},
        )
        for case in ElementTree.fromstring(report).iter("testcase")
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
