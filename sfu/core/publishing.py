"""Publish offers: new connections, more or fewer sources on a living one, and WHIP."""

from collections.abc import Sequence
from dataclasses import replace

from sfu.core.chance import Chance
from sfu.core.commands import AddPeer, AddTrack, PeerHandle, RemoveTrack
from sfu.core.decision import Change, Decision
from sfu.core.reconcile import settle
from sfu.core.restarting import fresh_local, is_restart, restarted
from sfu.core.tables import Node, Origin, Peer, PeerKey, Refusal, Track
from sfu.sdp import Description, Publication, SdpError, TrackParameters, answer_publish, parse_offer
from signaling.messages.ids import LessonId, Mid, SeatId, Source, kind_of, source_mark, track_id
from signaling.messages.node import OfferPublish, PublishedMid, SeatRights

COPY_CODECS = ("h264", "vp8")


def offer_publish(node: Node, message: OfferPublish, chance: Chance, origin: Origin = "control") -> Decision:
    """Answers a seat's offer; raises Refusal. The same certificate and `o=` line mean the same connection."""
    rights = _rights(node, message, origin)
    try:
        offer = parse_offer(message.sdp)
        _check_sources(offer, message.sources, rights)
        key = PeerKey(message.lesson, message.seat, "publish")
        before = node.peers.get(key)
        if origin == "whip":
            check_no_page(node, key)
        if before is not None and before.session == message.session and _same_connection(before, offer):
            return _again(node, message, before, offer)
        if before is not None and _restarts(before, message, offer, origin):
            return _restarted(node, message, before, offer, chance)
        return _anew(node, message, key, offer, chance, origin)
    except SdpError as error:
        raise Refusal("wrong_sdp", str(error)) from None


def offer_whip(
    node: Node, lesson: LessonId, seat: SeatId, sdp: str, sources: Sequence[Source], chance: Chance
) -> Decision:
    """Answers an encoder, whose token names the sources; raises Refusal."""
    message = OfferPublish(0, lesson, seat, sdp, whip_sources(sdp, sources))
    decision = offer_publish(node, message, chance, origin="whip")
    _check_whole(sdp, message.sources)
    return decision


def check_no_page(node: Node, key: PeerKey) -> None:
    """An encoder or player never pushes a living page off its seat: the page would come back, and so for ever."""
    peer = node.peers.get(key)
    if peer is not None and peer.origin == "control" and peer.connected:
        noun = "publishes" if key.connection == "publish" else "watches"
        raise Refusal("seat_busy", f"a page of this seat {noun} already; leave it there first")


def _rights(node: Node, message: OfferPublish, origin: Origin) -> SeatRights:
    if origin == "control":
        return node.rights_of_session(message.lesson, message.seat, message.session)
    return node.rights_of(message.lesson, message.seat)


def whip_sources(sdp: str, sources: Sequence[Source]) -> tuple[PublishedMid, ...]:
    """Gives the token's sources to the sections of an offer: the first of a kind to the first, and so on."""
    try:
        sections = [section for section in parse_offer(sdp).sections if section.kind() and section.sends()]
    except SdpError as error:
        raise Refusal("wrong_sdp", str(error)) from None
    waiting = list(sources)
    named = []
    for section in sections:
        source = next((source for source in waiting if kind_of(source) == section.kind()), None)
        if source is not None:
            waiting.remove(source)
            named.append(PublishedMid(Mid(section.mid), source))
    if not named:
        raise Refusal("wrong_sdp", f"the offer sends nothing that the token is for: {', '.join(sources) or 'nothing'}")
    return tuple(named)


def _check_sources(offer: Description, sources: Sequence[PublishedMid], rights: SeatRights) -> None:
    kinds = {section.mid: section.kind() for section in offer.sections}
    names = [(entry.source, entry.copy) for entry in sources]
    mids = [entry.mid for entry in sources]
    if len(set(names)) != len(names) or len(set(mids)) != len(mids):
        raise Refusal("wrong_message", "a source or a mid is named twice")
    for entry in sources:
        if entry.source not in rights.sources:
            raise Refusal("not_permitted", f"this seat may not publish {entry.source}")
        if entry.copy is not None and entry.copy not in COPY_CODECS:
            raise Refusal("wrong_message", f"there are no extra copies in {entry.copy}")
        if kinds.get(entry.mid) not in (None, kind_of(entry.source)):
            raise SdpError(f"{entry.source} is {kind_of(entry.source)}, but section {entry.mid} is {kinds[entry.mid]}")


def _check_whole(sdp: str, sources: Sequence[PublishedMid]) -> None:
    """An encoder is taken whole or not at all (RFC 9725 section 4.4.3): it would not notice that half of it is lost."""
    named = {entry.mid for entry in sources}
    for section in parse_offer(sdp).sections:
        if section.kind() is not None and section.sends() and section.mid not in named:
            sentence = f"{section.name()} sends what the token names no source for: leave it out, or get another token"
            raise Refusal("no_source", sentence)


def _same_connection(peer: Peer, offer: Description) -> bool:
    before, now = peer.remote, offer.transport
    return (before.ufrag, before.password, before.fingerprint) == (now.ufrag, now.password, now.fingerprint)


def _restarts(peer: Peer, message: OfferPublish, offer: Description, origin: Origin) -> bool:
    """A POST of WHIP is always a new connection (RFC 9725 section 4.2); its restart is a PATCH."""
    return origin == peer.origin == "control" and peer.session == message.session and is_restart(peer, offer)


def _wanted(message: OfferPublish) -> dict[str, str | None]:
    return {entry.mid: entry.copy for entry in message.sources}


def _anew(
    node: Node, message: OfferPublish, key: PeerKey, offer: Description, chance: Chance, origin: Origin
) -> Decision:
    change = Change(node)
    local = change.local_side(chance)
    publication = answer_publish(offer, local, _wanted(message))
    peer = Peer(
        key=key,
        handle=change.peer_handle(),
        origin=origin,
        local=local,
        remote=publication.remote,
        role=publication.dtls_role,
        extensions=publication.extensions,
        session=message.session,
        offerer=offer.origin,
    )
    change.replace_peer(peer)
    change.commands.append(add_peer(peer))
    return _with_tracks(change, message, peer, publication)


def _again(node: Node, message: OfferPublish, peer: Peer, offer: Description) -> Decision:
    """Adds and ends tracks; what stays is not touched, so that its viewers notice nothing."""
    change = Change(node)
    local = replace(peer.local, version=peer.local.version + 1)
    publication = answer_publish(offer, local, _wanted(message), role=peer.role)
    return _with_tracks(change, message, replace(peer, local=local), publication)


def _restarted(node: Node, message: OfferPublish, peer: Peer, offer: Description, chance: Chance) -> Decision:
    """The same under other ICE credentials."""
    change = Change(node)
    local = fresh_local(change, peer, chance)
    publication = answer_publish(offer, local, _wanted(message), role=peer.role)
    return _with_tracks(change, message, restarted(change, peer, local, publication.remote), publication)


def _with_tracks(change: Change, message: OfferPublish, peer: Peer, publication: Publication) -> Decision:
    named = {str(entry.mid): entry for entry in message.sources}
    tracks = tuple(
        _kept(peer, named[parameters.mid], parameters) or _new(change, peer.key.seat, named[parameters.mid], parameters)
        for parameters in publication.tracks
    )
    change.commands += [RemoveTrack(track.handle) for track in peer.tracks if track not in tracks]
    change.commands += [_add_track(peer.key.seat, peer.handle, track) for track in tracks if track not in peer.tracks]
    change.peers[peer.key] = replace(peer, tracks=tracks)
    settle(change, peer.key.lesson)
    return change.decided(publication.sdp)


def _kept(peer: Peer, entry: PublishedMid, parameters: TrackParameters) -> Track | None:
    same = (entry.source, entry.copy, parameters)
    return next((track for track in peer.tracks if (track.source, track.copy, track.parameters) == same), None)


def _new(change: Change, seat: SeatId, entry: PublishedMid, parameters: TrackParameters) -> Track:
    return Track(
        handle=change.track_handle(),
        track=track_id(seat, entry.source, entry.copy),
        source=entry.source,
        copy=entry.copy,
        parameters=parameters,
        codec=parameters.codecs[0].name,
    )


def _add_track(seat: SeatId, peer: PeerHandle, track: Track) -> AddTrack:
    """Every track begins closed; what should be open is opened in the same batch."""
    parameters, mark = track.parameters, source_mark(seat, track.source)
    return AddTrack(
        track.handle,
        peer,
        parameters.kind,
        parameters.mid,
        parameters.codecs,
        parameters.encodings,
        open=False,
        mark=mark,
    )


def add_peer(peer: Peer) -> AddPeer:
    """The command that lets a connection come."""
    return AddPeer(
        peer=peer.handle,
        local_ufrag=peer.local.ufrag,
        local_password=peer.local.password,
        remote_ufrag=peer.remote.ufrag,
        remote_password=peer.remote.password,
        remote_fingerprint=peer.remote.fingerprint,
        dtls_role=peer.role,
        extensions=peer.extensions,
    )
