"""libwebrtc itself, through the `wrtc` package, as a WHIP publisher or WHEP viewer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import webrtc

from media_tests.peers.seat import MediaAddress
from media_tests.peers.whip import end, exchange

webrtc.allow_loopback()


def _connection() -> Any:
    return webrtc.RTCPeerConnection(webrtc.RTCConfiguration(ice_servers=[]))


@asynccontextmanager
async def whip_publisher(address: MediaAddress) -> AsyncIterator[Any]:
    """Publishes libwebrtc's synthetic camera and microphone."""
    stream = await webrtc.media_devices.get_user_media(webrtc.MediaStreamConstraints(audio=True, video=True))
    connection = _connection()
    for track in stream.get_tracks():
        connection.add_track(track, stream)
    async with _exchanged(connection, address):
        yield connection


@asynccontextmanager
async def whip_simulcast(address: MediaAddress) -> AsyncIterator[Any]:
    """Publishes the synthetic camera in two layers: `l` has half the height of `h`."""
    stream = await webrtc.media_devices.get_user_media(webrtc.MediaStreamConstraints(audio=False, video=True))
    layers = []
    for rid, scale in (("l", 2.0), ("h", 1.0)):
        layers.append(layer := webrtc.RTCRtpEncodingParameters())
        layer.rid, layer.scale_resolution_down_by, layer.active = rid, scale, True
    only_send = webrtc.RTCRtpTransceiverDirection.sendonly
    connection = _connection()
    how = webrtc.RTCRtpTransceiverInit(direction=only_send, send_encodings=layers, streams=[stream])
    connection.add_transceiver(stream.get_tracks()[0], how)
    async with _exchanged(connection, address):
        yield connection


@asynccontextmanager
async def whep_viewer(address: MediaAddress) -> AsyncIterator[Any]:
    """Receives one video and one audio slot."""
    connection = _connection()
    receive_only = webrtc.RTCRtpTransceiverInit(direction=webrtc.RTCRtpTransceiverDirection.recvonly)
    for kind in (webrtc.MediaType.video, webrtc.MediaType.audio):
        connection.add_transceiver(kind, receive_only)
    async with _exchanged(connection, address):
        yield connection


@asynccontextmanager
async def _exchanged(connection: Any, address: MediaAddress) -> AsyncIterator[None]:
    try:
        offer = await connection.create_offer()
        await connection.set_local_description(offer)
        made = await exchange(address, connection.local_description.sdp)
        await connection.set_remote_description(
            webrtc.RTCSessionDescription(webrtc.RTCSessionDescriptionInit(webrtc.RTCSdpType.answer, made.answer))
        )
        yield
        await end(address, made.resource)
    finally:
        connection.close()


async def counted(connection: Any, media: str, name: str) -> int:
    """A number of the receiving side, as `frames_decoded` of `video`; 0 before there is any."""
    for entry in (await connection.get_stats()).values():
        if str(entry.type) == "inbound-rtp" and str(entry.kind) == media:
            return int(getattr(entry, name) or 0)
    return 0


async def estimate_bps(connection: Any) -> float:
    """What the sending side believes its line to carry; 0 before it believes anything."""
    entries = (await connection.get_stats()).values()
    pairs = (entry for entry in entries if str(entry.type) == "candidate-pair")
    return max((float(entry.available_outgoing_bitrate or 0) for entry in pairs), default=0.0)
