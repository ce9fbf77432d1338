"""A forwarder that only keeps books: it refuses what the real one refuses, and knows what would be forwarded."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace

from sfu.core import commands as order
from sfu.core.commands import PeerHandle, SlotHandle, TrackHandle
from sfu.core.decision import Decision
from sfu.core.tables import Node
from signaling.messages.ids import Priority


class Misuse(Exception):
    """The real forwarder would refuse this batch."""


@dataclass
class Ledger:
    """What a forwarder holds after the batches that it was given."""

    peers: dict[PeerHandle, order.AddPeer] = field(default_factory=dict)
    tracks: dict[TrackHandle, order.AddTrack] = field(default_factory=dict)
    open: dict[TrackHandle, bool] = field(default_factory=dict)
    slots: dict[SlotHandle, order.AddSlot] = field(default_factory=dict)
    bound: dict[SlotHandle, TrackHandle | None] = field(default_factory=dict)
    layers: dict[SlotHandle, str | None] = field(default_factory=dict)
    priorities: dict[SlotHandle, Priority] = field(default_factory=dict)
    batches: int = 0

    def take(self, decision: Decision) -> Node:
        """Applies a decision and checks that both sides agree."""
        self.apply(decision.commands)
        self.agree(decision.node)
        return decision.node

    def apply(self, batch: Sequence[order.Command]) -> None:
        self.batches += bool(batch)
        for command in batch:
            self._one(command)

    def lose_peer(self, handle: PeerHandle) -> None:
        """A connection breaks by itself."""
        del self.peers[handle]
        for track in [track for track, added in self.tracks.items() if added.peer == handle]:
            self._forget(track)
        for slot in [slot for slot, added in self.slots.items() if added.peer == handle]:
            del self.slots[slot], self.bound[slot]
            self.layers.pop(slot, None)
            self.priorities.pop(slot, None)

    def agree(self, node: Node) -> None:
        """The node's tables are the forwarder's."""
        tracks = [track for peer in node.peers.values() for track in peer.tracks]
        slots = [slot for peer in node.peers.values() for slot in peer.slots]
        assert set(self.peers) == {peer.handle for peer in node.peers.values()}
        assert self.open == {track.handle: track.open for track in tracks}
        assert self.bound == {slot.handle: slot.bound for slot in slots}
        assert all(self.layers.get(slot.handle) == slot.layer for slot in slots)
        assert all(self.priorities.get(slot.handle, "other_room") == slot.priority for slot in slots)

    def _one(self, command: order.Command) -> None:
        match command:
            case order.AddPeer():
                self._fresh(command.peer, self.peers)
                ufrags = {peer.local_ufrag for peer in self.peers.values()}
                if command.local_ufrag in ufrags:
                    raise Misuse("ufrag is taken")
                self.peers[command.peer] = command
            case order.RemovePeer():
                self._known(command.peer, self.peers)
                self.lose_peer(command.peer)
            case order.RestartIce():
                self._known(command.peer, self.peers)
                self.peers[command.peer] = replace(
                    self.peers[command.peer],
                    local_ufrag=command.local_ufrag,
                    local_password=command.local_password,
                    remote_ufrag=command.remote_ufrag,
                )
            case order.AddTrack():
                self._known(command.peer, self.peers)
                self._fresh(command.track, self.tracks)
                self.tracks[command.track], self.open[command.track] = command, command.open
            case order.RemoveTrack():
                self._known(command.track, self.tracks)
                self._forget(command.track)
            case order.OpenTrack():
                self._known(command.track, self.tracks)
                self.open[command.track] = command.open
            case order.AddSlot():
                self._known(command.peer, self.peers)
                self._fresh(command.slot, self.slots)
                self.slots[command.slot], self.bound[command.slot] = command, None
            case order.BindSlot():
                self._bind(command)
            case order.ChooseLayer() | order.SetPriority():
                self._show(command)

    def _show(self, command: order.ChooseLayer | order.SetPriority) -> None:
        self._known(command.slot, self.slots)
        if self.slots[command.slot].kind != "video":
            raise Misuse("sound has no layers, and comes before all pictures")
        if isinstance(command, order.ChooseLayer):
            self.layers[command.slot] = command.rid
        else:
            self.priorities[command.slot] = command.priority

    def _bind(self, command: order.BindSlot) -> None:
        self._known(command.slot, self.slots)
        if command.track is not None:
            self._known(command.track, self.tracks)
            if self.tracks[command.track].kind != self.slots[command.slot].kind:
                raise Misuse("a picture in a slot for sound")
        self.bound[command.slot] = command.track

    def _forget(self, track: TrackHandle) -> None:
        del self.tracks[track], self.open[track]
        for slot, bound in self.bound.items():
            if bound == track:
                self.bound[slot] = None

    @staticmethod
    def _known(handle: int, table: Container[int]) -> None:
        if handle not in table:
            raise Misuse(f"no {handle}")

    @staticmethod
    def _fresh(handle: int, table: Container[int]) -> None:
        if handle in table:
            raise Misuse(f"{handle} is taken")
