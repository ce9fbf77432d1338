"""Python's face of the native forwarder: commands in, facts out as an async stream, statistics."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from typing import assert_never

from sfu import _forwarder as native
from sfu.core import commands, facts
from sfu.core.commands import (
    AddPeer,
    AddTap,
    AddTrack,
    PeerHandle,
    RemoveTap,
    RequestKeyframe,
    RequestTapKeyframe,
    SlotHandle,
    TapHandle,
    TrackHandle,
)
from sfu.core.facts import PeerClosed
from sfu.sdp import Codec, Encoding, Fingerprint

__all__ = [
    "AddPeer",
    "AddTap",
    "AddTrack",
    "FedFrame",
    "Forwarder",
    "ForwarderError",
    "Frame",
    "PeerClosed",
    "PeerHandle",
    "RemoveTap",
    "RequestKeyframe",
    "RequestTapKeyframe",
    "SlotHandle",
    "Stats",
    "TapHandle",
    "TrackHandle",
]

ForwarderError = native.ForwarderError
FedFrame = native.FedFrame
Frame = native.Frame
Stats = native.Stats


class Forwarder:
    """Owns sockets and worker threads until `close`."""

    def __init__(
        self,
        addresses: Sequence[tuple[str, int]],
        *,
        certificate: bytes,
        private_key: bytes,
        tcp: bool = False,
        fronts: Sequence[tuple[str, int]] = (),
    ) -> None:
        self._native = native.Forwarder(
            addresses, certificate=certificate, private_key=private_key, tcp=tcp, fronts=fronts
        )
        self._closed = asyncio.Event()
        self._watched: dict[int, asyncio.AbstractEventLoop] = {}

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """What was bound, in the order asked for."""
        return tuple(self._native.addresses)

    @property
    def fronts(self) -> tuple[tuple[str, int], ...]:
        """The fronts that were bound, in the order asked for."""
        return tuple(self._native.fronts)

    @property
    def fingerprint(self) -> Fingerprint:
        """Of the certificate that peers will see."""
        return Fingerprint(*self._native.fingerprint)

    def apply(self, batch: Sequence[commands.Command]) -> None:
        """Does all of a batch or nothing of it; raises ForwarderError."""
        if batch:
            self._native.apply([_command(command) for command in batch])

    def news(self) -> list[facts.Fact]:
        """What happened since the last call; never waits."""
        return [_fact(event) for event in self._native.events()]

    async def ready(self) -> bool:
        """Waits until there is news; false once closed."""
        return await self._readable(self._native.event_fd())

    async def stream(self) -> AsyncIterator[facts.Fact]:
        """Yields facts as they happen, until `close`."""
        while await self.ready():
            for fact in self.news():
                yield fact

    async def frames(self) -> AsyncIterator[list[Frame]]:
        """Yields what taps have read, in batches, until `close`. One reader for all taps."""
        while await self._readable(self._native.frame_fd()):
            if batch := self._native.frames():
                yield batch

    async def guests(self) -> AsyncIterator[list[socket.socket]]:
        """Yields connections that came to a front with TLS, unread and the reader's to close, until `close`."""
        while await self._readable(self._native.guest_fd()):
            if batch := [socket.socket(fileno=descriptor) for descriptor in self._native.guests()]:
                yield batch

    def feed(self, frames: Sequence[FedFrame]) -> None:
        """Sends encoded frames of feeds, all or none; raises ForwarderError."""
        if frames:
            self._native.feed(frames)

    def stats(self) -> Stats:
        """Counters of this moment."""
        return self._native.stats()

    def rest(self) -> list[Frame]:
        """After `close`: what taps had read, and what they had and still waited with."""
        return self._native.frames()

    def close(self) -> None:
        """Stops the threads and frees the sockets; the stream ends."""
        for descriptor in list(self._watched):
            self._unwatch(descriptor)
        self._closed.set()
        self._native.close()

    async def _readable(self, descriptor: int) -> bool:
        if self._closed.is_set():
            return False
        readable = asyncio.Event()
        waiting = [asyncio.ensure_future(event.wait()) for event in (readable, self._closed)]
        self._watched[descriptor] = asyncio.get_running_loop()
        self._watched[descriptor].add_reader(descriptor, readable.set)
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._unwatch(descriptor)
            for task in waiting:
                task.cancel()
        return not self._closed.is_set()

    def _unwatch(self, descriptor: int) -> None:
        """The descriptor must be let go before it is closed: its number may soon be another's."""
        if loop := self._watched.pop(descriptor, None):
            loop.remove_reader(descriptor)


def _command(command: commands.Command) -> native.Command:
    match command:
        case commands.AddPeer() | commands.RemovePeer() | commands.RestartIce():
            return _connecting(command)
        case commands.AddTrack():
            return _add_track(command)
        case commands.RemoveTrack():
            return native.RemoveTrack(command.track)
        case commands.OpenTrack():
            return native.OpenTrack(command.track, command.open)
        case commands.AddSlot():
            return _add_slot(command)
        case commands.BindSlot():
            return native.BindSlot(command.slot, command.track)
        case commands.ChooseLayer():
            return native.ChooseLayer(command.slot, command.rid)
        case commands.SetPriority():
            return native.SetPriority(command.slot, command.priority)
        case commands.AddFeed():
            return native.AddFeed(
                command.track,
                command.peer,
                kind=command.kind,
                codec=command.codec,
                clock_rate=command.clock_rate,
            )
        case commands.AddTap() | commands.RemoveTap() | commands.RequestKeyframe() | commands.RequestTapKeyframe():
            return _reading(command)
    assert_never(command)


def _reading(
    command: commands.AddTap | commands.RemoveTap | commands.RequestKeyframe | commands.RequestTapKeyframe,
) -> native.Command:
    match command:
        case commands.AddTap():
            return native.AddTap(
                command.tap,
                command.track,
                rid=command.rid,
                window_ms=command.window_ms,
                while_closed=command.while_closed,
                avcc=command.avcc,
            )
        case commands.RequestTapKeyframe():
            return native.RequestTapKeyframe(command.tap)
        case commands.RemoveTap():
            return native.RemoveTap(command.tap)
        case commands.RequestKeyframe():
            return native.RequestKeyframe(command.track)


def _connecting(command: commands.AddPeer | commands.RemovePeer | commands.RestartIce) -> native.Command:
    match command:
        case commands.AddPeer():
            return _add_peer(command)
        case commands.RemovePeer():
            return native.RemovePeer(command.peer)
        case commands.RestartIce():
            return native.RestartIce(
                command.peer,
                local_ufrag=command.local_ufrag,
                local_password=command.local_password,
                remote_ufrag=command.remote_ufrag,
                remote_password=command.remote_password,
            )


def _add_peer(command: commands.AddPeer) -> native.AddPeer:
    fingerprint, extensions = command.remote_fingerprint, command.extensions
    return native.AddPeer(
        command.peer,
        local_ufrag=command.local_ufrag,
        local_password=command.local_password,
        remote_ufrag=command.remote_ufrag,
        remote_password=command.remote_password,
        remote_fingerprint=(fingerprint.algorithm, fingerprint.digest),
        dtls_role=command.dtls_role,
        mid_extension=extensions.mid,
        rid_extension=extensions.rid,
        repaired_rid_extension=extensions.repaired_rid,
        audio_level_extension=extensions.audio_level,
        transport_cc_extension=extensions.transport_cc,
        mark_extension=extensions.mark,
        candidates=command.candidates,
    )


def _add_track(command: commands.AddTrack) -> native.AddTrack:
    return native.AddTrack(
        command.track,
        command.peer,
        kind=command.kind,
        mid=command.mid,
        codecs=[_codec(codec) for codec in command.codecs],
        encodings=[_encoding(encoding) for encoding in command.encodings],
        open=command.open,
        mark=command.mark,
    )


def _add_slot(command: commands.AddSlot) -> native.AddSlot:
    return native.AddSlot(
        command.slot,
        command.peer,
        kind=command.kind,
        mid=command.mid,
        ssrc=command.ssrc,
        rtx_ssrc=command.rtx_ssrc,
        codecs=[_codec(codec) for codec in command.codecs],
        numbered=command.numbered,
    )


def _codec(codec: Codec) -> native.Codec:
    return native.Codec(
        codec.name,
        codec.payload_type,
        codec.clock_rate,
        rtx_payload_type=codec.rtx_payload_type,
        nack=codec.nack,
        pli=codec.pli,
        fir=codec.fir,
    )


def _encoding(encoding: Encoding) -> native.Encoding:
    return native.Encoding(encoding.ssrc, rtx_ssrc=encoding.rtx_ssrc, rid=encoding.rid)


def _fact(event: native.Event) -> facts.Fact:
    match event:
        case native.PeerConnected():
            return facts.PeerConnected(PeerHandle(event.peer), event.srtp_profile, event.remote_address)
        case native.PeerClosed():
            return facts.PeerClosed(PeerHandle(event.peer), event.reason)
        case native.TrackFlowing():
            return facts.TrackFlowing(TrackHandle(event.track), event.codec)
        case native.TrackStalled():
            return facts.TrackStalled(TrackHandle(event.track))
        case native.KeyframeWanted():
            return facts.KeyframeWanted(TrackHandle(event.track))
        case native.PicturesFitted():
            reduced = tuple(facts.Reduced(SlotHandle(slot), lines, paused) for slot, lines, paused in event.reduced)
            return facts.PicturesFitted(PeerHandle(event.peer), event.level, event.bit_rate, event.cause, reduced)
        case native.Estimated():
            return facts.Estimated(PeerHandle(event.peer), event.bit_rate, event.cause)
        case native.AudioLevels():
            return facts.AudioLevels(tuple((TrackHandle(track), level) for track, level in event.levels))
    assert_never(event)
