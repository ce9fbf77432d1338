"""The native module through its Python face: real sockets, real handshakes, loopback only."""

import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from ctypes import PyDLL, create_string_buffer
from typing import TypeVar, get_args

import pytest
from cryptography.hazmat.primitives import hashes

from sfu._forwarder import (
    AddPeer,
    AddSlot,
    AddTrack,
    AudioLevels,
    BindSlot,
    ChooseLayer,
    Codec,
    Command,
    Encoding,
    Event,
    Forwarder,
    ForwarderError,
    OpenTrack,
    PeerClosed,
    PeerConnected,
    RemovePeer,
    RemoveTrack,
    RequestKeyframe,
    SetPriority,
    TrackFlowing,
)
from sfu.tests.native.client import PATIENCE_S, PROFILES, Client, KeyKind, pem, self_signed
from sfu.tests.native.steady import ENOUGH

OPUS = Codec("opus", 111, 48000)
SomeEvent = TypeVar("SomeEvent", bound=Event)


def started(*addresses: tuple[str, int]) -> Forwarder:
    certificate, private_key = pem(*self_signed())
    return Forwarder(addresses or [("127.0.0.1", 0)], certificate=certificate, private_key=private_key)


@pytest.fixture
def forwarder() -> Iterator[Forwarder]:
    with closing(started()) as forwarder:
        yield forwarder


def await_event(forwarder: Forwarder, kind: type[SomeEvent]) -> SomeEvent:
    """The next event of a kind, by polling the event file; others are left aside."""
    deadline = time.monotonic() + PATIENCE_S
    while (left := deadline - time.monotonic()) > 0:
        select.select([forwarder.event_fd()], [], [], left)
        for event in forwarder.events():
            if isinstance(event, kind):
                return event
    raise TimeoutError(f"no {kind.__name__} came")


def connected(forwarder: Forwarder, client: Client) -> Client:
    forwarder.apply([client.add_peer()])
    client.connect()
    event = await_event(forwarder, PeerConnected)
    assert (event.peer, event.srtp_profile) == (client.peer, client.srtp_profile)
    assert event.remote_address == client.address
    return client


# Construction


def test_it_says_what_it_bound_and_who_it_is() -> None:
    certificate, key = self_signed()
    certificate_pem, key_pem = pem(certificate, key)
    addresses = [("127.0.0.1", 0), ("::1", 0)]
    with closing(Forwarder(addresses, certificate=certificate_pem, private_key=key_pem)) as forwarder:
        assert [host for host, _ in forwarder.addresses] == ["127.0.0.1", "::1"]
        assert all(port > 0 for _, port in forwarder.addresses)
        assert forwarder.fingerprint == ("sha-256", certificate.fingerprint(hashes.SHA256()))


@pytest.mark.parametrize("addresses", [[], [("0.0.0.0", 0)], [("::", 0)], [("localhost", 0)]])
def test_a_wildcard_or_no_address_is_wrong_use(addresses: list[tuple[str, int]]) -> None:
    certificate, private_key = pem(*self_signed())
    with pytest.raises(ValueError):
        Forwarder(addresses, certificate=certificate, private_key=private_key)


def test_an_address_that_cannot_be_bound_is_an_os_error(forwarder: Forwarder) -> None:
    with pytest.raises(OSError):
        started(("127.0.0.1", 0), forwarder.addresses[0])
    with pytest.raises(OSError):
        started(("192.0.2.1", 0))


def test_a_certificate_needs_its_own_key() -> None:
    certificate, key = pem(*self_signed())
    _, other_key = pem(*self_signed())
    for wrong in [(certificate, other_key), (b"", key), (certificate, b"")]:
        with pytest.raises(ValueError):
            Forwarder([("127.0.0.1", 0)], certificate=wrong[0], private_key=wrong[1])


def test_a_closed_forwarder_refuses_and_frees_its_address() -> None:
    forwarder = started()
    address = forwarder.addresses[0]
    forwarder.close()
    forwarder.close()
    assert forwarder.events() == []
    with pytest.raises(ForwarderError):
        forwarder.apply([])
    with pytest.raises(ForwarderError):
        forwarder.stats()
    started(address).close()


# Commands


def test_the_unions_name_every_command_and_event() -> None:
    assert len(get_args(Command)) == 16
    assert len(get_args(Event)) == 8


WRONG_COMMANDS: list[Callable[[], object]] = [
    lambda: RemovePeer(0),
    lambda: RemovePeer(-1),
    lambda: RemovePeer(2**32),
    lambda: Codec("opus", 256, 48000),
    lambda: AddTrack(1, 1, kind="data", mid="0", codecs=[OPUS]),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("make", WRONG_COMMANDS)
def test_a_number_or_word_that_cannot_be_is_refused_at_once(make: Callable[[], object]) -> None:
    with pytest.raises((ValueError, OverflowError)):
        make()


@pytest.mark.parametrize("fingerprint", [("md5", bytes(16)), ("sha-256", bytes(31)), ("sha-512", bytes(32))])
def test_a_fingerprint_has_a_known_algorithm_and_its_length(
    forwarder: Forwarder, fingerprint: tuple[str, bytes]
) -> None:
    with closing(Client(1, forwarder.addresses[0])) as client, pytest.raises(ValueError):
        client.add_peer(fingerprint)


def test_what_is_no_command_is_a_type_error(forwarder: Forwarder) -> None:
    with pytest.raises(TypeError, match="str is not a command"):
        forwarder.apply(["RemovePeer(1)"])  # type: ignore[list-item]


def test_a_refused_batch_changes_nothing(forwarder: Forwarder) -> None:
    with closing(Client(1, forwarder.addresses[0])) as client:
        add = client.add_peer()
        track = AddTrack(1, 1, kind="audio", mid="0", codecs=[OPUS])
        wrong: list[Command] = [
            RemovePeer(2),
            RemoveTrack(2),
            OpenTrack(2, True),
            BindSlot(1, 1),
            RequestKeyframe(2),
            add,
        ]
        for last in wrong:
            with pytest.raises(ForwarderError, match="command 2: "):
                forwarder.apply([add, track, last])
            stats = forwarder.stats()
            assert (stats.peers, stats.tracks, stats.slots) == ([], [], [])
        forwarder.apply([add, track])
        assert [peer.peer for peer in forwarder.stats().peers] == [1]
        assert [(track.track, track.peer) for track in forwarder.stats().tracks] == [(1, 1)]


# Connections


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("key", ["ecdsa", "rsa"])
@pytest.mark.parametrize("active", [True, False])
def test_peers_of_both_roles_and_key_kinds_connect(host: str, key: KeyKind, active: bool) -> None:
    with closing(started((host, 0))) as forwarder:
        with closing(Client(7, forwarder.addresses[0], active=active, key=key)) as client:
            connected(forwarder, client)
            assert client.srtp_profile == "AEAD_AES_128_GCM"
            [peer] = forwarder.stats().peers
            assert (peer.peer, peer.connected, peer.remote_address) == (7, True, client.address)
            assert peer.datagrams_received > 0 and peer.datagrams_sent > 0


@pytest.mark.parametrize("profile", PROFILES)
def test_the_peer_may_know_only_one_profile(forwarder: Forwarder, profile: bytes) -> None:
    with closing(Client(1, forwarder.addresses[0], profiles=profile)) as client:
        connected(forwarder, client)
        assert client.srtp_profile == PROFILES[profile][0]


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA384(), hashes.SHA512()])
def test_a_peer_that_is_not_who_it_said_is_sent_away(forwarder: Forwarder, algorithm: hashes.HashAlgorithm) -> None:
    other, _ = self_signed()
    name = algorithm.name.replace("sha", "sha-")
    with closing(Client(1, forwarder.addresses[0])) as client:
        forwarder.apply([client.add_peer((name, other.fingerprint(algorithm)))])
        client.connect()
        closed = await_event(forwarder, PeerClosed)
        assert (closed.peer, closed.reason) == (1, "fingerprint_mismatch")
        assert forwarder.stats().peers == []


def test_a_farewell_ends_the_peer_and_frees_its_handle(forwarder: Forwarder) -> None:
    for _ in range(2):
        with closing(Client(1, forwarder.addresses[0])) as client:
            connected(forwarder, client)
            client.farewell()
            closed = await_event(forwarder, PeerClosed)
            assert (closed.peer, closed.reason) == (1, "closed_by_peer")


def test_a_removed_peer_hears_farewell(forwarder: Forwarder) -> None:
    with closing(Client(1, forwarder.addresses[0])) as client:
        connected(forwarder, client)
        forwarder.apply([RemovePeer(1)])
        client.await_close()


def test_closing_says_farewell_to_everybody() -> None:
    forwarder = started()
    with closing(Client(1, forwarder.addresses[0])) as one, closing(Client(2, forwarder.addresses[0])) as two:
        connected(forwarder, one)
        connected(forwarder, two)
        forwarder.close()
        one.await_close()
        two.await_close()


def test_bad_bytes_are_dropped_and_counted(forwarder: Forwarder) -> None:
    with closing(Client(1, forwarder.addresses[0])) as client:
        connected(forwarder, client)
        garbage = [b"", b"\x00", b"\x80", b"\x80" + bytes(40), b"\x16" * 40, b"\xff" * 1200, bytes(20), bytes(2049)]
        with closing(Client(2, forwarder.addresses[0])) as stranger:
            for datagram in garbage:
                stranger.send(datagram)
                client.send(datagram)
        connected(forwarder, Client(3, forwarder.addresses[0]))
        stats = forwarder.stats()
        assert stats.dropped["datagram_too_long"] == 2
        assert sum(stats.dropped.values()) >= len(garbage)
        [mine] = [peer for peer in stats.peers if peer.peer == 1]
        assert mine.connected and sum(mine.dropped.values()) > 0


# Media


def publish(forwarder: Forwarder, source: Client, sink: Client) -> None:
    """One audio track of peer 1 in one slot of peer 2."""
    connected(forwarder, source)
    connected(forwarder, sink)
    forwarder.apply(
        [
            AddTrack(1, source.peer, kind="audio", mid="0", codecs=[OPUS], encodings=[Encoding(1000)]),
            AddSlot(1, sink.peer, kind="audio", mid="0", ssrc=2000, codecs=[Codec("opus", 96, 48000)]),
            BindSlot(1, 1),
        ]
    )


def test_a_packet_arrives_under_the_slots_names(forwarder: Forwarder) -> None:
    server = forwarder.addresses[0]
    with closing(Client(1, server)) as source, closing(Client(2, server, key="rsa", active=False)) as sink:
        publish(forwarder, source, sink)
        payloads = [bytes([number]) * 80 for number in range(20)]
        for number, payload in enumerate(payloads):
            source.send_rtp(111, 65530 + number, 2**32 - 5000 + 960 * number, 1000, payload)
        packets = [sink.receive_rtp() for _ in payloads]
        heads = [struct.unpack_from("!BBHII", packet) for packet in packets]
        assert {(head[1] & 0x7F, head[4]) for head in heads} == {(96, 2000)}
        assert [packet[-80:] for packet in packets] == payloads
        steps = zip(heads, heads[1:], strict=False)
        assert {((b[2] - a[2]) % 2**16, (b[3] - a[3]) % 2**32) for a, b in steps} == {(1, 960)}
        flowing = await_event(forwarder, TrackFlowing)
        assert (flowing.track, flowing.codec, flowing.ssrc) == (1, "opus", 1000)
        stats = forwarder.stats()
        assert (stats.tracks[0].packets, stats.slots[0].packets) == (20, 20)
        assert (stats.slots[0].track, stats.slots[0].peer) == (1, 2)
        assert stats.cpu_seconds > 0


def test_a_closed_track_is_silent_until_it_is_opened(forwarder: Forwarder) -> None:
    server = forwarder.addresses[0]
    with closing(Client(1, server)) as source, closing(Client(2, server)) as sink:
        publish(forwarder, source, sink)
        forwarder.apply([OpenTrack(1, False)])
        for number in range(10):
            source.send_rtp(111, number, 960 * number, 1000, b"muted")
        with pytest.raises(TimeoutError):
            sink.receive_rtp(time.monotonic() + 0.3)
        assert forwarder.stats().tracks[0].packets == 10
        forwarder.apply([OpenTrack(1, True)])
        source.send_rtp(111, 10, 9600, 1000, b"heard")
        assert sink.receive_rtp().endswith(b"heard")


def test_reports_go_both_ways(forwarder: Forwarder) -> None:
    server = forwarder.addresses[0]
    with closing(Client(1, server)) as source, closing(Client(2, server)) as sink:
        publish(forwarder, source, sink)
        for number in range(5):
            source.send_rtp(111, number, 960 * number, 1000, bytes(80))
        to_sink, to_source = sink.receive_rtcp(), source.receive_rtcp()
        assert to_sink[1] == 200 and struct.unpack_from("!I", to_sink, 4)[0] == 2000
        assert to_source[1] == 201 and struct.unpack_from("!I", to_source, 8)[0] == 1000


def test_levels_are_told_only_of_tracks_that_send_them(forwarder: Forwarder) -> None:
    server = forwarder.addresses[0]
    with closing(Client(1, server)) as source, closing(Client(2, server)) as sink:
        forwarder.apply([source.add_peer(audio_level_extension=3)])
        source.connect()
        await_event(forwarder, PeerConnected)
        connected(forwarder, sink)
        forwarder.apply([AddTrack(1, 1, kind="audio", mid="0", codecs=[OPUS], encodings=[Encoding(1000)])])
        # One-byte extension 3 of one byte: no voice flag, -37 dBov (RFC 6464 section 3).
        for number in range(5):
            source.send_rtp_extended(111, number, 960 * number, 1000, bytes([0x30, 37, 0, 0]), bytes(80))
        assert await_event(forwarder, AudioLevels).levels == [(1, 37)]


def test_media_flows_while_python_stands_still(forwarder: Forwarder) -> None:
    """The GIL is let go only once two seconds of media have come through: no load fails this, a need for it does."""
    host, port = forwarder.addresses[0]
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "sfu.tests.native.steady", host, str(port), str(writing)]
    with (
        os.fdopen(reading, "rb", 0),
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=[writing]
        ) as steady,
    ):
        os.close(writing)
        assert steady.stdin is not None and steady.stdout is not None
        for peer in (1, 2):
            digest = bytes.fromhex(steady.stdout.readline().strip())
            with closing(Client(peer, (host, port))) as twin:
                forwarder.apply([twin.add_peer(("sha-256", digest))])
        forwarder.apply(
            [
                AddTrack(1, 1, kind="audio", mid="0", codecs=[OPUS], encodings=[Encoding(1000)]),
                AddSlot(1, 2, kind="audio", mid="0", ssrc=2000, codecs=[OPUS]),
                BindSlot(1, 1),
            ]
        )
        steady.stdin.write("go\n")
        steady.stdin.flush()
        assert steady.stdout.readline() == "flowing\n"
        steady.stdin.write("count\n")
        steady.stdin.flush()
        # PyDLL keeps the GIL during the call: no Python thread of this process runs until the other one has written.
        verdict = create_string_buffer(1)
        assert PyDLL(None).read(reading, verdict, 1) == 1
    assert verdict.raw == ENOUGH, "nothing comes through while another thread holds the GIL"


def test_a_slot_changes_to_the_chosen_layer_once_its_clock_is_known(forwarder: Forwarder) -> None:
    vp8, layers = Codec("vp8", 96, 90000), {"l": 10, "h": 20}
    with closing(Client(1, forwarder.addresses[0])) as source, closing(Client(2, forwarder.addresses[0])) as sink:
        connected(forwarder, source)
        connected(forwarder, sink)
        encodings = [Encoding(ssrc, rid=rid) for rid, ssrc in layers.items()]
        track = AddTrack(1, 1, kind="video", mid="v", codecs=[vp8], encodings=encodings)
        forwarder.apply([track, AddSlot(1, 2, kind="video", mid="v", ssrc=4242, codecs=[vp8]), BindSlot(1, 1)])
        forwarder.apply([ChooseLayer(1, "h")])
        deadline, seen = time.monotonic() + 30, b""
        for number in range(10**6):
            # A sender report of each layer: only then can the slot go from one to the other.
            for ssrc in layers.values():
                source.send_rtcp(struct.pack("!BBHIQIII", 0x80, 200, 6, ssrc, 1 << 32, 7000, 1, 1))
            for rid, ssrc in layers.items():
                source.send_rtp(96, number, 7000 + number * 3000, ssrc, b"\x10\x50" + rid.encode())
            packet = sink.receive_rtp(deadline)
            seen += packet[-1:]
            if seen.endswith(b"h"):
                break
            select.select([], [], [], 0.01)
        assert struct.unpack_from("!I", packet, 8) == (4242,)
        assert [slot.rid for slot in forwarder.stats().slots] == ["h"]
        with pytest.raises(ForwarderError, match="there is no slot 7"):
            forwarder.apply([ChooseLayer(7, "h")])
        forwarder.apply([SetPriority(1, "teacher")])
        with pytest.raises(ForwarderError, match="there is no slot 7"):
            forwarder.apply([SetPriority(7, "courseware")])
        with pytest.raises(ValueError, match="floor_holder"):
            SetPriority(1, "nobody")  # type: ignore[arg-type]


def test_add_peer_takes_every_extension() -> None:
    AddPeer(
        1,
        local_ufrag="node",
        local_password="the password of the node",
        remote_ufrag="peer",
        remote_password="the password of the peer",
        remote_fingerprint=("sha-256", bytes(32)),
        dtls_role="active",
        mid_extension=1,
        rid_extension=2,
        repaired_rid_extension=3,
        audio_level_extension=4,
        mark_extension=5,
    )
