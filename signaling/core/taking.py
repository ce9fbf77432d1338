"""What is taken of a lesson, as the recorder says; nobody is said to be recorded without it."""

from typing import Final

from signaling.core.lesson import Lesson
from signaling.core.policy import takeable
from signaling.core.subscriptions import Place
from signaling.messages.client import Space, TakenSource
from signaling.messages.ids import Role, SeatId

SILENT_S: Final = 5.0
"""The recorder says its state every 2 s."""
AWAY_S: Final = 2.0
"""A recorder whose line broke is back before, or is away."""
AWAY: Final = "The recorder does not answer; what it has taken until now is kept."
SEE_ALL: Final[frozenset[Role]] = frozenset({"lead", "assistant"})


class Taking:
    """What the recorder says of each source, and until when its word counts."""

    def __init__(self) -> None:
        self.states: dict[Place, TakenSource] = {}
        self.paused = False
        """It says that it holds the lead's pause."""
        self.space = Space(0, "enough")
        """Of the recorder's disk, as far as this lesson's lead is told."""
        self.doubted_at_s: float | None = None
        """When its last word counts no more; None while there is none to doubt."""

    def shown_to(self, lesson: Lesson, seat: SeatId) -> tuple[TakenSource, ...]:
        """All that is taken of a seat; of every seat for who leads the lesson."""
        seats = lesson.seats if lesson.seats[seat].role in SEE_ALL else (seat,)
        return tuple(self.state((seen, source)) for seen in seats for source in takeable(lesson, seen))

    def state(self, place: Place) -> TakenSource:
        """One source; what was never said is waited for."""
        return self.states.get(place) or TakenSource(*place, "waiting")

    def differences(self, lesson: Lesson, said: dict[Place, TakenSource]) -> tuple[TakenSource, ...]:
        """What changes when this is all that is said."""
        places = [(seat, source) for seat in lesson.seats for source in takeable(lesson, seat)]
        after = {place: said.get(place) or TakenSource(*place, "waiting") for place in places}
        return tuple(state for place, state in after.items() if state != self.state(place))

    def without_word(self, lesson: Lesson) -> dict[Place, TakenSource]:
        """What is said while the recorder is silent."""
        return {
            (seat, source): TakenSource(seat, source, "failed", AWAY)
            for seat in lesson.seats
            for source in takeable(lesson, seat)
        }
