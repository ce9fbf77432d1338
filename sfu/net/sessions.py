"""WHIP and WHEP sessions: an unguessable name for a connection, as long as it lives."""

import secrets
from dataclasses import dataclass

from sfu.core.commands import PeerHandle
from sfu.core.tables import Node, Peer, PeerKey, Refusal


@dataclass(frozen=True, slots=True)
class Session:
    """Which connection a resource stands for."""

    key: PeerKey
    handle: PeerHandle


class Sessions:
    """Names of living connections. A connection that went takes its name with it."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def open(self, node: Node, key: PeerKey) -> str:
        """Names the connection that a seat has now."""
        living = {peer.handle for peer in node.peers.values()}
        self._sessions = {name: session for name, session in self._sessions.items() if session.handle in living}
        name = secrets.token_urlsafe(16)
        self._sessions[name] = Session(key, node.peers[key].handle)
        return name

    def find(self, node: Node, name: str, key: PeerKey) -> Peer:
        """The living connection of that name, of that seat; raises Refusal."""
        session = self._sessions.get(name)
        peer = node.peers.get(key)
        if session is None or peer is None or session != Session(key, peer.handle):
            raise Refusal("no_session", "There is no such session; it has ended or was replaced.")
        return peer
