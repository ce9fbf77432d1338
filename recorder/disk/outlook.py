"""The room on the disk beside what the takes that run write into it."""

from collections.abc import Iterable
from typing import Final, Protocol

from recorder.core.forecast import Forecast, Pace, forecast
from recorder.core.names import TakeId
from recorder.core.space import BYTES_PER_S
from recorder.core.timeline import NodeTime
from recorder.disk.desk import Shown
from recorder.disk.recording import Shelf
from signaling.messages.ids import Source, SpaceLevel


class Writing(Protocol):
    """A take that runs."""

    @property
    def take(self) -> TakeId: ...

    def written_bytes(self) -> int: ...

    def shown(self) -> list[Shown]: ...


class Outlook:
    """Looks at the disk every few seconds, and says how long it lasts."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf: Final = shelf
        self._pace: Final = Pace()
        self._written: dict[TakeId, int] = {}
        self._all_bytes = 0
        self._level: SpaceLevel = "enough"

    def look(self, running: Iterable[Writing], promised_bytes_per_s: float, now: NodeTime) -> Forecast:
        """`promised` is what the running takes may bring at most."""
        desks = list(running)
        written = {desk.take: desk.written_bytes() for desk in desks}
        self._all_bytes += sum(count - self._written.get(take, 0) for take, count in written.items())
        self._written = written
        self._pace.saw(self._all_bytes, now)
        rate = self._pace.bytes_per_s()
        if rate is None:
            rate = sum(BYTES_PER_S[source] for desk in desks for source in _flowing(desk))
        free = self._shelf.files.free_bytes(self._shelf.root)
        found = forecast(free, rate, promised_bytes_per_s, self._shelf.rules, self._level)
        self._level = found.level
        return found


def _flowing(desk: Writing) -> list[Source]:
    return [source for _, source, state, _ in desk.shown() if state == "recording"]
