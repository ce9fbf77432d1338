"""`python -m media_tests.scoreboard`: runs the benchmarks, prints the board, keeps it beside this file."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from media_tests.proof import results
from media_tests.scoreboard import kept, origin, proven
from media_tests.scoreboard.board import Row, history_line, measurements, missing, row, table

HISTORY = Path(__file__).parent / "history.jsonl"
PROOFS = "proofs"
"""In the place of a benchmark's name: only what proofs have measured."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A program that prints measurements as JSON lines, and how long it may take."""

    name: str
    argv: tuple[str, ...]
    longest_s: float


def _python(name: str, longest_s: float) -> Benchmark:
    return Benchmark(name, (sys.executable, "-m", f"media_tests.bench.{name}"), longest_s)


BENCHMARKS: Sequence[Benchmark] = (
    Benchmark(
        "forward",
        ("cargo", "bench", "--quiet", "--locked", "--package", "forwarder-binding", "--bench", "forward"),
        900,
    ),
    _python("join", 480),
    _python("lesson", 300),
    _python("shelf", 300),
    _python("recorder", 300),
)


def main() -> int:
    """A benchmark that is slow is a row; one that cannot be run is an error."""
    parser = argparse.ArgumentParser(prog="scoreboard", description=__doc__)
    parser.add_argument("--only", choices=[*(each.name for each in BENCHMARKS), PROOFS], help="run one benchmark")
    parser.add_argument("--dry-run", action="store_true", help="print the board without writing it")
    options = parser.parse_args()
    rows: list[Row] = []
    failed = False
    before = origin.here()
    for benchmark in BENCHMARKS:
        if options.only in (None, benchmark.name):
            output, sentence = _run(benchmark)
            rows += [row(measured, before) for measured in measurements(output)]
            failed |= bool(sentence)
            if sentence:
                print(f"{benchmark.name}: {sentence}", file=sys.stderr)
    shown = [*rows, *proven.rows(results())]
    board = [asdict(each) for each in shown] if options.dry_run else kept.keep(shown)
    print(table(board, origin.behind))
    if not options.dry_run and rows:
        with HISTORY.open("a") as history:
            history.write(history_line(datetime.now(UTC).isoformat(timespec="seconds"), before, rows))
    absent = [] if options.only else missing(each.name for each in shown)
    if absent:
        print(f"not measured: {', '.join(absent)}", file=sys.stderr)
    return 1 if failed or absent else 0


def _run(benchmark: Benchmark) -> tuple[str, str]:
    """What it printed, and why it could not be run to its end."""
    print(f"== {benchmark.name} (at most {benchmark.longest_s / 60:.0f} minutes)", file=sys.stderr, flush=True)
    try:
        ran = subprocess.run(
            benchmark.argv, cwd=origin.ROOT, stdout=subprocess.PIPE, text=True, timeout=benchmark.longest_s, check=False
        )
    except FileNotFoundError as error:
        return "", f"{error.filename} is missing"
    except subprocess.TimeoutExpired as error:
        return (error.stdout or b"").decode(errors="replace"), f"did not end within {benchmark.longest_s:.0f} s"
    return ran.stdout, f"ended with code {ran.returncode}" if ran.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
