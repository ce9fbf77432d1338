"""How long the disk lasts for what is being taken now, and what is said of it before it fills."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from recorder.core.space import SpaceRules, enough_again, lasts_s, mib, refusal, shortage
from recorder.core.timeline import NodeTime
from signaling.messages.events import RecordingPolicy
from signaling.messages.ids import Source, SpaceLevel

WINDOW_US: Final = 60_000_000
"""Long enough for the pictures' ups and downs, short enough for a lesson that has just begun."""
LEAST_US: Final = 15_000_000
"""A shorter measure says little: fragments are of a second."""
CALM: Final = 1.25
"""By so much more than was short it must last again, so that no warning comes and goes."""
USUAL: Final[tuple[Source, ...]] = RecordingPolicy().sources


class Pace:
    """What is written a second, over the last minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[NodeTime, int]] = deque()

    def saw(self, written_bytes: int, now: NodeTime) -> None:
        """All that was ever written, as it is now; it never falls."""
        self._seen.append((now, written_bytes))
        while len(self._seen) > 1 and now - self._seen[1][0] >= WINDOW_US:
            self._seen.popleft()

    def bytes_per_s(self) -> float | None:
        """None while too little was seen."""
        (began, before), (now, written) = self._seen[0], self._seen[-1]
        return (written - before) * 1e6 / (now - began) if now - began >= LEAST_US else None


@dataclass(frozen=True, slots=True)
class Forecast:
    free_bytes: int
    bytes_per_s: float
    """Of all takes together."""
    lasts_s: float | None
    """None while nothing is written."""
    level: SpaceLevel
    sentence: str = ""
    """What is to be done, for the operator; empty while there is enough."""


def forecast(
    free_bytes: int, bytes_per_s: float, promised_bytes_per_s: float, rules: SpaceRules, before: SpaceLevel = "enough"
) -> Forecast:
    """`promised` is what the running takes may bring at most, `before` the level that was told last."""
    lasts = lasts_s(free_bytes, bytes_per_s, rules)
    level, sentence = _judged(free_bytes, lasts, promised_bytes_per_s, rules, before)
    return Forecast(free_bytes, bytes_per_s, lasts, level, sentence)


def _judged(
    free_bytes: int, lasts: float | None, promised_bytes_per_s: float, rules: SpaceRules, before: SpaceLevel
) -> tuple[SpaceLevel, str]:
    if (words := shortage(free_bytes, rules)) is not None:
        return "full", f"{words} Nothing is recorded until takes are deleted or the disk gets more."
    if before == "full" and not enough_again(free_bytes, rules):
        return "full", f"The disk is still as good as full: {mib(free_bytes)} are free."
    calm = CALM if before != "enough" else 1.0
    if lasts is not None and lasts < rules.lesson_s * calm:
        minutes = int(lasts // 60)
        return "short", (
            f"The disk lasts {minutes} min for what is taken now: {mib(free_bytes)} are free, and "
            f"{mib(rules.reserve_bytes)} are never used. Delete takes or give the disk more."
        )
    if (words := refusal(free_bytes, promised_bytes_per_s, USUAL, rules)) is not None:
        return "short", f"The next lesson would be refused. {words}"
    if refusal(int(free_bytes / calm), promised_bytes_per_s, USUAL, rules) is not None:
        return "short", f"The next lesson only just fits: {mib(free_bytes)} are free."
    return "enough", ""
