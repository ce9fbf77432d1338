"""aiortc publishes to the forwarder and aiortc decodes what comes out of it, in a namespace without a way out."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack
from aiortc.rtcdtlstransport import RTCCertificate, generate_certificate
from av import AudioFrame, VideoFrame
from cryptography.hazmat.primitives.asymmetric import rsa

from media_tests.faults.namespace import ipv6_of, two_hosts
from sfu import sdp
from sfu._forwarder import (
    AddPeer,
    AddSlot,
    AddTrack,
    BindSlot,
    Codec,
    Command,
    Encoding,
    Forwarder,
    PeerClosed,
    RequestKeyframe,
)
from sfu.tests.native.client import pem, self_signed
from sfu.tests.native.inside import inside

WIDTH, HEIGHT = 320, 240
TONE_HZ = 440
PUBLISHER, SUBSCRIBER = 1, 2


class Stripes(VideoStreamTrack):
    """Two flat halves, so that a decoded picture shows whether it is this one."""

    async def recv(self) -> VideoFrame:
        picture = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
        picture[:, : WIDTH // 2] = 50
        frame = VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = await self.next_timestamp()
        return frame


class Tone(AudioStreamTrack):
    """A sine of half the full level."""

    def __init__(self) -> None:
        super().__init__()
        self._sample = 0

    async def recv(self) -> AudioFrame:
        silence = await super().recv()
        assert isinstance(silence, AudioFrame)
        rate, count = silence.sample_rate, silence.samples
        at = np.arange(self._sample, self._sample + count) * (2 * math.pi * TONE_HZ / rate)
        self._sample += count
        frame = AudioFrame.from_ndarray((16_000 * np.sin(at)).astype(np.int16).reshape(1, -1), layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, silence.pts, Fraction(1, rate)
        return frame


@pytest.fixture(params=["IPv4", "IPv6"])
def forwarder(request: pytest.FixtureRequest) -> Iterator[Forwarder]:
    with two_hosts("tc-native", subnet=71) as pair, inside(f"{pair.name}-a"):
        certificate, private_key = pem(*self_signed())
        address = pair.near if request.param == "IPv4" else ipv6_of(pair.near)
        forwarder = Forwarder([(address, 0)], certificate=certificate, private_key=private_key)
        try:
            yield forwarder
        finally:
            forwarder.close()


@asynccontextmanager
async def connection() -> AsyncIterator[RTCPeerConnection]:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        yield peer
    finally:
        await peer.close()


def local(forwarder: Forwarder, peer: int) -> sdp.LocalParameters:
    return sdp.LocalParameters(
        ufrag=f"node{peer}",
        password="the-password-of-the-node",
        fingerprint=sdp.Fingerprint(*forwarder.fingerprint),
        addresses=tuple(forwarder.addresses),
        session=peer,
    )


def add_peer(peer: int, node: sdp.LocalParameters, negotiated: sdp.Publication | sdp.Subscription) -> AddPeer:
    remote, extensions = negotiated.remote, negotiated.extensions
    return AddPeer(
        peer,
        local_ufrag=node.ufrag,
        local_password=node.password,
        remote_ufrag=remote.ufrag,
        remote_password=remote.password,
        remote_fingerprint=(remote.fingerprint.algorithm, remote.fingerprint.digest),
        dtls_role=negotiated.dtls_role,
        mid_extension=extensions.mid,
        rid_extension=extensions.rid,
        repaired_rid_extension=extensions.repaired_rid,
        audio_level_extension=extensions.audio_level,
    )


def codecs(negotiated: tuple[sdp.Codec, ...]) -> list[Codec]:
    return [
        Codec(
            codec.name,
            codec.payload_type,
            codec.clock_rate,
            rtx_payload_type=codec.rtx_payload_type,
            nack=codec.nack,
            pli=codec.pli,
            fir=codec.fir,
        )
        for codec in negotiated
    ]


async def publish(forwarder: Forwarder, peer: RTCPeerConnection, video_codec: str) -> None:
    """Video becomes track 1, audio track 2."""
    peer.addTrack(Stripes())
    peer.addTrack(Tone())
    await peer.setLocalDescription(await peer.createOffer())
    offer = sdp.parse_offer(peer.localDescription.sdp)
    by_kind = {section.kind(): section.mid for section in offer.sections}
    node = local(forwarder, PUBLISHER)
    publication = sdp.answer_publish(offer, node, {str(by_kind["video"]): video_codec, str(by_kind["audio"]): None})
    commands: list[Command] = [add_peer(PUBLISHER, node, publication)]
    for track in publication.tracks:
        encodings = [Encoding(e.ssrc, rtx_ssrc=e.rtx_ssrc, rid=e.rid) for e in track.encodings]
        handle = 1 if track.kind == "video" else 2
        commands.append(
            AddTrack(
                handle, PUBLISHER, kind=track.kind, mid=track.mid, codecs=codecs(track.codecs), encodings=encodings
            )
        )
    forwarder.apply(commands)
    await peer.setRemoteDescription(RTCSessionDescription(publication.sdp, "answer"))


async def subscribe(forwarder: Forwarder, peer: RTCPeerConnection) -> dict[str, MediaStreamTrack]:
    """Slots 1 and 2 show tracks 1 and 2."""
    node = local(forwarder, SUBSCRIBER)
    slots = [sdp.SlotParameters("v0", "video", 20001, 20002), sdp.SlotParameters("a0", "audio", 20003, 20004)]
    await peer.setRemoteDescription(RTCSessionDescription(sdp.offer_subscribe(node, slots), "offer"))
    await peer.setLocalDescription(await peer.createAnswer())
    subscription = sdp.read_subscribe_answer(slots, peer.localDescription.sdp)
    commands: list[Command] = [add_peer(SUBSCRIBER, node, subscription)]
    for handle, negotiated in enumerate(subscription.slots, start=1):
        slot = negotiated.slot
        repair = slot.rtx_ssrc if any(codec.rtx_payload_type for codec in negotiated.codecs) else None
        add = AddSlot(
            handle,
            SUBSCRIBER,
            kind=slot.kind,
            mid=slot.mid,
            ssrc=slot.ssrc,
            rtx_ssrc=repair,
            codecs=codecs(negotiated.codecs),
        )
        commands += [add, BindSlot(handle, handle)]
    forwarder.apply(commands)
    return {transceiver.receiver.track.kind: transceiver.receiver.track for transceiver in peer.getTransceivers()}


def is_stripes(frame: VideoFrame) -> bool:
    picture = frame.to_ndarray(format="rgb24").astype(int)
    left, right = picture[:, : WIDTH // 2 - 16].mean(), picture[:, WIDTH // 2 + 16 :].mean()
    return frame.width == WIDTH and abs(left - 50) < 12 and abs(right - 200) < 12


def is_tone(samples: np.ndarray[tuple[int, ...], np.dtype[np.int16]], rate: int) -> bool:
    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    loudest_hz = float(np.argmax(spectrum)) * rate / len(samples)
    return abs(loudest_hz - TONE_HZ) < 10 and bool(np.abs(samples).max() > 8_000)


async def video_frames(track: MediaStreamTrack, count: int) -> list[VideoFrame]:
    frames = [await track.recv() for _ in range(count)]
    return [frame for frame in frames if isinstance(frame, VideoFrame)]


async def sound(track: MediaStreamTrack, seconds: float) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int16]], int]:
    """One channel of what is heard, without the first half second, in which the jitter buffer fills."""
    parts, rate, heard = [], 48_000, 0.0
    while heard < seconds + 0.5:
        frame = await track.recv()
        assert isinstance(frame, AudioFrame)
        rate = frame.sample_rate
        heard += frame.samples / rate
        if heard > 0.5:
            parts.append(frame.to_ndarray().reshape(-1)[:: len(frame.layout.channels)])
    return np.concatenate(parts), rate


@pytest.mark.parametrize("codec", ["h264", "vp8"])
async def test_a_subscriber_sees_and_hears_the_publisher(forwarder: Forwarder, codec: str) -> None:
    async with connection() as publisher, connection() as subscriber:
        await publish(forwarder, publisher, codec)
        tracks = await subscribe(forwarder, subscriber)
        async with asyncio.timeout(60):
            frames, (samples, rate) = await asyncio.gather(
                video_frames(tracks["video"], 60), sound(tracks["audio"], 1.0)
            )
        assert all(is_stripes(frame) for frame in frames)
        assert is_tone(samples, rate)
        stats = forwarder.stats()
        assert [track.lost for track in stats.tracks] == [0, 0]
        assert all(peer.connected for peer in stats.peers)
        assert stats.tracks[0].keyframes >= 1


async def test_a_late_subscriber_starts_with_a_keyframe(forwarder: Forwarder) -> None:
    async with connection() as publisher, connection() as subscriber:
        await publish(forwarder, publisher, "vp8")
        async with asyncio.timeout(60):
            while not any(track.packets > 100 for track in forwarder.stats().tracks):
                await asyncio.sleep(0.05)
        tracks = await subscribe(forwarder, subscriber)
        async with asyncio.timeout(60):
            assert all(is_stripes(frame) for frame in await video_frames(tracks["video"], 15))


def rsa_certificate(_: type[RTCCertificate]) -> RTCCertificate:
    key: Any = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return RTCCertificate(key, generate_certificate(key))


async def test_peers_with_rsa_certificates_are_served_and_their_goodbye_is_heard(
    forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old stacks and some devices have RSA keys; RFC 8827 section 6.5 asks for ECDSA and forbids neither."""
    monkeypatch.setattr(RTCCertificate, "generateCertificate", classmethod(rsa_certificate))
    async with connection() as publisher, connection() as subscriber:
        await publish(forwarder, publisher, "vp8")
        tracks = await subscribe(forwarder, subscriber)
        async with asyncio.timeout(60):
            assert all(is_stripes(frame) for frame in await video_frames(tracks["video"], 15))
    async with asyncio.timeout(60):
        closed: set[tuple[int, str]] = set()
        while len(closed) < 2:
            events = [event for event in forwarder.events() if isinstance(event, PeerClosed)]
            closed |= {(event.peer, event.reason) for event in events}
            await asyncio.sleep(0.05)
    assert closed == {(PUBLISHER, "closed_by_peer"), (SUBSCRIBER, "closed_by_peer")}


async def test_an_asked_keyframe_comes(forwarder: Forwarder) -> None:
    async with connection() as publisher:
        await publish(forwarder, publisher, "vp8")
        async with asyncio.timeout(60):
            while forwarder.stats().tracks[0].keyframes < 1:
                await asyncio.sleep(0.05)
            forwarder.apply([RequestKeyframe(1)])
            while forwarder.stats().tracks[0].keyframes < 2:
                await asyncio.sleep(0.05)
        assert forwarder.stats().tracks[0].keyframe_requests_sent >= 1
