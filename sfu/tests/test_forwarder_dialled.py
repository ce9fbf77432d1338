"""Two forwarders, one dialled by the other: feeds at one end, taps at the other; loopback only."""

import select
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Literal

import pytest

from sfu._forwarder import (
    AddFeed,
    AddPeer,
    AddSlot,
    AddTap,
    AddTrack,
    BindSlot,
    Codec,
    Command,
    Event,
    FedFrame,
    Forwarder,
    ForwarderError,
    Frame,
    KeyframeWanted,
    PeerClosed,
    PeerConnected,
)
from sfu.tests.native.client import pem, self_signed

PATIENCE_S = 30.0
H264 = Codec("h264", 102, 90000, rtx_payload_type=103, nack=True, pli=True)
OPUS = Codec("opus", 111, 48000)
KEYFRAME = bytes.fromhex("0000000167420001 0000000168ce 0000000165") + bytes([0x88]) * 5000
DELTA = bytes.fromhex("0000000141") + bytes([0x9A]) * 700
MID = 1
Role = Literal["active", "passive"]


def started() -> Forwarder:
    certificate, private_key = pem(*self_signed())
    return Forwarder([("127.0.0.1", 0)], certificate=certificate, private_key=private_key)


class Pair:
    """The dialling and the accepting forwarder, and what each has told."""

    def __init__(self, dialling: Forwarder, accepting: Forwarder) -> None:
        self.dialling, self.accepting = dialling, accepting
        self.told: dict[Forwarder, list[Event]] = {dialling: [], accepting: []}
        self.frames: list[Frame] = []

    def connect(self, role: Role) -> None:
        names = ("caller", "password of the caller", "callee", "password of the callee")
        other: Role = "passive" if role == "active" else "active"
        self.accepting.apply([_peer(names[2:] + names[:2], self.dialling, other)])
        self.dialling.apply([_peer(names, self.accepting, role, [self.accepting.addresses[0]])])
        self.until(lambda: all(any(isinstance(e, PeerConnected) for e in events) for events in self.told.values()))

    def publish(self) -> None:
        """Feeds a picture and a sound through slots of the caller into tapped tracks of the callee."""
        send: list[Command] = [
            AddFeed(1, 1, kind="video", codec="h264", clock_rate=90000),
            AddFeed(2, 1, kind="audio", codec="opus", clock_rate=48000),
            AddSlot(1, 1, kind="video", mid="v", ssrc=1000, rtx_ssrc=1001, codecs=[H264]),
            AddSlot(2, 1, kind="audio", mid="a", ssrc=2000, codecs=[OPUS]),
        ]
        receive: list[Command] = [
            AddTrack(1, 1, kind="video", mid="v", codecs=[H264]),
            AddTrack(2, 1, kind="audio", mid="a", codecs=[OPUS]),
            AddTap(1, 1),
            AddTap(2, 2),
        ]
        self.accepting.apply(receive)
        self.dialling.apply([*send, BindSlot(1, 1), BindSlot(2, 2)])

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, (self.told, self.frames)
            files = [forwarder.event_fd() for forwarder in self.told] + [self.accepting.frame_fd()]
            select.select(files, [], [], 1.0)
            for forwarder, events in self.told.items():
                events += forwarder.events()
            self.frames += self.accepting.frames()

    def of_tap(self, tap: int) -> list[Frame]:
        return [frame for frame in self.frames if frame.tap == tap]


def _peer(
    names: tuple[str, ...], other: Forwarder, role: Role, candidates: list[tuple[str, int]] | None = None
) -> AddPeer:
    return AddPeer(
        1,
        local_ufrag=names[0],
        local_password=names[1],
        remote_ufrag=names[2],
        remote_password=names[3],
        remote_fingerprint=other.fingerprint,
        dtls_role=role,
        mid_extension=MID,
        candidates=candidates or [],
    )


@pytest.fixture
def pair() -> Iterator[Pair]:
    with closing(started()) as dialling, closing(started()) as accepting:
        yield Pair(dialling, accepting)


@pytest.mark.parametrize("role", ["active", "passive"])
def test_what_is_fed_at_one_end_is_tapped_at_the_other(pair: Pair, role: Role) -> None:
    pair.connect(role)
    pair.publish()
    pair.until(lambda: any(isinstance(event, KeyframeWanted) for event in pair.told[pair.dialling]))
    for at in range(50):
        picture = KEYFRAME if at % 25 == 0 else DELTA
        pair.dialling.feed([FedFrame(1, at * 3600, picture), FedFrame(2, at * 1920, bytes([at]) * 60)])
    pair.until(lambda: len(pair.of_tap(1)) >= 50 and len(pair.of_tap(2)) >= 50)
    pictures, sounds = pair.of_tap(1), pair.of_tap(2)
    assert [frame.data for frame in pictures] == [KEYFRAME if at % 25 == 0 else DELTA for at in range(50)]
    assert [frame.is_keyframe for frame in pictures] == [at % 25 == 0 for at in range(50)]
    assert [frame.data for frame in sounds] == [bytes([at]) * 60 for at in range(50)]
    assert all(frame.lost_packets == 0 for frame in pair.frames)
    assert {b.timestamp - a.timestamp for a, b in zip(pictures, pictures[1:], strict=False)} == {3600}
    assert {(frame.codec, frame.ssrc) for frame in pair.frames} == {("h264", 1000), ("opus", 2000)}


def test_capture_is_told_on_the_clock_of_the_node(pair: Pair) -> None:
    pair.connect("active")
    pair.publish()
    sent = 0

    def told() -> bool:
        """Sender reports come each second: sound is fed until one has come."""
        nonlocal sent
        if len(pair.of_tap(2)) == sent:
            pair.dialling.feed([FedFrame(2, sent * 960, b"sound", captured_ns=time.monotonic_ns())])
            sent += 1
        return bool(pair.of_tap(2)) and pair.of_tap(2)[-1].captured_ns is not None

    pair.until(told)
    last = pair.of_tap(2)[-1]
    assert last.captured_ns is not None
    # Both ends share this machine's clock; a busy machine is slow, not wrong by seconds.
    assert abs(last.captured_ns - last.arrived_ns) < 10 * 10**9


def test_the_end_of_one_is_the_end_of_the_other(pair: Pair) -> None:
    pair.connect("passive")
    pair.accepting.close()
    deadline = time.monotonic() + PATIENCE_S
    while not any(isinstance(event, PeerClosed) for event in pair.dialling.events()):
        assert time.monotonic() < deadline
        select.select([pair.dialling.event_fd()], [], [], 1.0)


def test_wrong_candidates_taps_and_frames_are_refused_in_words(pair: Pair) -> None:
    with pytest.raises(ValueError, match="no IP address"):
        _peer(("a", "b", "c", "d"), pair.accepting, "active", [("localhost", 1)])
    with pytest.raises(ForwarderError, match="no address of this node reaches"):
        pair.dialling.apply([_peer(("a", "b", "c", "d"), pair.accepting, "active", [("192.0.2.1", 9)])])
    with pytest.raises(ForwarderError, match="there is no track 1"):
        pair.dialling.apply([AddTap(1, 1)])
    with pytest.raises(ForwarderError, match="frame 0: there is no feed 1"):
        pair.dialling.feed([FedFrame(1, 0, b"x")])
