"""Services that die without a goodbye in the midst of a recorded lesson, and what that costs the take."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from media_tests.lesson.classrooms import LEAD_FILES, Classroom, Classrooms
from media_tests.lesson.recording import all_recording, fragments
from media_tests.lesson.system import Service, System
from media_tests.lesson.taken import Taken, end_before
from signaling.messages.client import Taking
from signaling.messages.ids import SeatId, track_id

Victim = Literal["recorder", "node", "signaling"]
VICTIMS: Final[tuple[Victim, ...]] = ("recorder", "node", "signaling")


@dataclass(frozen=True, slots=True)
class Kill:
    victim: Victim
    at_us: int
    back_us: int
    """When the lead's screen said again that all is recorded, and it was."""


async def killed(lesson: Classrooms, lead: Classroom, root: Path, victim: Victim, after_s: float) -> Kill:
    """Waits for the instant, kills, starts again as `up` would, and waits until all is recorded again."""
    system: System = lesson.system
    service: Service = {"recorder": system.recorder, "node": system.node, "signaling": system.signaling}[victim]
    await asyncio.sleep(after_s)
    at_us, heard = time.monotonic_ns() // 1000, len(lead.messages)
    before = fragments(root, lesson.lesson)
    await service.kill()
    await service.start()

    def back() -> bool:
        # A new signaling tells everything anew; a recorder that is back before it is doubted changes no word of it.
        told = victim != "signaling" or any(isinstance(message, Taking) for message in lead.messages[heard:])
        if not (lead.client.seated and told and all_recording(lead, LEAD_FILES)):
            return False
        grown = fragments(root, lesson.lesson)
        return all(grown[source] > before[source] + 1 for source in LEAD_FILES)

    await lesson.until(f"the take goes on after the {victim} was killed", back)
    return Kill(victim, at_us, time.monotonic_ns() // 1000)


def lost_ms_of(taken: Taken, seat: SeatId, kill: Kill) -> float:
    """Of what was sent before the kill: how much at its end is in no file, in the worst track."""
    ends = [end_before(taken.spans(track_id(seat, source)), kill.at_us) for source in LEAD_FILES]
    return max((kill.at_us - end) / 1000 for end in ends if end is not None)
