"""What may be taken of a lesson: pupils only when a named person enabled it on a stated basis."""

from typing import Final

from signaling.core.lesson import Lesson
from signaling.core.permissions import publishable
from signaling.core.refusal import Refusal
from signaling.messages.events import RecordingPolicy
from signaling.messages.ids import Role, SeatId, Source, kind_of

PUPILS: Final[frozenset[Source]] = frozenset({"students", "room_mic"})
LONGEST_BASIS: Final = 500
MOST_RECORDER_SLOTS: Final = 32
"""Per kind; the node gives no more."""


def checked(policy: RecordingPolicy) -> RecordingPolicy:
    """Gives the policy back without repetitions; raises Refusal when pupils are taken without a name and a basis."""
    sources = tuple(dict.fromkeys(policy.sources))
    enabled_by, basis = (policy.enabled_by or "").strip(), (policy.basis or "").strip()
    for name, said in (("enabled_by", enabled_by), ("basis", basis)):
        if len(said) > LONGEST_BASIS or not said.isprintable():
            raise Refusal("wrong_message", f"{name} is a line of at most {LONGEST_BASIS} characters: screens show it.")
    shown: set[str] = {source for source in sources if source in PUPILS}
    if policy.muted_sound:
        if "room_mic" not in sources:
            raise Refusal("wrong_message", "muted_sound is about room_mic: name room_mic among the sources as well.")
        shown.add("muted_sound")
    if shown and not (enabled_by and basis):
        raise Refusal(
            "policy_without_basis",
            f"Taking {' and '.join(sorted(shown))} shows or lets hear pupils: "
            "name who enabled it (enabled_by) and on what basis (basis).",
        )
    return RecordingPolicy(sources, enabled_by or None, basis or None, policy.muted_sound)


def takeable(lesson: Lesson, seat: SeatId) -> tuple[Source, ...]:
    """What the policy lets be taken of a seat."""
    may_publish = publishable(lesson.mode, lesson.seats[seat].role)
    return tuple(source for source in may_publish if source in lesson.policy.sources)


def recorder_slots(lesson: Lesson) -> tuple[int, int]:
    """Video and audio slots for all that may ever be taken, so that nothing has to be negotiated again."""
    classrooms: list[tuple[Role, int]] = [("lead", 1), ("room", len(lesson.rural_classrooms))]
    counts = {"video": 0, "audio": 0}
    for role, many in classrooms:
        for source in publishable(lesson.mode, role):
            if source in lesson.policy.sources:
                counts[kind_of(source)] += many
    return min(counts["video"], MOST_RECORDER_SLOTS), min(counts["audio"], MOST_RECORDER_SLOTS)
