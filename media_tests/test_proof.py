"""A proof keeps what its tests recorded, also of those that failed."""

import subprocess
import sys
from pathlib import Path

from media_tests.proof import Proof, merged, read

REPORT = """<testsuites><testsuite>
<testcase classname="m" name="test_a" time="600.5">
<properties><property name="gap_ms" value="12"/></properties></testcase>
<testcase classname="m" name="test_b" time="1"><failure message="no"/></testcase>
<testcase classname="m" name="test_c" time="0"><error/></testcase>
</testsuite></testsuites>"""


def test_outcomes_and_measures_are_read() -> None:
    assert read(REPORT) == [
        Proof("m.test_a", "passed", 600.5, {"gap_ms": "12"}),
        Proof("m.test_b", "failure", 1.0, {}),
        Proof("m.test_c", "error", 0.0, {}),
    ]


def test_a_proof_run_alone_keeps_what_others_found_at_their_commits() -> None:
    before = [{"name": name, "parent_commit": "old"} for name in ("b", "a")]
    found = merged(before, [{"name": "b", "parent_commit": "new"}])
    assert [(each["name"], each["parent_commit"]) for each in found] == [("a", "old"), ("b", "new")]


def test_pytests_own_report_is_understood(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_long(record_property):\n    record_property('cores', 1.5)\n")
    report = tmp_path / "report.xml"
    argv = [sys.executable, "-m", "pytest", "-q", "-o", "junit_family=xunit1", f"--junit-xml={report}", "test_it.py"]
    subprocess.run(argv, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    (found,) = read(report.read_text())
    assert found.name.endswith("test_long") and found.outcome == "passed" and found.measures == {"cores": "1.5"}
