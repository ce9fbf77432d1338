"""Whether there is room: before a lesson for all of it, and while it runs for what comes next."""

from dataclasses import dataclass
from typing import Final

from signaling.messages.ids import Source

MIB: Final = 1 << 20
BYTES_PER_S: Final[dict[Source, int]] = {
    "teacher": 330_000,
    "students": 330_000,
    "board": 200_000,
    "courseware": 200_000,
    "teacher_mic": 8_000,
    "room_mic": 8_000,
    "courseware_audio": 16_000,
}
"""What a track brings at most over a lesson: 720p25 at 2.6 Mbit/s, slides at 1.6, speech at 64 kbit/s."""


@dataclass(frozen=True, slots=True)
class SpaceRules:
    reserve_bytes: int = 512 * MIB
    """Left free whatever comes: the store of signaling may lie on the same disk."""
    lesson_s: int = 50 * 60
    """What a lesson is expected to last."""


def refusal(free_bytes: int, running_bytes_per_s: float, sources: tuple[Source, ...], rules: SpaceRules) -> str | None:
    """Why a take must not begin, in words; None when there is room for all of it beside those that run."""
    wanted = sum(BYTES_PER_S[source] for source in sources) * rules.lesson_s
    promised = int(running_bytes_per_s * rules.lesson_s)
    missing = wanted + promised + rules.reserve_bytes - free_bytes
    if missing <= 0:
        return None
    unpromised = max(0, free_bytes - promised - rules.reserve_bytes)
    return (
        f"Not recorded: this lesson may need {mib(wanted)}, and {mib(unpromised)} of the {mib(free_bytes)} that are "
        f"free are left for it. Delete takes or give the disk {mib(missing)} more."
    )


def shortage(free_bytes: int, rules: SpaceRules) -> str | None:
    """Why a running take must stop writing now, in words."""
    if free_bytes >= rules.reserve_bytes:
        return None
    return f"The disk is full: {mib(free_bytes)} left, and {mib(rules.reserve_bytes)} are never used."


def enough_again(free_bytes: int, rules: SpaceRules) -> bool:
    """A quarter more than the reserve, so that a take does not stop and go."""
    return free_bytes >= rules.reserve_bytes * 5 // 4


def lasts_s(free_bytes: int, bytes_per_s: float, rules: SpaceRules) -> float | None:
    """How long the room lasts at this rate; None while nothing is written."""
    return max(0, free_bytes - rules.reserve_bytes) / bytes_per_s if bytes_per_s > 0 else None


def work_refusal(free_bytes: int, wanted_bytes: int, reserve_bytes: int) -> str | None:
    """Why the work after the bell waits; what lessons are promised is none of its."""
    missing = wanted_bytes + reserve_bytes - free_bytes
    if missing <= 0:
        return None
    return (
        f"Waits for room: this needs {mib(wanted_bytes)}, {mib(free_bytes)} are free, and {mib(reserve_bytes)} "
        f"stay so. Delete takes or give the disk {mib(missing)} more."
    )


def mib(amount: int) -> str:
    """As people are told of it."""
    return f"{amount / MIB:,.0f} MiB" if amount < 10_240 * MIB else f"{amount / MIB / 1024:,.1f} GiB"
