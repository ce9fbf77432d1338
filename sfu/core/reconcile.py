"""Leads what is to what should be: rights, open tracks and bindings of one lesson, each by its difference."""

from collections.abc import Callable
from dataclasses import replace

from sfu.core.commands import BindSlot, ChooseLayer, OpenTrack, RemoveTrack, SetPriority
from sfu.core.decision import Change, Decision
from sfu.core.tables import HeldLesson, Node, OfferKey, Peer, PeerKey, Refusal, Slot, Track, frozen
from signaling.messages.ids import LessonId, Mid, Priority, SeatId, TrackId
from signaling.messages.node import Applied, Binding, ClosePeer, Desired, DesiredLesson, SeatRights

LARGEST_GENERATION = 2**53
"""What JSON readers of every language keep exactly."""


def desired(node: Node, message: Desired) -> Decision:
    """Replaces what should be of a lesson; raises Refusal for an older generation than the one in force."""
    lesson = message.lesson
    node = name(node, lesson.lesson).node
    held = node.lessons.get(lesson.lesson)
    if not 0 <= message.generation <= LARGEST_GENERATION:
        raise Refusal("wrong_message", f"generation {message.generation} is not in 0..{LARGEST_GENERATION}")
    if held is not None and message.generation < held.generation:
        raise Refusal("old_generation", f"generation {held.generation} of this lesson has been applied already")
    if held is None and lesson.seats and node.draining:
        raise Refusal("draining", "this node takes no new lessons")
    change = Change(replace(node, generation=max(node.generation, message.generation)))
    if lesson.seats:
        change.lessons[lesson.lesson] = _held(message.generation, lesson)
        settle(change, lesson.lesson)
    else:
        _close(change, lesson.lesson, "lesson_closed")
    change.messages.append(Applied(message.generation, lesson.lesson))
    return change.decided()


def name(node: Node, lesson: LessonId) -> Decision:
    """Signaling still means this lesson."""
    return Decision(replace(node, named=node.named | {lesson}))


def hello(node: Node) -> Decision:
    """A signaling has come: which lessons are still meant is seen from now on."""
    return Decision(replace(node, named=frozenset()))


def close_unnamed(node: Node) -> Decision:
    """Closes every lesson that signaling has not named since its hello."""
    change = Change(node)
    for lesson in node.lessons.keys() - node.named:
        _close(change, lesson, "lesson_not_named")
    return change.decided()


def drain(node: Node) -> Decision:
    """Takes no new lesson from now on."""
    return Decision(replace(node, draining=True))


def close_peer(node: Node, message: ClosePeer, reason: str = "closed_by_signaling") -> Decision:
    """Ends one connection of a seat, unless it is of another session than the one named."""
    change = Change(node)
    key = PeerKey(message.lesson, message.seat, message.connection)
    peer = node.peers.get(key)
    if peer is not None and message.session in (None, peer.session):
        change.remove_peer(key, reason)
    for place in _offers_of(change, message.lesson, message.seat) if message.connection == "subscribe" else ():
        if message.session in (None, place.session):
            del change.offers[place]
    settle(change, message.lesson)
    return change.decided()


def settle(change: Change, lesson: LessonId) -> None:
    """Applies the difference between what is and what should be of a lesson."""
    held = change.lessons.get(lesson)
    if held is None:
        return
    for key in [key for key in change.peers if key.lesson == lesson]:
        _settle_rights(change, key, held.rights.get(key.seat))
    for place in [place for place in change.offers if place.lesson == lesson]:
        if place.seat not in held.rights or not held.rights[place.seat].subscribe:
            del change.offers[place]
    tracks = _settle_tracks(change, lesson, held)
    _settle_slots(change, lesson, held, tracks)


def _held(generation: int, lesson: DesiredLesson) -> HeldLesson:
    return HeldLesson(
        generation,
        frozen({rights.seat: rights for rights in lesson.seats}),
        frozenset(lesson.open),
        frozen({(binding.seat, binding.mid): binding for binding in lesson.bindings}),
    )


def _close(change: Change, lesson: LessonId, reason: str) -> None:
    for key in [key for key in change.peers if key.lesson == lesson]:
        change.remove_peer(key, reason)
    for place in [place for place in change.offers if place.lesson == lesson]:
        del change.offers[place]
    change.lessons.pop(lesson, None)


def _settle_rights(change: Change, key: PeerKey, rights: SeatRights | None) -> None:
    if rights is None:
        change.remove_peer(key, "seat_closed")
    elif not change.peers[key].belongs_to(rights):
        change.remove_peer(key, "replaced")
    elif key.connection == "subscribe":
        if not rights.subscribe:
            change.remove_peer(key, "not_permitted")
    else:
        peer = change.peers[key]
        kept = tuple(track for track in peer.tracks if track.source in rights.sources)
        change.commands += [RemoveTrack(track.handle) for track in peer.tracks if track not in kept]
        change.peers[key] = replace(peer, tracks=kept)


def _offers_of(change: Change, lesson: LessonId, seat: SeatId) -> list[OfferKey]:
    return [place for place in change.offers if (place.lesson, place.seat) == (lesson, seat)]


def _settle_tracks(change: Change, lesson: LessonId, held: HeldLesson) -> dict[TrackId, Track]:
    """Opens and closes; returns the tracks by name."""
    tracks: dict[TrackId, Track] = {}

    def settled(track: Track) -> Track:
        should = track.track in held.open
        if track.open != should:
            change.commands.append(OpenTrack(track.handle, should))
        tracks[track.track] = track = replace(track, open=should)
        return track

    _each(change, lesson, lambda peer: replace(peer, tracks=tuple(settled(track) for track in peer.tracks)))
    return tracks


def _settle_slots(change: Change, lesson: LessonId, held: HeldLesson, tracks: dict[TrackId, Track]) -> None:
    """Binds and empties. A track that went has left its slots by itself."""
    living = {track.handle for track in tracks.values()}

    def settled(seat: SeatId, slot: Slot) -> Slot:
        binding = held.bindings.get((seat, Mid(slot.parameters.mid)))
        meant = _meant(binding, tracks, slot)
        layer = chosen_layer(binding, meant)
        bound = slot.bound if slot.bound in living else None
        should = None if meant is None else meant.handle
        if bound != should:
            change.commands.append(BindSlot(slot.handle, should))
        if slot.layer != layer:
            change.commands.append(ChooseLayer(slot.handle, layer))
        priority = _priority(binding, slot)
        if slot.priority != priority:
            change.commands.append(SetPriority(slot.handle, priority))
        shown = None if meant is None else meant.track
        return replace(slot, bound=should, shown=shown, layer=layer, priority=priority)

    _each(change, lesson, lambda peer: replace(peer, slots=tuple(settled(peer.key.seat, slot) for slot in peer.slots)))


def chosen_layer(binding: Binding | None, track: Track | None) -> str | None:
    """The simulcast layer of a slot: the one that is asked for, if the track has it; else the forwarder's best."""
    if binding is None or track is None or binding.layer not in track.parameters.rids:
        return None
    return binding.layer


def _priority(binding: Binding | None, slot: Slot) -> Priority:
    """What a slot's picture is worth; of an empty one, and of sound, nobody asks."""
    return slot.priority if binding is None or slot.parameters.kind == "audio" else binding.priority


def _meant(binding: Binding | None, tracks: dict[TrackId, Track], slot: Slot) -> Track | None:
    """What should be in a slot; a track of the other kind can never be."""
    track = tracks.get(binding.track) if binding is not None else None
    return track if track is not None and track.parameters.kind == slot.parameters.kind else None


def _each(change: Change, lesson: LessonId, turn: Callable[[Peer], Peer]) -> None:
    for key, peer in list(change.peers.items()):
        if key.lesson == lesson:
            change.peers[key] = turn(peer)
