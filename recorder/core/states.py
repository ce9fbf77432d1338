"""A take's states as a table. `recording` is entered by a frame only, and left when none comes."""

from typing import Final, Literal

from recorder.core.names import TakeState

Happening = Literal["media", "silence", "pause", "go_on", "end", "finish", "failure"]

TRANSITIONS: Final[dict[TakeState, dict[Happening, TakeState]]] = {
    "waiting": {"media": "recording", "pause": "paused", "end": "closing", "failure": "failed"},
    "recording": {"media": "recording", "silence": "gap", "pause": "paused", "end": "closing", "failure": "failed"},
    "gap": {"media": "recording", "pause": "paused", "end": "closing", "failure": "failed"},
    "paused": {"go_on": "gap", "end": "closing", "failure": "failed"},
    "closing": {"finish": "closed", "failure": "failed"},
    "closed": {},
    "failed": {},
}
OVER: Final[frozenset[TakeState]] = frozenset({"closing", "closed", "failed"})


class StateError(RuntimeError):
    """This cannot happen to a take in that state; nothing was changed."""


def after(state: TakeState, happening: Happening) -> TakeState:
    """The next state; raises StateError."""
    try:
        return TRANSITIONS[state][happening]
    except KeyError:
        raise StateError(f"a take that is {state} knows no {happening}") from None
