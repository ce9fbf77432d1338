"""Extra copies that publishers were asked for: whether they come, whether they flow, and when to give up."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from signaling.core.subscriptions import Place

COPY_PATIENCE_S: Final = 5.0
"""A browser adds an encoder, renegotiates and sends in well under this; who has not by then will not."""
MOST_TRIES: Final = 2

Wish = tuple[Place, bool]
"""What the publisher of a place is asked: for its copy, or for its end."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the node holds of a place."""

    original_flows: bool
    copy: bool
    copy_flows: bool


@dataclass(slots=True)
class Copy:
    """One copy that was asked for. `since_s` is when its phase began, or when it began to be silent."""

    since_s: float
    phase: Literal["asked", "silent", "ending", "given_up"] = "asked"
    tries: int = 1


class Copies:
    """All copies of one lesson."""

    def __init__(self) -> None:
        self._copies: dict[Place, Copy] = {}

    @property
    def asked(self) -> tuple[Place, ...]:
        """Those that a publisher shall send now."""
        return tuple(place for place, copy in self._copies.items() if copy.phase in ("asked", "silent"))

    @property
    def silent(self) -> frozenset[Place]:
        """Those that were agreed to, and of which nothing comes."""
        return frozenset(place for place, copy in self._copies.items() if copy.phase in ("ending", "given_up"))

    def refused(self, place: Place, seen: Seen, now_s: float) -> bool:
        """Tells whether the publisher has let the wish pass."""
        copy = self._copies.get(place)
        return copy is not None and copy.phase == "asked" and not seen.copy and now_s >= copy.since_s + COPY_PATIENCE_S

    def look(self, see: Callable[[Place], Seen], now_s: float) -> tuple[Wish, ...]:
        """Takes in what the node holds and how late it is; what publishers are asked because of it."""
        wishes = ((place, _looked(copy, see(place), now_s)) for place, copy in self._copies.items())
        return tuple((place, wish) for place, wish in wishes if wish is not None)

    def want(self, wanted: Iterable[Place], can_be_asked: Callable[[Place], bool], now_s: float) -> tuple[Wish, ...]:
        """Asks for what is wanted and was not yet; ends what nobody needs any more."""
        wanted = tuple(wanted)
        ended = [place for place in self._copies if place not in wanted]
        started = [place for place in wanted if place not in self._copies and can_be_asked(place)]
        for place in ended:
            del self._copies[place]
        self._copies |= {place: Copy(now_s) for place in started}
        return tuple((place, True) for place in started) + tuple((place, False) for place in ended)

    def deadline_s(self, now_s: float) -> float | None:
        """When the next copy has been waited for long enough."""
        waits = [copy.since_s + COPY_PATIENCE_S for copy in self._copies.values() if copy.phase != "given_up"]
        return min((at_s for at_s in waits if at_s > now_s), default=None)


def _looked(copy: Copy, seen: Seen, now_s: float) -> bool | None:
    """The next phase of one copy; True or False when the publisher is asked for it or for its end."""
    late = now_s >= copy.since_s + COPY_PATIENCE_S
    if seen.copy_flows and copy.phase != "ending":
        copy.phase = "asked"
    elif copy.phase == "asked" and seen.copy and seen.original_flows:
        copy.phase, copy.since_s = "silent", now_s
    elif copy.phase == "silent" and not (seen.copy and seen.original_flows):
        copy.phase, copy.since_s = "asked", now_s
    elif copy.phase == "silent" and late:
        again = copy.tries < MOST_TRIES
        copy.phase, copy.since_s = ("ending" if again else "given_up"), now_s
        return False
    elif copy.phase == "ending" and not seen.copy:
        copy.phase, copy.since_s, copy.tries = "asked", now_s, copy.tries + 1
        return True
    elif copy.phase == "ending" and late:
        copy.phase = "given_up"
    return None
