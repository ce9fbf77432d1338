"""What the demonstration costs: CPU time of each process of the system, in cores, from /proc (see proc(5))."""

import os
from collections.abc import Mapping
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_BROWSERS = ("chrome", "chromium", "firefox-esr", "firefox")


def cpu_seconds(parent: int, own: int) -> Mapping[str, float]:
    """CPU time since its start of each child of `parent`, of `own`, and of all browsers together, by name."""
    spent: dict[str, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        name = _name(int(folder.name), stat, words, parent, own)
        if name is not None:
            spent[name] = spent.get(name, 0.0) + _seconds(stat)
    return spent


def in_cores(before: Mapping[str, float], after: Mapping[str, float], seconds: float) -> str:
    """One line: what each has used between two readings, and all together."""
    used = {name: max(0.0, spent - before.get(name, spent)) / seconds for name, spent in sorted(after.items())}
    parts = [f"{name} {cores:.2f}" for name, cores in used.items()]
    return f"CPU in cores: {', '.join(parts)}; together {sum(used.values()):.2f}"


def _name(pid: int, stat: str, words: list[str], parent: int, own: int) -> str | None:
    command = stat[stat.index("(") + 1 : stat.rindex(")")]
    if command in _BROWSERS:
        return "browsers"
    if pid == own:
        return "demonstration"
    started_by = int(stat[stat.rindex(")") + 2 :].split()[1])
    if pid == parent:
        return "supervisor" if "up" in words else None
    if started_by != parent:
        return None
    return words[words.index("-m") + 1] if "-m" in words else None


def _seconds(stat: str) -> float:
    fields = stat[stat.rindex(")") + 2 :].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
