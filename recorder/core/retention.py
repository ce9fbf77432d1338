"""How long what is kept: segments, raw takes, what the shelf shows, and the log of playbacks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

DAY_MS: Final = 24 * 3600 * 1000
LEAST_LOG_DAYS: Final = 190
"""Six calendar months can be 184 days; the law asks for six months of logs."""

SET_MS: Final = 60_000
"""Two clocks of one machine differ by less unless somebody sets one: what is slewed moves by half a second in 1000."""

Part = Literal["segments", "raw", "all"]


@dataclass(frozen=True, slots=True)
class Terms:
    """The retention clocks of a library, in days."""

    segment_days: int = 7
    """Segments hold the same frames as the whole files made of them; so long a fault in these can be put right."""
    raw_days: int = 90
    shelf_days: int | None = None
    """None: what is on the shelf stays until somebody deletes it."""
    log_days: int = LEAST_LOG_DAYS
    check_days: int = 30
    """How often what is stored is compared with what was stored; 0: never."""

    def __post_init__(self) -> None:
        if self.raw_days < 1 or self.segment_days < 1 or (self.shelf_days is not None and self.shelf_days < 1):
            raise ValueError("what is kept is kept for a day at least")
        if self.log_days < LEAST_LOG_DAYS:
            raise ValueError(f"the log of playbacks is kept for {LEAST_LOG_DAYS} days at least")


@dataclass(frozen=True, slots=True)
class Kept:
    """One take of which something is kept."""

    take: str
    ended_at_ms: int
    raw: bool
    """The raw tracks are still there."""
    doubled: bool = False
    """Its segments are there, and every whole file that can be made of them is in the store."""
    held: bool = False
    """Kept as evidence, whatever the clock says."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Both clocks at one moment."""

    wall_ms: int
    up_ms: int
    """Since the machine was started; nobody sets it."""


def steady(before: Pulse | None, now: Pulse) -> bool:
    """The wall clock was not set between two moments: nothing is removed for a clock that leapt, or has just begun."""
    return before is not None and abs((now.wall_ms - before.wall_ms) - (now.up_ms - before.up_ms)) <= SET_MS


@dataclass(frozen=True, slots=True)
class Due:
    """What has had its time."""

    take: str
    part: Part


def due(kept: Iterable[Kept], terms: Terms, now_ms: int) -> tuple[Due, ...]:
    """What is to be removed now; a day too late is a duty missed, a moment too early is a loss."""
    return tuple(Due(each.take, part) for each in kept if (part := _part_due(each, terms, now_ms)) is not None)


def unchecked(kept: Iterable[Kept], terms: Terms, now_ms: int) -> tuple[str, ...]:
    """Takes old enough to be looked at once more; they were read back when they were stored."""
    return tuple(
        each.take for each in kept if terms.check_days and now_ms - each.ended_at_ms >= terms.check_days * DAY_MS
    )


def log_before_ms(terms: Terms, now_ms: int) -> int:
    """Lines of the playback log that are older than this are forgotten."""
    return now_ms - terms.log_days * DAY_MS


def _part_due(kept: Kept, terms: Terms, now_ms: int) -> Part | None:
    age_ms = now_ms - kept.ended_at_ms
    if kept.held:
        return None
    if terms.shelf_days is not None and age_ms >= terms.shelf_days * DAY_MS:
        return "all"
    if kept.raw and age_ms >= terms.raw_days * DAY_MS:
        return "raw"
    return "segments" if kept.doubled and age_ms >= terms.segment_days * DAY_MS else None
