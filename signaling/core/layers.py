"""Which simulcast layer of a camera a picture is worth: what fills the page comes rich, what stands beside it small.

This is the most that a viewer gets. What its line carries can only lower it: that the forwarder decides.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from signaling.messages.ids import Role, SeatId, Source

LAYERS: Final = ("l", "m", "h")
"""What pages call theirs, from small to rich (PROTOCOL.md); layers with other names are left to the node."""
SMALL, MIDDLE, RICH = range(len(LAYERS))
MOST_LARGE_TILES: Final = 4
"""Of up to so many rooms each has a quarter of the lead's screen or more; of more, a ninth."""

Place = tuple[SeatId, Source]

_LEAD_FILLS: Final[tuple[Source, ...]] = ("courseware", "board", "teacher")


def best_layers(
    viewer: Role, shown: Collection[Place], roles: Mapping[SeatId, Role], holder: SeatId | None
) -> dict[Place, int]:
    """How rich each of the places is wanted that a viewer is shown, as an index of `LAYERS`."""
    if viewer == "recorder":
        return dict.fromkeys(shown, RICH)
    if viewer == "lead":
        usual = RICH if len(shown) <= MOST_LARGE_TILES else SMALL
        return {place: RICH if place[0] == holder else usual for place in shown}
    beside = {place: MIDDLE if _is_leads(place, roles) else SMALL for place in shown}
    large = stage(shown, roles, holder)
    return beside | {large: RICH} if large in beside else beside


def nearest(wanted: int, layers: Sequence[str]) -> str | None:
    """The richest layer of a track that is not richer than wanted, else its smallest; None leaves it to the node."""
    known = [LAYERS.index(rid) for rid in layers if rid in LAYERS]
    if not known or len(known) < len(layers):
        return None
    return LAYERS[max((layer for layer in known if layer <= wanted), default=min(known))]


def stage(shown: Collection[Place], roles: Mapping[SeatId, Role], holder: SeatId | None) -> Place | None:
    """What fills the page of everyone but the lead, as the page arranges it (`layout.ts`)."""
    faces: list[Place] = [(seat, "teacher") for seat, role in roles.items() if role == "lead"]
    return min([*shown, *faces], key=lambda place: _rank(place, roles, holder), default=None)


def _is_leads(place: Place, roles: Mapping[SeatId, Role]) -> bool:
    return roles[place[0]] == "lead" and place[1] in _LEAD_FILLS


def _rank(place: Place, roles: Mapping[SeatId, Role], holder: SeatId | None) -> int:
    seat, source = place
    if _is_leads(place, roles):
        return _LEAD_FILLS.index(source) * 2
    # What a room that speaks puts up comes after the lead's courseware and before its face.
    if seat == holder and source != "students":
        return 1
    return 10 if seat == holder else 11
