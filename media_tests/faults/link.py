"""A bad link as a decision: what becomes of each datagram. Seeded; one seed is one run."""

from dataclasses import dataclass
from random import Random
from typing import Protocol


class Loss(Protocol):
    """Decides whether the next datagram is lost."""

    def lost(self, chance: Random) -> bool: ...


@dataclass(frozen=True, slots=True)
class Independent:
    """Every datagram is lost with the same probability."""

    share: float

    def lost(self, chance: Random) -> bool:
        return chance.random() < self.share


class Bursts:
    """Gilbert's model: all is lost in the bad state, nothing in the good one."""

    def __init__(self, share: float, mean_length: float) -> None:
        if not 0 <= share < 1 or mean_length < 1:
            raise ValueError("a burst model needs 0 <= share < 1 and a mean length of at least 1 datagram")
        self._to_good = 1 / mean_length
        self._to_bad = share / (1 - share) / mean_length
        self._bad = False

    def lost(self, chance: Random) -> bool:
        leaves = chance.random() < (self._to_good if self._bad else self._to_bad)
        self._bad = self._bad != leaves
        return self._bad


@dataclass(frozen=True, slots=True)
class LinkConditions:
    """One direction of a link."""

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss: Loss = Independent(0.0)


class Link:
    """One direction: hands each datagram a time of arrival, or none. Order is kept, as on one path."""

    def __init__(self, conditions: LinkConditions, seed: int) -> None:
        self.conditions = conditions
        self.carried = 0
        self.lost = 0
        self._chance = Random(seed)
        self._last_arrival_s = 0.0

    def arrival_s(self, now_s: float) -> float | None:
        """When a datagram sent now arrives, in seconds on the caller's clock; None when it is lost."""
        conditions = self.conditions
        if conditions.loss.lost(self._chance):
            self.lost += 1
            return None
        self.carried += 1
        wait_ms = conditions.delay_ms + self._chance.uniform(0, conditions.jitter_ms)
        self._last_arrival_s = max(self._last_arrival_s, now_s + wait_ms / 1000)
        return self._last_arrival_s
