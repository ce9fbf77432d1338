"""Why something may be deleted, and what is signed of it for whoever asks later."""

from typing import Final

LONGEST_REASON: Final = 500


class ReasonError(ValueError):
    """Nobody deletes without a reason."""


def reason(text: str) -> str:
    """The reason as it is kept; raises ReasonError."""
    words = " ".join(text.split())
    if not words:
        raise ReasonError("Say why this is deleted; the reason is kept with the tombstone.")
    if len(words) > LONGEST_REASON:
        raise ReasonError(f"The reason has {len(words)} characters; at most {LONGEST_REASON} are kept.")
    return words
