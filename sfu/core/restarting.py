"""ICE restarts: other credentials for a connection that lives; its keys, tracks and slots stay (RFC 8445 section 9)."""

from dataclasses import replace

from sfu.core.chance import Chance
from sfu.core.commands import RestartIce
from sfu.core.decision import Change, Decision
from sfu.core.tables import Node, Peer, PeerKey, Refusal
from sfu.sdp import Description, Fragment, LocalParameters, Transport, write_fragment


def is_restart(peer: Peer, offer: Description) -> bool:
    """Whether an offer is of the same connection under other ICE credentials: its certificate and `o=` line say so."""
    before, now = peer.remote, offer.transport
    return (
        before.fingerprint == now.fingerprint
        and peer.offerer == offer.origin
        and (before.ufrag, before.password) != (now.ufrag, now.password)
    )


def fresh_local(change: Change, peer: Peer, chance: Chance) -> LocalParameters:
    """Our side of the connection's next description, under credentials that nobody has."""
    fresh = change.local_side(chance)
    return replace(peer.local, ufrag=fresh.ufrag, password=fresh.password, version=peer.local.version + 1)


def restarted(change: Change, peer: Peer, local: LocalParameters, remote: Transport) -> Peer:
    """The connection with both sides' other credentials."""
    change.commands.append(RestartIce(peer.handle, local.ufrag, local.password, remote.ufrag, remote.password))
    return replace(peer, local=local, remote=remote)


def restart_by_fragment(node: Node, key: PeerKey, fragment: Fragment, chance: Chance) -> Decision:
    """An encoder or player restarts by a PATCH (RFC 9725 section 4.3.3); the decision's text is our fragment."""
    peer = node.peers.get(key)
    if peer is None:
        raise Refusal("no_session", "This session has ended; POST a new offer.")
    if fragment.ufrag in (None, peer.remote.ufrag) or fragment.password in (None, peer.remote.password):
        raise Refusal("wrong_sdp", "an ICE restart names a=ice-ufrag and a=ice-pwd, both new")
    change = Change(node)
    local = fresh_local(change, peer, chance)
    remote = replace(peer.remote, ufrag=fragment.ufrag, password=fragment.password)
    change.peers[key] = restarted(change, peer, local, remote)
    sections = [(track.parameters.kind, track.parameters.mid) for track in peer.tracks]
    sections += [(slot.parameters.kind, slot.parameters.mid) for slot in peer.slots]
    if not sections:
        raise Refusal("no_session", "This session has no media left; POST a new offer.")
    return change.decided(write_fragment(local, *sections[0]))
