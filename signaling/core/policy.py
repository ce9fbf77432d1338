"""What may be taken of a lesson: pupils only when a named person enabled it on a stated basis."""

from collections.abc import Iterable
from typing import Final

from signaling.core.refusal import Refusal
from signaling.messages.events import RecordingPolicy
from signaling.messages.ids import Source

PUPILS: Final[frozenset[Source]] = frozenset({"students", "room_mic"})


def checked(policy: RecordingPolicy) -> RecordingPolicy:
    """Gives the policy back without repetitions; raises Refusal when pupils are taken without a name and a basis."""
    sources = tuple(dict.fromkeys(policy.sources))
    enabled_by, basis = (policy.enabled_by or "").strip(), (policy.basis or "").strip()
    if PUPILS & set(sources) and not (enabled_by and basis):
        raise Refusal(
            "policy_without_basis",
            f"Taking {_names(PUPILS & set(sources))} shows or lets hear pupils: "
            "name who enabled it (enabled_by) and on what basis (basis).",
        )
    return RecordingPolicy(sources, enabled_by or None, basis or None)


def _names(sources: Iterable[Source]) -> str:
    return " and ".join(sorted(sources))
