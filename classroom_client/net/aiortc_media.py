"""The first media stack: aiortc."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCRtpTransceiver
from aiortc import RTCSessionDescription as Description
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.sdp import SessionDescription

from classroom_client.core import diagnosis
from classroom_client.core.diagnosis import Trouble
from classroom_client.net import aiortc_private
from classroom_client.net.tracks import CopyTrack, FileTrack
from signaling.messages.client import PublishedSource
from signaling.messages.ids import Mid, Source

CONNECT_S = 10.0
"""Checks and handshake together; a healthy node needs less than one second."""
CONSTRAINED_BASELINE = "42e01f"
COPY = "vp8"

ConnectSlot = Callable[[Mid, Callable[[], None]], aiortc_private.TakeFrame]
"""Is told of a slot and how to ask for its keyframe; gives what takes the slot's frames."""


class AiortcTransport:
    """One RTCPeerConnection; a MediaTransport."""

    def __init__(self, *, tracks: Sequence[FileTrack], connect_slot: ConnectSlot, loopback: tuple[str, ...]) -> None:
        # No ICE server at all: aiortc's default is a public STUN host.
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._tracks = tracks
        self._connect_slot = connect_slot
        self._loopback = loopback
        self._sections: list[tuple[FileTrack, RTCRtpTransceiver]] = []
        self._copies: list[tuple[CopyTrack, RTCRtpTransceiver]] = []
        self._changed = asyncio.Event()
        self._connection.on("connectionstatechange", self._changed.set)

    async def offer(self, copies: Sequence[Source] = ()) -> tuple[str, tuple[PublishedSource, ...]]:
        """The offer for all tracks and wanted copies, each in a section of its own."""
        if not self._sections:
            self._sections = [(track, self._send(track)) for track in self._tracks]
        self._end_copies(keep=copies)
        for source in copies:
            self._begin_copy(source)
        sdp = await self._describe()
        original = [PublishedSource(_mid(section), track.source) for track, section in self._sections]
        copied = [PublishedSource(_mid(section), track.source, COPY) for track, section in self._copies]
        return sdp, (*original, *copied)

    def _begin_copy(self, source: Source) -> None:
        original = next((track for track, _ in self._sections if track.source == source), None)
        if original is None or original.kind != "video" or any(track.source == source for track, _ in self._copies):
            return
        copy = CopyTrack(original)
        section = self._connection.addTransceiver(copy, direction="sendonly")
        section.setCodecPreferences(_vp8())
        self._copies.append((copy, section))

    def _end_copies(self, keep: Sequence[Source]) -> None:
        for copy, section in [(copy, section) for copy, section in self._copies if copy.source not in keep]:
            section.direction = "inactive"
            section.sender.replaceTrack(None)
            copy.stop()
            self._copies.remove((copy, section))

    def _send(self, track: FileTrack) -> RTCRtpTransceiver:
        section = self._connection.addTransceiver(track, direction="sendonly")
        if track.kind == "video":
            section.setCodecPreferences(_h264())
        else:
            aiortc_private.send_levels(section.sender, lambda: track.level_dbov)
        return section

    async def accept(self, sdp: str) -> None:
        """Checks and handshake begin in the background."""
        await self._connection.setRemoteDescription(Description(sdp, "answer"))

    async def answer(self, sdp: str) -> str:
        """Takes every slot that the node offers."""
        await self._connection.setRemoteDescription(Description(sdp, "offer"))
        for section in self._connection.getTransceivers():
            receiver = section.receiver
            take = self._connect_slot(Mid(section.mid or ""), partial(aiortc_private.ask_keyframe, receiver))
            aiortc_private.take_encoded_frames(receiver, "audio" if section.kind == "audio" else "video", take)
        return await self._describe()

    async def _describe(self) -> str:
        if self._loopback:
            aiortc_private.gather_loopback(self._connection, self._loopback)
        await self._connection.setLocalDescription()
        aiortc_private.tune_sockets(self._connection)
        return str(self._connection.localDescription.sdp)

    async def lost(self) -> Trouble:
        """Waits for the connection's end; one that does not come about within 10 s counts as ended."""
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._until("connected", "failed", "closed")
        except TimeoutError:
            return self._unreachable()
        if self._connection.connectionState != "connected":
            return self._unreachable()
        await self._until("failed", "closed")
        return Trouble("media_lost", "the media connection to the node was lost; negotiating anew", retry=True)

    async def _until(self, *states: str) -> None:
        while self._connection.connectionState not in states:
            self._changed.clear()
            await self._changed.wait()

    def _unreachable(self) -> Trouble:
        sections = SessionDescription.parse(self._connection.remoteDescription.sdp).media
        return diagnosis.unreachable_node(
            (candidate.ip, candidate.port) for section in sections for candidate in section.ice_candidates
        )

    async def close(self) -> None:
        """Ends it with a DTLS close and frees its sockets."""
        for copy, _ in self._copies:
            copy.stop()
        for track in self._tracks:
            track.stop()
        await self._connection.close()
        self._changed.set()


def _h264() -> list[RTCRtpCodecCapability]:
    """What a passed-through clip is, with retransmission; an answer with another profile would be a lie."""
    found = RTCRtpSender.getCapabilities("video").codecs
    return [
        codec
        for codec in found
        if codec.name == "rtx" or codec.parameters.get("profile-level-id") == CONSTRAINED_BASELINE
    ]


def _vp8() -> list[RTCRtpCodecCapability]:
    return [codec for codec in RTCRtpSender.getCapabilities("video").codecs if codec.name.lower() in (COPY, "rtx")]


def _mid(section: RTCRtpTransceiver) -> Mid:
    return Mid(section.mid or "")
