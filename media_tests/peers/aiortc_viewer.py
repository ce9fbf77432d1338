"""aiortc as a WHEP viewer that decodes what it receives."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from media_tests.peers.seat import MediaAddress
from media_tests.peers.whip import end, exchange


@asynccontextmanager
async def whep_viewer(address: MediaAddress) -> AsyncIterator[Counter[str]]:
    """Counts decoded frames by kind."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    decoded: Counter[str] = Counter()
    counting: list[asyncio.Task[None]] = []

    @connection.on("track")
    def _arrived(track: MediaStreamTrack) -> None:
        counting.append(asyncio.create_task(_count(track, decoded)))

    for kind in ("video", "audio"):
        connection.addTransceiver(kind, direction="recvonly")
    try:
        await connection.setLocalDescription(await connection.createOffer())
        made = await exchange(address, connection.localDescription.sdp)
        await connection.setRemoteDescription(RTCSessionDescription(sdp=made.answer, type="answer"))
        yield decoded
        await end(address, made.resource)
    finally:
        await connection.close()
        await asyncio.gather(*counting)


async def _count(track: MediaStreamTrack, decoded: Counter[str]) -> None:
    try:
        while True:
            await track.recv()
            decoded[track.kind] += 1
    except MediaStreamError:
        return
