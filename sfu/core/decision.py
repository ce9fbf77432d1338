"""A change of the tables while it is made, and what comes out of it."""

from dataclasses import dataclass, replace

from sfu.core.chance import Chance
from sfu.core.commands import Command, PeerHandle, RemovePeer, SlotHandle, TrackHandle
from sfu.core.tables import HeldLesson, Node, OfferKey, Peer, PeerKey, Refusal, SlotOffer, frozen
from sfu.sdp import LocalParameters
from signaling.messages.ids import LessonId
from signaling.messages.node import NodeMessage, PeerChanged, PeerGone, PeerState

MOST_PEERS = 4096
"""More than one worker could serve; the forwarder refuses the next one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The next state, in force once the forwarder has taken the commands."""

    node: Node
    commands: tuple[Command, ...] = ()
    messages: tuple[NodeMessage, ...] = ()
    """For signaling, in this order."""
    sdp: str = ""
    """The answer to whoever offered."""


class Change:
    """Collects what one decision does; nothing outside sees it before `decided`."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.lessons: dict[LessonId, HeldLesson] = dict(node.lessons)
        self.peers: dict[PeerKey, Peer] = dict(node.peers)
        self.offers: dict[OfferKey, SlotOffer] = dict(node.offers)
        self.commands: list[Command] = []
        self.messages: list[NodeMessage] = []
        self._next_handle = node.next_handle

    def decided(self, sdp: str = "") -> Decision:
        """Freezes the change. Peers that differ from before are told."""
        for key, peer in self.peers.items():
            before = self.node.peers.get(key)
            if before is None or before.handle != peer.handle or _shape(before) != _shape(peer):
                self.messages.append(PeerChanged(peer.state()))
        node = replace(
            self.node,
            lessons=frozen(self.lessons),
            peers=frozen(self.peers),
            offers=frozen(self.offers),
            next_handle=self._next_handle,
        )
        return Decision(node, tuple(self.commands), tuple(self.messages), sdp)

    def _handle(self) -> int:
        """Handles are never used twice: 2**32 of them outlast every process."""
        self._next_handle += 1
        return self._next_handle - 1

    def peer_handle(self) -> PeerHandle:
        return PeerHandle(self._handle())

    def track_handle(self) -> TrackHandle:
        return TrackHandle(self._handle())

    def slot_handle(self) -> SlotHandle:
        return SlotHandle(self._handle())

    def local_side(self, chance: Chance) -> LocalParameters:
        """Fresh credentials for a connection."""
        taken = {peer.local.ufrag for peer in self.peers.values()}
        taken |= {offer.local.ufrag for offer in self.offers.values()}
        ufrag, password, session = chance.ufrag(taken), chance.password(), chance.session()
        node = self.node
        return LocalParameters(
            ufrag, password, node.fingerprint, node.addresses, session, tcp=node.tcp, fronts=node.fronts
        )

    def replace_peer(self, peer: Peer) -> None:
        """Puts a connection in the place of the one that its seat had: `peer_changed` says both. Raises Refusal."""
        before = self.peers.pop(peer.key, None)
        if len(self.peers) >= MOST_PEERS:
            raise Refusal("node_full", f"this node holds {MOST_PEERS} connections and takes no more")
        if before is not None:
            self.commands.append(RemovePeer(before.handle))
        self.peers[peer.key] = peer

    def remove_peer(self, key: PeerKey, reason: str) -> None:
        """Ends a connection, if there is one."""
        peer = self.peers.pop(key, None)
        if peer is not None:
            self.commands.append(RemovePeer(peer.handle))
            self.messages.append(PeerGone(key.lesson, key.seat, key.connection, reason, peer.session))


def _shape(peer: Peer) -> PeerState:
    """What is worth telling: who is in which slot, signaling has said itself."""
    return replace(peer.state(), slots=())
