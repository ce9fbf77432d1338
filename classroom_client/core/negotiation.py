"""One media connection on its way from nothing to live; a table, one for publishing and one for subscribing."""

from enum import Enum, auto

from signaling.messages.ids import Connection


class Phase(Enum):
    """How far a connection is."""

    NONE = auto()
    MAKING = auto()
    """The shell builds an offer or an answer."""
    ASKED = auto()
    """A message is on its way to the server, and its reply is awaited."""
    CONFIRMING = auto()
    """Our answer to a subscriber offer is on its way."""
    LIVE = auto()
    RESTING = auto()
    """Failed; tried again when the wait is over."""
    REFUSED = auto()
    """Not for this seat, or not understood: trying again would change nothing."""


class Happening(Enum):
    """What moves a connection on."""

    WANTED = auto()
    WIDENED = auto()
    """A live connection shall carry something more or less."""
    MADE = auto()
    REPLIED = auto()
    SET_BACK = auto()
    FORBIDDEN = auto()
    DROPPED = auto()


_ANYWHERE = {Happening.SET_BACK: Phase.RESTING, Happening.FORBIDDEN: Phase.REFUSED, Happening.DROPPED: Phase.NONE}
_STEPS: dict[Connection, dict[tuple[Phase, Happening], Phase]] = {
    "publish": {
        (Phase.NONE, Happening.WANTED): Phase.MAKING,
        (Phase.MAKING, Happening.MADE): Phase.ASKED,
        (Phase.ASKED, Happening.REPLIED): Phase.LIVE,
        (Phase.LIVE, Happening.WIDENED): Phase.MAKING,
    },
    "subscribe": {
        (Phase.NONE, Happening.WANTED): Phase.ASKED,
        (Phase.ASKED, Happening.REPLIED): Phase.MAKING,
        (Phase.MAKING, Happening.MADE): Phase.CONFIRMING,
        (Phase.CONFIRMING, Happening.REPLIED): Phase.LIVE,
    },
}


class WrongStep(RuntimeError):
    """The caller asked for a step that the table does not know."""


class Negotiation:
    """The state of one connection; `round` rises whenever it starts anew, so that late results are known."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.phase = Phase.NONE
        self.round = 0
        self.attempt = 0

    def step(self, happening: Happening) -> Phase:
        """Moves on; a step that the table does not know raises WrongStep and changes nothing."""
        to = _STEPS[self.connection].get((self.phase, happening)) or _ANYWHERE.get(happening)
        if to is None:
            raise WrongStep(f"{self.connection}: {happening.name} in {self.phase.name}")
        if happening is Happening.WANTED:
            self.round += 1
        self.attempt = 0 if to is Phase.LIVE else self.attempt + (happening is Happening.SET_BACK)
        self.phase = to
        return to
