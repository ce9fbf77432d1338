"""What of the received tracks is worth decoding."""

from collections.abc import Iterable
from typing import Literal

from signaling.messages.client import SlotState
from signaling.messages.ids import Mid, Source

Sink = Literal["count", "decode"]
_WORTH: tuple[Source, ...] = ("teacher", "students", "board", "courseware")


def decoded_mids(sink: Sink, slots: Iterable[SlotState]) -> frozenset[Mid]:
    """The slots to decode: all that are bound, or for a room that counts only its best picture."""
    bound = [slot for slot in slots if slot.track is not None and slot.source is not None]
    if sink == "decode":
        return frozenset(slot.mid for slot in bound)
    pictures = [slot for slot in bound if slot.kind == "video"]
    best = min(pictures, key=_worth, default=None)
    return frozenset() if best is None else frozenset((best.mid,))


def _worth(slot: SlotState) -> int:
    return _WORTH.index(slot.source) if slot.source in _WORTH else len(_WORTH)
