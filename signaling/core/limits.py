"""How much a client may ask, and how often who shows wrong secrets may try, with time as an argument."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, ip_address
from typing import Final, Literal

Verdict = Literal["take", "refuse", "hang_up"]

REMEMBERED: Final = 16
"""Secrets of one address, of the right and of the wrong: a school's pages, forgotten tabs, an old configuration."""


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

    def given_back(self) -> "Bucket":
        """The bucket with one token more."""
        return replace(self, level=min(self.burst, self.level + 1))


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


@dataclass(frozen=True, slots=True)
class Tries:
    """What one address has shown. Only a new wrong secret is a try: who repeats an old one guesses nothing."""

    left: Bucket
    wrong: tuple[bytes, ...] = ()
    """Digests, oldest first."""
    right: tuple[bytes, ...] = ()
    """Who shows what was good here is looked at, whatever others at this address try."""

    def shown(self, digest: bytes, now_s: float) -> "Tries | None":
        """The tries once this secret is looked at, or None when it may not be now."""
        if digest in self.right or digest in self.wrong:
            return self
        left = self.left.taken(now_s)
        return None if left is None else replace(self, left=left)

    def judged(self, digest: bytes, *, good: bool) -> "Tries":
        """The tries after the look; a good secret that was new costs nothing."""
        if digest in self.right or digest in self.wrong:
            return self
        if good:
            return replace(self, left=self.left.given_back(), right=(*self.right, digest)[-REMEMBERED:])
        return replace(self, wrong=(*self.wrong, digest)[-REMEMBERED:])


def tries(now_s: float) -> Tries:
    """A person who looks for the right link needs a handful at once; a guesser gets one a second."""
    return Tries(full(1, 30, now_s))


def caller_address(remote: str, forwarded: Sequence[str], proxies: int) -> str:
    """Whose tries are counted: what the outermost of our proxies saw, and of IPv6 the network, as a host has 2^64."""
    told = [part.strip() for header in forwarded for part in header.split(",")]
    # Each proxy adds whom it heard; what stands before that is the caller's own claim.
    shown = told[-min(proxies, len(told))] if proxies and told else remote
    try:
        address = ip_address(shown)
    except ValueError:
        return remote
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
