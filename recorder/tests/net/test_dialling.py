"""recorder.net.dialling, with a real node at the other end; loopback only"""

import asyncio
from contextlib import closing

from recorder.net.dialling import Dialling
from sfu._forwarder import AddFeed, AddPeer, AddSlot, BindSlot, Codec, FedFrame, Forwarder
from sfu.sdp import Fingerprint, LocalParameters, SlotParameters, offer_subscribe, read_subscribe_answer
from sfu.tests.native.client import pem, self_signed
from signaling.messages.ids import Mid, SeatId, TrackId, track_id

PATIENCE_S = 60.0
SLOTS = (SlotParameters("a0", "audio", 100, 101),)
TRACK = track_id(SeatId("S1"), "teacher_mic")
SOUNDS = 25


def node() -> Forwarder:
    certificate, key = pem(*self_signed())
    return Forwarder([("127.0.0.1", 0)], certificate=certificate, private_key=key)


def dialled(by: Forwarder) -> Dialling:
    """The recorder's end of a connection through which the node sends what is fed to it."""
    names = ("node", "passwordOfTheNodeInTheTest", Fingerprint(*by.fingerprint), tuple(by.addresses), 1)
    dialling = Dialling(offer_subscribe(LocalParameters(*names), SLOTS))
    answer = read_subscribe_answer(SLOTS, dialling.answer)
    peer = AddPeer(
        1,
        local_ufrag=names[0],
        local_password=names[1],
        remote_ufrag=answer.remote.ufrag,
        remote_password=answer.remote.password,
        remote_fingerprint=(answer.remote.fingerprint.algorithm, answer.remote.fingerprint.digest),
        dtls_role=answer.dtls_role,
        mid_extension=answer.extensions.mid,
    )
    slot = AddSlot(1, 1, kind="audio", mid="a0", ssrc=100, codecs=[Codec("opus", 111, 48000)])
    by.apply([peer, AddFeed(1, 1, kind="audio", codec="opus", clock_rate=48000), slot, BindSlot(1, 1)])
    return dialling


def track_in(mid: Mid, mark: int | None) -> TrackId | None:
    return TRACK if mid == "a0" else None


async def test_what_has_arrived_and_is_not_read_yet_is_given_out_at_the_end() -> None:
    with closing(node()) as sending:
        dialling = dialled(sending)
        sent = 0

        def speak() -> bytes:
            nonlocal sent
            sent += 1
            sound = bytes([sent % 256]) * 60
            sending.feed([FedFrame(1, sent * 960, sound)])
            return sound

        async def first() -> None:
            async for _ in dialling.frames(track_in):
                return

        reading = asyncio.create_task(first())
        async with asyncio.timeout(PATIENCE_S):
            while not reading.done():
                speak()
                await asyncio.sleep(0.02)
            unread = [speak() for _ in range(SOUNDS)]
            # All that was sent is there, and nobody reads.
            while dialling._forwarder.stats().tracks[0].packets < sending.stats().slots[0].packets:
                await asyncio.sleep(0.02)
        rest = dialling.close(track_in)
        assert [frame.data for frame in rest][-SOUNDS:] == unread and {frame.track for frame in rest} == {TRACK}
