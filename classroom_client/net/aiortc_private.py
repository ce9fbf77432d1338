"""The one file that touches private names of aiortc and aioice (written against aiortc 1.16, aioice 0.13).

Each function says what the public interface lacks; a name that is gone raises at once instead of failing later.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aioice import ice
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpSender

from classroom_client.core.assembler import Assembler, Part
from signaling.messages.ids import Kind

TakeFrame = Callable[[str, bytes, int], None]
"""Codec, complete encoded frame (H.264 in Annex B), RTP timestamp that does not wrap."""


class ChangedLibrary(RuntimeError):
    """aiortc or aioice no longer has a name that this file needs."""


def _require(thing: object, name: str) -> Any:
    try:
        return getattr(thing, name)
    except AttributeError:
        raise ChangedLibrary(f"{type(thing).__name__} has no {name}: adapt aiortc_private.py") from None


def _replace(thing: object, name: str, value: object) -> None:
    _require(thing, name)
    setattr(thing, name, value)


class _NoDecoder:
    """Stands where aiortc has the queue to its decoder thread: the thread ends at once."""

    def get(self) -> None:
        """Read by the decoder thread, for which None means the end."""

    def put(self, task: object) -> None:
        """Frames come by `_Frames`; what is put here is aiortc's own end of the thread."""


class _Frames:
    """Stands where aiortc has its jitter buffer: frames come to us, complete and in order."""

    def __init__(self, kind: Kind, codecs: Mapping[int, Any], take: TakeFrame) -> None:
        self._assembler = Assembler(kind)
        self._codecs = codecs
        self._take = take

    def add(self, packet: Any) -> tuple[bool, None]:
        """What aiortc asks of a jitter buffer: whether to ask for a keyframe, and a frame (never; we take them)."""
        part = Part(packet.sequence_number, packet.timestamp, bool(packet.marker), packet._data)
        frames, lost = self._assembler.add(part, time.monotonic() * 1000)
        for frame in frames:
            self._take(self._codecs[packet.payload_type].name.lower(), frame.data, frame.timestamp)
        return lost, None


def take_encoded_frames(receiver: RTCRtpReceiver, kind: Kind, take: TakeFrame) -> None:
    """Gives complete encoded frames to `take`; aiortc would decode every track in a thread of its own."""
    codecs = _require(receiver, "_RTCRtpReceiver__codecs")
    _replace(receiver, "_RTCRtpReceiver__jitter_buffer", _Frames(kind, codecs, take))
    _replace(receiver, "_RTCRtpReceiver__decoder_queue", _NoDecoder())


def ask_keyframe(receiver: RTCRtpReceiver) -> None:
    """Sends a picture loss indication with the next packet, as aiortc does when its own decoder fails."""
    _require(receiver, "_RTCRtpReceiver__decoder_error").set()


def loopback_addresses(server_host: str) -> tuple[str, ...]:
    """The addresses to gather beside aioice's: loopback, where the server is there or nothing else exists."""
    near = server_host == "localhost" or server_host.startswith("127.") or server_host == "::1"
    alone = not ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
    return ("127.0.0.1", "::1") if near or alone else ()


def gather_loopback(connection: RTCPeerConnection, addresses: tuple[str, ...]) -> None:
    """Adds these addresses before all others: aioice never gathers loopback, where a node of the same machine is."""
    for transceiver in connection.getTransceivers():
        ice = _require(transceiver.receiver.transport.transport.iceGatherer, "_connection")
        if "get_component_candidates" in vars(ice):
            continue
        gather = _require(ice, "get_component_candidates")

        ice.get_component_candidates = _with_addresses(gather, addresses)


def _with_addresses(gather: Callable[..., Awaitable[Any]], more: tuple[str, ...]) -> Callable[..., Awaitable[Any]]:
    async def get_component_candidates(component: int, addresses: list[str], timeout: int = 5) -> Any:
        return await gather(component=component, addresses=[*more, *addresses], timeout=timeout)

    return get_component_candidates


def tune_sockets(connection: RTCPeerConnection) -> None:
    """Small reads and patient consent checks on every gathered socket.

    asyncio's 256 KiB for each datagram cost 20 µs more than 4 KiB. aioice waits 500 ms for the answer to a consent
    check (RFC 7675): on a satellite line each would fail, and with six of them the connection.
    """
    for transceiver in connection.getTransceivers():
        gathered = _require(transceiver.receiver.transport.transport.iceGatherer, "_connection")
        for protocol in _require(gathered, "_protocols"):
            _require(protocol.transport, "max_size")
            protocol.transport.max_size = 4096
            if "request" not in vars(protocol):
                protocol.request = _with_patience(_require(protocol, "request"))


CONSENT_RETRANSMISSIONS = 2
"""After 0.5 s and 1 s more, and then 2 s of waiting (RFC 8489 section 6.2.1)."""


def _with_patience(request: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def patient(
        message: Any, address: Any, integrity_key: bytes | None = None, retransmissions: int | None = None
    ) -> Any:
        more = CONSENT_RETRANSMISSIONS if retransmissions == 0 else retransmissions
        return await request(message, address, integrity_key=integrity_key, retransmissions=more)

    return patient


def send_levels(sender: RTCRtpSender, level_dbov: Callable[[], int | None]) -> None:
    """Sends a level beside each sound (RFC 6464); aiortc measures one only for sound that it encodes."""
    next_frame = _require(sender, "_next_encoded_frame")

    async def with_level(codec: Any) -> Any:
        frame = await next_frame(codec)
        if frame is not None and frame.audio_level is None:
            frame.audio_level = level_dbov()
        return frame

    # Set on this one object: mypy would call it an assignment to a method.
    vars(sender)["_next_encoded_frame"] = with_level
