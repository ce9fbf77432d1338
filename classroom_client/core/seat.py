"""The way from a code to a seat and back to it, as a table."""

from enum import Enum, auto


class State(Enum):
    """Where a client is on its way to its seat."""

    NEW = auto()
    ADMITTING = auto()
    DIALLING = auto()
    GREETING = auto()
    JOINING = auto()
    SEATED = auto()
    WAITING = auto()
    OVER = auto()


class Signal(Enum):
    """What moves it on."""

    START = auto()
    ADMITTED = auto()
    OPENED = auto()
    WELCOME = auto()
    WELCOME_BACK = auto()
    TAKEN = auto()
    UNSEATED = auto()
    SETBACK = auto()
    DUE = auto()
    BARRED = auto()
    STOP = auto()


_STEPS: dict[tuple[State, Signal], State] = {
    (State.NEW, Signal.START): State.ADMITTING,
    (State.ADMITTING, Signal.ADMITTED): State.DIALLING,
    (State.DIALLING, Signal.OPENED): State.GREETING,
    (State.GREETING, Signal.WELCOME): State.JOINING,
    (State.GREETING, Signal.WELCOME_BACK): State.SEATED,
    (State.JOINING, Signal.TAKEN): State.SEATED,
    (State.SEATED, Signal.UNSEATED): State.JOINING,
    (State.WAITING, Signal.DUE): State.DIALLING,
}
_FROM_ANYWHERE = {Signal.SETBACK: State.WAITING, Signal.BARRED: State.OVER, Signal.STOP: State.OVER}


class WrongStep(RuntimeError):
    """Something happened that cannot happen in this state."""


def after(state: State, signal: Signal) -> State:
    """The state that follows; raises WrongStep for what the table does not know."""
    to = _STEPS.get((state, signal)) or _FROM_ANYWHERE.get(signal)
    if to is None or state is State.OVER:
        raise WrongStep(f"{signal.name} in {state.name}")
    return to
