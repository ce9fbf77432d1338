"""Who gets which track in which slot: a pure function of what is published, who may be heard, and what was before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from signaling.core.layers import best_layers, nearest
from signaling.core.priorities import LEAST, priority_of
from signaling.messages.client import SlotState
from signaling.messages.ids import (
    AUDIO_SOURCES,
    VIDEO_SOURCES,
    Kind,
    Mid,
    Mode,
    Priority,
    Role,
    SeatId,
    Source,
    TrackId,
    kind_of,
    track_id,
)
from signaling.messages.node import Binding, SlotPlace

COPY_CODEC: Final = "vp8"
"""Every browser decodes it, and none needs a licence for it (RFC 7742 section 5)."""

Place = tuple[SeatId, Source]
"""One source of one seat, whichever of its tracks is shown."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One track that a seat publishes."""

    seat: SeatId
    source: Source
    codec: str
    copy: str | None = None
    layers: tuple[str, ...] = ()
    """Of simulcast; empty: there is one."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One subscriber connection; without codecs it has not answered yet and gets nothing."""

    seat: SeatId
    slots: tuple[SlotPlace, ...]
    codecs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that decides who gets what."""

    mode: Mode
    roles: Mapping[SeatId, Role]
    """All seats in the order of their invitations."""
    holder: SeatId | None
    streams: tuple[Stream, ...]
    subscribers: tuple[Subscriber, ...]
    no_copy: frozenset[Place] = frozenset()
    """Sources whose publisher cannot make an extra copy."""
    taken: frozenset[Source] = frozenset()
    """What the lesson's policy lets be taken."""
    muted_sound: bool = False
    """The policy has rooms taken that do not hold the floor."""
    silent: frozenset[Place] = frozenset()
    """Sources whose publisher agreed to a copy that does not flow."""

    @property
    def hears_muted(self) -> bool:
        """A recorder is there that may hear every room; nobody else may be bound to one without the floor then."""
        return self.muted_sound and any(self.roles[viewer.seat] == "recorder" for viewer in self.subscribers)


Placement = Mapping[SeatId, tuple[SlotState, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Who gets what, which tracks may be forwarded at all, and which sources need an extra copy."""

    slots: Placement = field(default_factory=dict)
    open: tuple[TrackId, ...] = ()
    copies: tuple[Place, ...] = ()
    layers: Mapping[tuple[SeatId, Mid], str] = field(default_factory=dict)
    """Of the slots whose track has any."""
    priorities: Mapping[tuple[SeatId, Mid], Priority] = field(default_factory=dict)

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """What the node is told of the slots."""
        return tuple(
            Binding(seat, slot.mid, slot.track, self.layers.get(at := (seat, slot.mid)), self.priorities.get(at, LEAST))
            for seat, slots in self.slots.items()
            for slot in slots
            if slot.track is not None
        )


def planned(scene: Scene, before: Placement) -> Plan:
    """Decides anew; a source that is still wanted keeps its slot."""
    tracks = _tracks(scene)
    slots: dict[SeatId, tuple[SlotState, ...]] = {}
    copies: dict[Place, None] = {}
    layers: dict[tuple[SeatId, Mid], str] = {}
    priorities: dict[tuple[SeatId, Mid], Priority] = {}
    for subscriber in scene.subscribers:
        placed = _placed(scene, subscriber, before.get(subscriber.seat, ()), tracks)
        slots[subscriber.seat] = placed
        copies.update(dict.fromkeys(_copies_for(scene, subscriber, placed, tracks)))
        layers.update(_layers_for(scene, subscriber.seat, placed))
        priorities.update(_priorities_for(scene, subscriber.seat, placed))
    return Plan(slots, _open(scene), tuple(copies), layers, priorities)


def silenced(scene: Scene, before: Plan) -> Plan:
    """Nothing leaves for anyone while the lesson is paused: every track closed, every slot empty."""
    empty = {
        viewer.seat: tuple(SlotState(slot.mid, slot.kind) for slot in viewer.slots) if viewer.codecs else ()
        for viewer in scene.subscribers
    }
    return Plan(empty, copies=before.copies)


def wanted(scene: Scene, seat: SeatId, kind: Kind) -> list[Place]:
    """All that a seat would see or hear, the most important first."""
    role = scene.roles[seat]
    if role == "recorder":
        wishes = _recorder_wishes(scene, kind)
    else:
        wishes = _lead_wishes(scene, kind) if role == "lead" else _others_wishes(scene, kind)
    published = {(stream.seat, stream.source) for stream in scene.streams if stream.copy is None}
    return [place for place in dict.fromkeys(wishes) if place in published and place[0] != seat]


def heard(scene: Scene, place: Place) -> bool:
    """Tells whether a source may be forwarded: the lead's always, a room's voice only while it holds the floor."""
    seat, source = place
    return scene.roles[seat] == "lead" or kind_of(source) == "video" or seat == scene.holder


def _opened(scene: Scene, place: Place) -> bool:
    return heard(scene, place) or (scene.hears_muted and place[1] in scene.taken)


_LEAD_SEES_OF_A_ROOM: Final[tuple[Source, ...]] = ("students", "board", "courseware")
_ROOMS_SEE_FIRST: Final[tuple[Source, ...]] = ("courseware", "teacher", "board")
_HOLDER_SHOWS: Final[tuple[Source, ...]] = ("students", "courseware", "board")
_LEAD_LETS_HEAR: Final[tuple[Source, ...]] = ("teacher_mic", "room_mic", "courseware_audio")


def _seats(scene: Scene, role: Role) -> list[SeatId]:
    return [seat for seat, its_role in scene.roles.items() if its_role == role]


def _lead_wishes(scene: Scene, kind: Kind) -> list[Place]:
    if kind == "audio":
        # Bound at all times, so that the floor is one open gate; not while a gate stands open for the recorder alone.
        rooms = [room for room in _seats(scene, "room") if not scene.hears_muted or room == scene.holder]
        return [(room, "room_mic") for room in rooms]
    shown: dict[SeatId, Place] = {}
    published = {(stream.seat, stream.source) for stream in scene.streams}
    for room in _seats(scene, "room"):
        for source in _LEAD_SEES_OF_A_ROOM:
            if (room, source) in published:
                shown.setdefault(room, (room, source))
    return list(shown.values())


def _others_wishes(scene: Scene, kind: Kind) -> list[Place]:
    leads = _seats(scene, "lead")
    holder = [] if scene.holder is None else [scene.holder]
    if kind == "audio":
        return _every(leads, _LEAD_LETS_HEAR) + _every(holder, ("room_mic",))
    rooms = [room for room in _seats(scene, "room") if room != scene.holder]
    return (
        _every(leads, _ROOMS_SEE_FIRST)
        + _every(holder, _HOLDER_SHOWS)
        + _every(leads, ("students",))
        + _every(rooms, ("students",))
    )


def _recorder_wishes(scene: Scene, kind: Kind) -> list[Place]:
    """Exactly what the policy names, the lead's first; a room's voice comes through while its gate is open."""
    sources = [source for source in (VIDEO_SOURCES if kind == "video" else AUDIO_SOURCES) if source in scene.taken]
    return _every(_seats(scene, "lead"), sources) + _every(_seats(scene, "room"), sources)


def _every(seats: Sequence[SeatId], sources: Sequence[Source]) -> list[Place]:
    return [(seat, source) for source in sources for seat in seats]


Tracks = Mapping[Place, Mapping[str | None, Stream]]
"""The tracks of each source: the one under None is the original, the others are copies."""


def _tracks(scene: Scene) -> Tracks:
    tracks: dict[Place, dict[str | None, Stream]] = {}
    for stream in scene.streams:
        tracks.setdefault((stream.seat, stream.source), {})[stream.copy] = stream
    return tracks


_VOICES: Final[Mapping[Source, Source]] = {
    "teacher": "teacher_mic",
    "students": "room_mic",
    "courseware": "courseware_audio",
}
"""The sound that belongs to a picture's lips."""


def _placed(
    scene: Scene, subscriber: Subscriber, before: tuple[SlotState, ...], tracks: Tracks
) -> tuple[SlotState, ...]:
    if not subscriber.codecs:
        return ()
    video, audio = ([slot.mid for slot in subscriber.slots if slot.kind == kind] for kind in _KINDS)
    pictures, sounds = (wanted(scene, subscriber.seat, kind) for kind in _KINDS)
    # The first video and the first audio slot are one stream to the browser, which keeps its lips in time; and so on.
    beside = dict(zip(video, audio, strict=False))
    places = _seated(video, pictures[: len(video)], before, {})
    voices = {
        (seat, _VOICES[source]): beside[mid]
        for mid, (seat, source) in places.items()
        if source in _VOICES and mid in beside
    }
    taken = {beside.get(mid) for mid in places}
    alone_first = sorted(audio, key=lambda mid: mid in taken)
    places |= _seated(alone_first, sounds[: len(audio)], before, voices)
    return tuple(_state(slot, places.get(slot.mid), scene, subscriber, tracks) for slot in subscriber.slots)


_KINDS: Final[tuple[Kind, ...]] = ("video", "audio")


def _seated(
    mids: Sequence[Mid], wishes: Sequence[Place], before: tuple[SlotState, ...], own: Mapping[Place, Mid]
) -> dict[Mid, Place]:
    """Gives those their own slot that have one, leaves others where they were, and fills free slots in order."""
    places = {own[place]: place for place in wishes if place in own}
    for slot in before:
        if slot.mid in mids and slot.mid not in places and slot.seat is not None and slot.source is not None:
            place = (slot.seat, slot.source)
            if place in wishes and place not in places.values():
                places[slot.mid] = place
    free = (mid for mid in mids if mid not in places)
    arriving = (place for place in wishes if place not in set(places.values()))
    return {**places, **dict(zip(free, arriving, strict=False))}


def _state(slot: SlotPlace, place: Place | None, scene: Scene, subscriber: Subscriber, tracks: Tracks) -> SlotState:
    if place is None:
        return SlotState(slot.mid, slot.kind)
    seat, source = place
    track = _track_for(place, subscriber.codecs, tracks)
    trouble = None if track == track_id(*place) else _trouble(place, track, scene, subscriber, tracks)
    return SlotState(slot.mid, slot.kind, seat, source, track, trouble)


def _track_for(place: Place, codecs: frozenset[str], tracks: Tracks) -> TrackId | None:
    """The original where the subscriber has its codec, else a copy that it has."""
    for copy, stream in sorted(tracks[place].items(), key=lambda item: item[0] or ""):
        if stream.codec in codecs:
            return track_id(*place, copy)
    return None


def _trouble(place: Place, copy: TrackId | None, scene: Scene, subscriber: Subscriber, tracks: Tracks) -> str | None:
    if place in scene.silent and _copy_would_help(place, subscriber, tracks):
        return "copy_silent"
    if copy is not None:
        return None
    helped = _copy_would_help(place, subscriber, tracks) and place not in scene.no_copy
    return "copy_coming" if helped else "codec_not_supported"


def _copy_would_help(place: Place, subscriber: Subscriber, tracks: Tracks) -> bool:
    if kind_of(place[1]) == "audio" or COPY_CODEC not in subscriber.codecs:
        return False
    return tracks[place][None].codec not in subscriber.codecs


def _copies_for(scene: Scene, subscriber: Subscriber, placed: tuple[SlotState, ...], tracks: Tracks) -> list[Place]:
    if scene.roles[subscriber.seat] == "recorder":
        return []
    places = [(slot.seat, slot.source) for slot in placed if slot.seat is not None and slot.source is not None]
    return [place for place in places if _copy_would_help(place, subscriber, tracks)]


def _layers_for(scene: Scene, seat: SeatId, placed: tuple[SlotState, ...]) -> dict[tuple[SeatId, Mid], str]:
    offered = {track_id(each.seat, each.source, each.copy): each.layers for each in scene.streams}
    pictures = {slot: (slot.seat, slot.source) for slot in placed if slot.kind == "video" and slot.seat and slot.source}
    named = best_layers(scene.roles[seat], pictures.values(), scene.roles, scene.holder)
    chosen = {
        slot.mid: nearest(named[place], offered[slot.track])
        for slot, place in pictures.items()
        if slot.track is not None
    }
    return {(seat, mid): rid for mid, rid in chosen.items() if rid is not None}


def _priorities_for(scene: Scene, seat: SeatId, placed: tuple[SlotState, ...]) -> dict[tuple[SeatId, Mid], Priority]:
    places = {
        slot.mid: (slot.seat, slot.source) for slot in placed if slot.kind == "video" and slot.seat and slot.source
    }
    return {(seat, mid): priority_of(place, scene.roles, scene.holder) for mid, place in places.items()}


def _open(scene: Scene) -> tuple[TrackId, ...]:
    return tuple(
        track_id(stream.seat, stream.source, stream.copy)
        for stream in scene.streams
        if _opened(scene, (stream.seat, stream.source))
    )
