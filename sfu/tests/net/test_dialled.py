"""Our own encoder and player dial a node over WHIP and WHEP: SDP, ICE, DTLS and frames, all ours, none mocked."""

import asyncio
import datetime
import time
from contextlib import closing

from sfu.core.chance import Chance
from sfu.core.commands import (
    AddFeed,
    AddPeer,
    AddSlot,
    AddTap,
    AddTrack,
    BindSlot,
    Command,
    PeerHandle,
    SlotHandle,
    TapHandle,
    TrackHandle,
)
from sfu.forwarder import FedFrame, Forwarder
from sfu.net.certificate import dtls_certificate
from sfu.net.control import fresh_chance
from sfu.sdp import (
    Dialled,
    Kind,
    LocalParameters,
    SlotParameters,
    offer_receive,
    offer_send,
    read_receive_answer,
    read_send_answer,
)
from sfu.tests.core import lesson as given
from sfu.tests.net.node import RunningNode, media_token, running

SLOTS = (SlotParameters("v0", "video", 100, 101), SlotParameters("a0", "audio", 102, 103))
SECTIONS: tuple[tuple[Kind, str], ...] = (("video", "v"), ("audio", "a"))
FED = {"v0": (TrackHandle(1), "h264", 90000), "a0": (TrackHandle(2), "opus", 48000)}
KEYFRAME = bytes.fromhex("0000000167420001 0000000168ce 0000000165") + bytes([0x88]) * 3000
PATIENCE_S = 30.0


def client() -> Forwarder:
    certificate, key = dtls_certificate(datetime.datetime.now(datetime.UTC))
    return Forwarder([("127.0.0.1", 0)], certificate=certificate, private_key=key)


def side(client: Forwarder, chance: Chance) -> LocalParameters:
    return LocalParameters(
        chance.ufrag(()), chance.password(), client.fingerprint, client.addresses, chance.session(), lite=False
    )


def dialling(handle: int, local: LocalParameters, dialled: Dialled) -> AddPeer:
    remote = dialled.remote
    return AddPeer(
        PeerHandle(handle),
        local_ufrag=local.ufrag,
        local_password=local.password,
        remote_ufrag=remote.ufrag,
        remote_password=remote.password,
        remote_fingerprint=remote.fingerprint,
        dtls_role=dialled.dtls_role,
        extensions=dialled.extensions,
        candidates=dialled.candidates,
    )


async def posted(node: RunningNode, path: str, token: str, offer: str) -> str:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    async with node.http.post(node.url(path), data=offer, headers=headers) as answer:
        text = await answer.text()
        assert answer.status == 201, text
        return text


async def publishes(node: RunningNode, client: Forwarder) -> None:
    """The lead's encoder."""
    local = side(client, fresh_chance())
    token = media_token(given.LESSON, given.LEAD, sources=("teacher", "teacher_mic"))
    dialled = read_send_answer(SLOTS, await posted(node, f"/whip/{given.LESSON}", token, offer_send(local, SLOTS)))
    batch: list[Command] = [dialling(1, local, dialled)]
    for number, entry in enumerate(dialled.slots, start=1):
        slot, (track, codec, clock) = entry.slot, FED[entry.slot.mid]
        repaired = slot.rtx_ssrc if entry.codecs[0].rtx_payload_type is not None else None
        handle = SlotHandle(number)
        batch += [
            AddFeed(track, PeerHandle(1), slot.kind, codec, clock),
            AddSlot(handle, PeerHandle(1), slot.kind, slot.mid, slot.ssrc, repaired, entry.codecs),
            BindSlot(handle, track),
        ]
    client.apply(batch)


async def watches(node: RunningNode, client: Forwarder) -> None:
    """The room's player, which reads whole frames."""
    local = side(client, fresh_chance())
    token = media_token(given.LESSON, given.ROOM, "subscribe")
    text = await posted(node, f"/whep/{given.LESSON}", token, offer_receive(local, SECTIONS))
    dialled = read_receive_answer(SECTIONS, text)
    batch: list[Command] = [dialling(2, local, dialled)]
    for number, track in enumerate(dialled.tracks, start=11):
        handle = TrackHandle(number)
        batch += [
            AddTrack(handle, PeerHandle(2), track.kind, track.mid, track.codecs, track.encodings, open=True),
            AddTap(TapHandle(number), handle),
        ]
    client.apply(batch)


async def test_frames_fed_to_a_dialled_encoder_come_out_of_a_dialled_player() -> None:
    # One each: a node knows a connection by its addresses, so two from one socket would be the same.
    with closing(client()) as encoder, closing(client()) as player:
        async with running() as node, node.signaling() as signaling:
            bindings = ((given.ROOM, "v", given.TEACHER), (given.ROOM, "a", given.TEACHER_MIC))
            lesson = given.desired(1, open=(given.TEACHER, given.TEACHER_MIC), bindings=bindings).lesson
            await signaling.desire(lesson)
            await publishes(node, encoder)
            await watches(node, player)
            sent, seen = 0, {"h264": 0, "opus": 0}
            reading = asyncio.create_task(_count(player, seen))
            deadline = time.monotonic() + PATIENCE_S
            while min(seen.values()) < 10 and time.monotonic() < deadline:
                encoder.feed([FedFrame(1, sent * 3600, KEYFRAME), FedFrame(2, sent * 1920, bytes([sent % 256]) * 80)])
                sent += 1
                await asyncio.sleep(0.04)
            reading.cancel()
            assert min(seen.values()) >= 10, (seen, player.news(), node.service.station.node.inventory())


async def _count(player: Forwarder, seen: dict[str, int]) -> None:
    async for batch in player.frames():
        for frame in batch:
            if frame.codec == "h264":
                assert frame.data == KEYFRAME
            seen[frame.codec] += 1
