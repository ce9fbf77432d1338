"""Measurements against targets: reads what benchmarks print, makes rows, the table and the files' text. No I/O."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a benchmark printed as one JSON line."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What was measured, and where."""

    parent_commit: str
    """The commit that was checked out; the result goes into a later one."""
    dirty: bool
    """Whether files differed from that commit."""
    machine: str


@dataclass(frozen=True, slots=True)
class Row:
    """One object of latest.json."""

    name: str
    value: float
    unit: str
    target: float | None
    """No more than this; None where the value is only reported."""
    met: bool | None
    parent_commit: str
    dirty: bool
    machine: str


TARGETS: Mapping[str, float] = {
    "forward_cpu_vs_floor_n10": 1.8,
    "forward_cpu_vs_floor_n100": 1.8,
    "join_first_frame_p95_ms": 500.0,
    # Two cores hold the lesson beside one browser.
    "demo_cores": 2.0,
    "library_search_p95_ms": 300.0,
    "recorder_core_per_room": 0.04,
    "recording_av_skew_ms": 40.0,
    "recording_drift_ms_45min": 40.0,
    "recording_lost_ms_on_kill_p95": 2000.0,
}
"""The most that each may be. What is not here is reported without judgement."""

EXPECTED: Sequence[str] = (
    "forward_cpu_vs_floor_n10",
    "forward_cpu_vs_floor_n100",
    "forward_cpu_us_n1",
    "join_first_frame_p50_ms",
    "join_first_frame_p95_ms",
    "glass_to_glass_p95_ms",
    "demo_cores",
    "library_search_p95_ms",
    "after_bell_ratio",
    "recorder_core_per_room",
    "recorder_mib_per_room",
    "recording_av_skew_ms",
    "recording_drift_ms_45min",
    "recording_lost_ms_on_kill_p95",
)
"""What a whole run must bring; what is missing is said."""


def measurements(output: str) -> list[Measurement]:
    """The JSON lines `{"name", "value", "unit"}` among a benchmark's other words."""
    found = []
    for line in output.splitlines():
        try:
            fields = json.loads(line) if line.lstrip().startswith("{") else None
            if isinstance(fields, dict):
                found.append(Measurement(str(fields["name"]), float(fields["value"]), str(fields["unit"])))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def row(measured: Measurement, origin: Origin) -> Row:
    """A measurement beside its target."""
    target = TARGETS.get(measured.name)
    met = None if target is None else measured.value <= target
    return Row(measured.name, measured.value, measured.unit, target, met, **asdict(origin))


def merged(before: Iterable[Mapping[str, object]], now: Sequence[Row]) -> list[Mapping[str, object]]:
    """The newest row of each name, in the order of their names; each says itself which commit it is of."""
    newest = {str(old["name"]): old for old in before if "name" in old}
    newest |= {new.name: asdict(new) for new in now}
    return [newest[name] for name in sorted(newest)]


def missing(names: Iterable[str]) -> list[str]:
    """What a whole run should have brought and did not."""
    found = set(names)
    return [name for name in EXPECTED if name not in found]


def history_line(at: str, origin: Origin, now: Sequence[Row]) -> str:
    """One run as one line."""
    values = {each.name: each.value for each in now}
    return json.dumps({"at": at, **asdict(origin), "values": values}, ensure_ascii=False) + "\n"


def table(rows: Iterable[Mapping[str, object]], behind: Callable[[str], int | None]) -> str:
    """The board for a terminal; a row that is not of the commit at hand says how many commits came since."""
    lines = [_line("measure", "value", "target", "", "commit")]
    for each in rows:
        target, met = each["target"], each["met"]
        verdict = "" if met is None else "met" if met else "MISSED"
        since = behind(str(each["parent_commit"]))
        age = "of elsewhere" if since is None else f"{since} behind" if since else ""
        commit = f"{str(each['parent_commit'])[:9]}{'+' if each['dirty'] else ' '} {age}"
        shown = "" if target is None else f"<= {target:g}"
        lines.append(_line(str(each["name"]), f"{each['value']:.4g} {each['unit']}", shown, verdict, commit))
    return "\n".join(lines)


def _line(name: str, value: str, target: str, verdict: str, commit: str) -> str:
    return f"{name:<34} {value:>16}  {target:<10} {verdict:<7} {commit}".rstrip()
