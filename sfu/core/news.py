"""What the forwarder tells, taken into the tables."""

from collections.abc import Callable
from dataclasses import replace

from sfu.core.commands import PeerHandle, TrackHandle
from sfu.core.decision import Change, Decision
from sfu.core.facts import (
    AudioLevels,
    Estimated,
    Fact,
    KeyframeWanted,
    PeerClosed,
    PeerConnected,
    PicturesFitted,
    TrackFlowing,
    TrackStalled,
)
from sfu.core.reconcile import settle
from sfu.core.tables import Node, PeerKey, Track, frozen
from signaling.messages.ids import LessonId, TrackId
from signaling.messages.node import NodeLevels, PeerGone


def learn(node: Node, fact: Fact) -> Decision:
    """Takes one fact in. What it says of something that is no more is old news."""
    match fact:
        case PeerConnected():
            return _connected(node, fact.peer)
        case PeerClosed():
            return _closed(node, fact)
        case TrackFlowing():
            return _track(node, fact.track, lambda track: replace(track, flowing=True, codec=fact.codec or track.codec))
        case TrackStalled():
            return _track(node, fact.track, lambda track: replace(track, flowing=False))
        case AudioLevels():
            return Decision(_louder(node, fact))
        case PicturesFitted():
            return _fitted(node, fact)
        case KeyframeWanted() | Estimated():
            # A node feeds no tracks; estimates are for who reads the metrics.
            return Decision(node)


def tell_levels(node: Node) -> Decision:
    """Tells the loudest level of each open track since the last time, lesson by lesson."""
    lessons: dict[LessonId, list[tuple[TrackId, int]]] = {}
    for key, peer in node.peers.items():
        for track in peer.tracks:
            if track.open and track.handle in node.levels:
                lessons.setdefault(key.lesson, []).append((track.track, node.levels[track.handle]))
    messages = tuple(NodeLevels(lesson, tuple(levels)) for lesson, levels in lessons.items())
    return Decision(replace(node, levels=frozen({})), (), messages)


def _key_of(node: Node, handle: PeerHandle) -> PeerKey | None:
    return next((key for key, peer in node.peers.items() if peer.handle == handle), None)


def _connected(node: Node, handle: PeerHandle) -> Decision:
    key = _key_of(node, handle)
    if key is None:
        return Decision(node)
    change = Change(node)
    change.peers[key] = replace(change.peers[key], connected=True)
    return change.decided()


def _fitted(node: Node, fact: PicturesFitted) -> Decision:
    key = _key_of(node, fact.peer)
    if key is None:
        return Decision(node)
    change = Change(node)
    change.peers[key] = replace(change.peers[key], fitted=fact)
    return change.decided()


def _closed(node: Node, fact: PeerClosed) -> Decision:
    key = _key_of(node, fact.peer)
    if key is None:
        return Decision(node)
    change = Change(node)
    peer = change.peers.pop(key)
    change.messages.append(PeerGone(key.lesson, key.seat, key.connection, fact.reason, peer.session))
    settle(change, key.lesson)
    return change.decided()


def _track(node: Node, handle: TrackHandle, turn: Callable[[Track], Track]) -> Decision:
    change = Change(node)
    for key, peer in node.peers.items():
        if any(track.handle == handle for track in peer.tracks):
            tracks = tuple(turn(track) if track.handle == handle else track for track in peer.tracks)
            change.peers[key] = replace(peer, tracks=tracks)
    return change.decided()


def _louder(node: Node, fact: AudioLevels) -> Node:
    levels = dict(node.levels)
    for track, level in fact.levels:
        levels[track] = min(level, levels.get(track, 127))
    return replace(node, levels=frozen(levels))
