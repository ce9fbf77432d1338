"""How much a client may ask, with time as an argument."""

from dataclasses import dataclass, replace
from typing import Literal

Verdict = Literal["take", "refuse", "hang_up"]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket: `burst` at once, `rate` more each second."""

    rate: float
    burst: float
    level: float
    filled_at_s: float

    def taken(self, now_s: float) -> "Bucket | None":
        """The bucket with one token less, or None when it is empty."""
        level = min(self.burst, self.level + max(0.0, now_s - self.filled_at_s) * self.rate)
        if level < 1:
            return None
        return replace(self, level=level - 1, filled_at_s=now_s)


def full(rate: float, burst: float, now_s: float) -> Bucket:
    """A bucket that nobody has drawn from."""
    return Bucket(rate, burst, burst, now_s)


@dataclass(frozen=True, slots=True)
class Pace:
    """Two buckets: above the first messages are refused, above the second the client is hung up on."""

    messages: Bucket
    flood: Bucket

    def after(self, now_s: float) -> "tuple[Pace, Verdict]":
        """The pace after one more message, and what becomes of that message."""
        flood = self.flood.taken(now_s)
        if flood is None:
            return self, "hang_up"
        messages = self.messages.taken(now_s)
        if messages is None:
            return replace(self, flood=flood), "refuse"
        return Pace(messages, flood), "take"


def pace(now_s: float) -> Pace:
    """A page sends a handful of messages a second at its busiest; ten times that is a fault, more is an attack."""
    return Pace(full(20, 60, now_s), full(60, 300, now_s))
