"""Lines that a lesson must bear, and what a person behind each may miss: one table for the short test and the proof."""

from dataclasses import dataclass, replace
from typing import Literal

Figure = Literal[
    "heard",
    "decoded",
    "frozen",
    "frames_per_s",
    "glass_to_glass_ms",
    "keyframe_requests_per_s",
    "copied",
    "in_band_fec",
]


@dataclass(frozen=True, slots=True)
class Bound:
    """What one figure must be, both ends included."""

    figure: Figure
    at_least: float = 0.0
    at_most: float = float("inf")

    def holds(self, value: float) -> bool:
        return self.at_least <= value <= self.at_most


@dataclass(frozen=True, slots=True)
class Case:
    """A line in the emulator's words, seen from who is behind it."""

    name: str
    up: str
    down: str
    bounds: tuple[Bound, ...]
    behind: Literal["viewer", "lead"] = "viewer"
    seed: int = 20


def heard(share: float) -> Bound:
    """Of the sound, from real or redundant data."""
    return Bound("heard", at_least=share)


def frozen(share: float) -> Bound:
    """Of the time, as the browser counts freezes."""
    return Bound("frozen", at_most=share)


SMOOTH = Bound("frames_per_s", at_least=15)
# A publisher hears of it at most once a second, whatever its viewers miss.
NO_STORM = Bound("keyframe_requests_per_s", at_most=1)
# What an uplink loses came inside later packets, and its encoder was told to carry the frame before.
REALLY_ON = (Bound("copied", at_least=1), Bound("in_band_fec", at_least=1))
SATELLITE = (
    heard(0.995),
    Bound("decoded", at_least=0.995),
    Bound("glass_to_glass_ms", at_most=1500),
    SMOOTH,
    NO_STORM,
)
# Round trip 100 ms, both ways impaired (the way back loses what is asked for).
NEAR = "delay=50ms"
SKY_UP, SKY_DOWN = "delay=300ms rate=2mbit queue=300ms", "delay=300ms rate=10mbit queue=300ms"


def near(name: str, loss: str, *bounds: Bound) -> Case:
    """A line on earth that loses so much both ways."""
    return Case(name, f"{NEAR} {loss}", f"{NEAR} {loss}", bounds)


SATELLITE_RANDOM = Case("satellite_2_random", SKY_UP, f"{SKY_DOWN} loss=2%", SATELLITE)
# Of the 300 frames of twelve seconds some are on their way at either end.
SATELLITE_SHORT = replace(
    SATELLITE_RANDOM, bounds=(heard(0.995), Bound("decoded", at_least=0.985), frozen(0.02), *SATELLITE[2:])
)
NEAR_10 = near("near_10_random", "loss=10%", heard(0.99), frozen(0.01), SMOOTH, NO_STORM)
CASES = (
    SATELLITE_RANDOM,
    Case("satellite_2_bursts_of_3", SKY_UP, f"{SKY_DOWN} loss=2% burst=3", SATELLITE),
    near("near_5_random", "loss=5%", heard(0.99), frozen(0.005), SMOOTH, NO_STORM),
    NEAR_10,
    near("near_10_bursts_of_3", "loss=10% burst=3", heard(0.97), NO_STORM),
    near("near_30_random", "loss=30%", heard(0.97), Bound("decoded", at_least=0.97), SMOOTH, NO_STORM),
    Case("lead_10_random", f"{NEAR} loss=10%", NEAR, (heard(0.99), NO_STORM, *REALLY_ON), behind="lead"),
)
