"""How long to wait before trying again: growing, to spare a weak server; jittered, so that rooms spread."""

FIRST_MS = 400
"""A signaling restart takes a second or two: the lesson has to be back within five."""
LONGEST_MS = 3_000
"""However long a server was away, the lesson is back within five seconds of its return."""


def delay_ms(attempt: int, chance: float) -> int:
    """The wait before attempt number `attempt` (0 is the first repetition); `chance` in 0..1 picks the jitter."""
    # Half fixed, half by chance: rooms that lost one server together do not come back together.
    ceiling = min(FIRST_MS << min(attempt, 16), LONGEST_MS)
    return round(ceiling * (0.5 + 0.5 * chance))
