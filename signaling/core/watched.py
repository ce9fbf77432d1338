"""What of each published picture anybody uses: the rest need not be sent, and leaves a village its line.

A viewer's layer may be lowered at any time, so those below it stay awake. What the policy has taken stays awake too,
whether or not the recorder is there just now. Sound never sleeps: it is little, and no first word shall be missed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from signaling.core.layers import LAYERS, RICH, SMALL, nearest
from signaling.core.subscriptions import Place, Plan, Scene, Stream
from signaling.messages.ids import Role, SeatId, SessionId, kind_of, track_id
from signaling.messages.node import Binding

SLEEPS_AFTER_S: Final = 5.0
"""Whoever changes places, or comes back, finds it awake."""
WAKES_WITHIN_S: Final = 2.0
"""A round trip by satellite and an encoder's start; until then a picture is not called interrupted."""
WHOLE: Final = ("",)
"""The one layer of a picture that is sent in one."""

Awake = tuple[str, ...] | None
"""The layers to be sent; None: all there are."""
Told = tuple[Place, Awake]


@dataclass(frozen=True, slots=True)
class Picture:
    """One published picture: its layers, and which of them are of use now."""

    layers: tuple[str, ...]
    used: frozenset[str]


def pictures(scene: Scene, plan: Plan) -> Mapping[Place, Picture]:
    """All originals; a copy is ended once nobody needs it."""
    shown: dict[str, list[Binding]] = {}
    for binding in plan.bindings:
        shown.setdefault(binding.track, []).append(binding)
    return {
        (stream.seat, stream.source): _picture(scene, plan, stream, shown.get(track_id(stream.seat, stream.source), []))
        for stream in scene.streams
        if stream.copy is None and kind_of(stream.source) == "video"
    }


def _picture(scene: Scene, plan: Plan, stream: Stream, shown: list[Binding]) -> Picture:
    layers, used = stream.layers or WHOLE, set[str]()
    for binding in shown:
        used |= _shown(scene.roles[binding.seat], binding.layer, layers)
    if stream.source in scene.taken and "recorder" in scene.roles.values():
        used |= _one(RICH, layers)
    is_face = stream.source == "teacher" and scene.roles[stream.seat] == "lead"
    # Whoever comes sees the teacher at once; and by the original one knows that the camera of a copy is on.
    if is_face or (stream.seat, stream.source) in plan.copies:
        used |= _one(SMALL, layers)
    return Picture(layers, frozenset(used))


def _shown(viewer: Role, layer: str | None, layers: tuple[str, ...]) -> frozenset[str]:
    if layer is None:
        return frozenset(layers)
    if viewer == "recorder":
        return frozenset({layer})
    return frozenset(LAYERS[: LAYERS.index(layer) + 1]).intersection(layers)


def _one(wanted: int, layers: tuple[str, ...]) -> frozenset[str]:
    layer = nearest(wanted, layers)
    return frozenset(layers if layer is None else {layer})


@dataclass(slots=True)
class _Watch:
    """What one page was told of one picture."""

    session: SessionId
    told: Awake = None
    layers: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    used_s: dict[str, float] = field(default_factory=dict)
    """Until when each layer was of use."""
    woken_s: float | None = None
    """When it was woken that slept altogether."""

    def look(self, picture: Picture, now_s: float) -> bool:
        """Takes in what is of use now; whether there is something new to tell."""
        if picture.layers != self.layers:
            self.layers, self.used, self.used_s = picture.layers, frozenset(picture.layers), {}
        self.used_s |= dict.fromkeys(self.used | picture.used, now_s)
        self.used = picture.used
        awake = tuple(one for one in self.layers if one in self.used or now_s < self.used_s[one] + SLEEPS_AFTER_S)
        before, self.told = self.told, None if len(awake) == len(self.layers) else awake
        if before == ():
            self.woken_s = now_s if self.told != () else None
        return before != self.told

    def end(self) -> None:
        """It is published no longer; published anew it is awake."""
        self.layers, self.woken_s = (), None

    def is_excused(self, now_s: float) -> bool:
        """Nothing arrives of it because it was told so, or was until a moment ago."""
        woken = self.woken_s is not None and now_s < self.woken_s + WAKES_WITHIN_S
        return bool(self.layers) and (self.told == () or woken)

    def times_s(self) -> list[float]:
        """When something may change by time alone."""
        sleeps = [self.used_s[one] + SLEEPS_AFTER_S for one in self.layers if one not in self.used]
        return sleeps if self.woken_s is None else [*sleeps, self.woken_s + WAKES_WITHIN_S]


class Watching:
    """All pictures of one lesson whose pages can be told what is watched of them."""

    def __init__(self) -> None:
        self._watches: dict[Place, _Watch] = {}
        self.excused: frozenset[Place] = frozenset()
        """Of which nothing arrives, and which are not interrupted for that."""

    def look(
        self, published: Mapping[Place, Picture], pages: Mapping[SeatId, SessionId], now_s: float
    ) -> tuple[Told, ...]:
        """Takes in what is of use now; what `pages` are to be told because of it."""
        self._watches = {place: one for place, one in self._watches.items() if pages.get(place[0]) == one.session}
        told = []
        for place, watch in self._watches.items():
            if place not in published:
                watch.end()
        for place, picture in published.items():
            if place[0] not in pages:
                continue
            watch = self._watches.setdefault(place, _Watch(pages[place[0]]))
            if watch.look(picture, now_s):
                told.append((place, watch.told))
        self.excused = frozenset(place for place, one in self._watches.items() if one.is_excused(now_s))
        return tuple(told)

    def told(self, seat: SeatId) -> tuple[Told, ...]:
        """What a page has to know that remembers nothing."""
        mine = ((place, one.told) for place, one in self._watches.items() if place[0] == seat)
        return tuple((place, awake) for place, awake in mine if awake is not None)

    def deadline_s(self, now_s: float) -> float | None:
        """When something may fall asleep, or has had the time to wake."""
        times = (at_s for one in self._watches.values() for at_s in one.times_s())
        return min((at_s for at_s in times if at_s > now_s), default=None)
