"""The media connection to the node: a forwarder that dials it, and reads what comes as whole frames."""

import asyncio
import datetime
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from recorder.core.orders import Frame
from recorder.core.timeline import NodeTime
from sfu import forwarder as native
from sfu.forwarder import (
    AddPeer,
    AddTap,
    AddTrack,
    Forwarder,
    PeerClosed,
    PeerHandle,
    RequestKeyframe,
    TapHandle,
    TrackHandle,
)
from sfu.sdp import Dialled, LocalParameters, SdpError, TrackParameters, answer_slots, parse_offer
from signaling.messages.ids import Mid, TrackId

TrackIn = Callable[[Mid, int | None], TrackId | None]
"""Whose a frame of a slot is, by the mark in its packets."""
PEER: Final = PeerHandle(1)
REPAIR_WINDOW_MS: Final = 1000
"""What is not there a second late is a gap."""
TOGETHER_S: Final = 0.05
"""Frames of so long are read together: to wake for each costs more than to read it. Half of what the desk waits."""


class Dialling:
    """One connection, from the node's offer to its end."""

    def __init__(self, offer: str) -> None:
        described = parse_offer(offer)
        hosts = {_own_address(host) for host, _ in described.addresses}
        addresses = [(host, 0) for host in sorted(host for host in hosts if host is not None)]
        if not addresses:
            raise SdpError("none of the node's addresses can be reached from this machine")
        certificate, key = _certificate()
        self._forwarder: Final = Forwarder(addresses, certificate=certificate, private_key=key)
        local = LocalParameters(
            secrets.token_urlsafe(6).replace("-", "+").replace("_", "/"),
            secrets.token_urlsafe(24).replace("-", "+").replace("_", "/"),
            self._forwarder.fingerprint,
            self._forwarder.addresses,
            secrets.randbits(62),
        )
        self._taps: dict[TapHandle, Mid] = {}
        self._tracks: dict[Mid, TrackHandle] = {}
        try:
            self._dialled: Final[Dialled] = answer_slots(described, local)
            self._begin(local)
        except BaseException:
            self._forwarder.close()
            raise

    @property
    def answer(self) -> str:
        """For `subscribe_answer`."""
        return self._dialled.sdp

    async def frames(self, track_in: TrackIn) -> AsyncIterator[list[Frame]]:
        """What arrives in slots that hold a track, until `close`."""
        async for batch in self._forwarder.frames():
            yield list(self._known(batch, track_in))
            await asyncio.sleep(TOGETHER_S)

    async def lost(self) -> str:
        """Waits until the connection has ended, and says why."""
        async for fact in self._forwarder.stream():
            if isinstance(fact, PeerClosed):
                return fact.reason
        return "closed"

    def ask(self, mid: Mid) -> None:
        """Asks for a keyframe. The tap stays: another one would begin with the next keyframe and know of no loss."""
        if mid in self._tracks:
            self._forwarder.apply([RequestKeyframe(self._tracks[mid])])

    def close(self, track_in: TrackIn) -> list[Frame]:
        """Hangs up; gives out what has arrived and nobody has read, or still waited for a repair before it."""
        self._forwarder.close()
        return list(self._known(self._forwarder.rest(), track_in))

    def _known(self, batch: Iterable[native.Frame], track_in: TrackIn) -> Iterator[Frame]:
        for frame in batch:
            mid = self._taps.get(TapHandle(frame.tap))
            track = None if mid is None else track_in(mid, frame.mark)
            if track is not None:
                yield _frame(frame, track)

    def _begin(self, local: LocalParameters) -> None:
        dialled = self._dialled
        peer = AddPeer(
            PEER,
            local.ufrag,
            local.password,
            dialled.remote.ufrag,
            dialled.remote.password,
            dialled.remote.fingerprint,
            dialled.dtls_role,
            dialled.extensions,
            dialled.candidates,
        )
        self._forwarder.apply([peer, *(self._track(track) for track in dialled.tracks), *self._taps_of_all()])

    def _track(self, track: TrackParameters) -> AddTrack:
        mid = Mid(track.mid)
        self._tracks[mid] = TrackHandle(len(self._tracks) + 1)
        return AddTrack(self._tracks[mid], PEER, track.kind, track.mid, track.codecs, track.encodings, True)

    def _taps_of_all(self) -> list[AddTap]:
        self._taps = {TapHandle(number): mid for number, mid in enumerate(self._tracks, 1)}
        return [AddTap(tap, self._tracks[mid], REPAIR_WINDOW_MS) for tap, mid in self._taps.items()]


def _frame(frame: native.Frame, track: TrackId) -> Frame:
    sound = frame.codec == "opus"
    return Frame(
        peer="node",
        track=track,
        codec=frame.codec,
        ssrc=frame.ssrc,
        clock_rate=48_000 if sound else 90_000,
        rtp=frame.timestamp,
        arrived=NodeTime(frame.arrived_ns // 1000),
        data=frame.data,
        keyframe=frame.is_keyframe,
        lost=frame.lost_packets > 0,
        captured=None if frame.captured_ns is None else NodeTime(frame.captured_ns // 1000),
    )


def _own_address(host: str) -> str | None:
    """The address of this machine that leads to `host`; asking sends nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((host, 9))
        except OSError:
            return None
        return str(asking.getsockname()[0])


def _certificate() -> tuple[bytes, bytes]:
    """Made for one connection and known by its fingerprint alone (RFC 8827 section 6.5)."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "webrtc")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
    certificate = made.not_valid_after(now + datetime.timedelta(days=30)).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return certificate.public_bytes(serialization.Encoding.PEM), private
