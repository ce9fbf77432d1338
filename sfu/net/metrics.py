"""`/metrics`: the forwarder's counters with the names that lessons know, for Prometheus."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sfu.core.tables import Node, Peer
from sfu.forwarder import Stats
from sfu.net.station import Station

PEER = ["lesson", "seat", "connection"]
TRACK = ["lesson", "track"]
SLOT = ["lesson", "seat", "slot"]


class NodeCollector(Collector):
    """Reads the counters whenever Prometheus asks."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def collect(self) -> Iterator[Metric]:
        """One family after the other."""
        node, stats = self._station.node, self._station.forwarder.stats()
        yield from _node_families(node, stats)
        yield from _peer_families(node, stats)
        yield from _track_families(node, stats)
        yield from _slot_families(node, stats)


def registry(station: Station) -> CollectorRegistry:
    """A registry of its own: a test has many nodes in one process."""
    made = CollectorRegistry()
    made.register(NodeCollector(station))
    return made


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _node_families(node: Node, stats: Stats) -> Iterator[Metric]:
    yield _gauge("sfu_lessons", "Lessons held.", len(node.lessons))
    yield _gauge("sfu_peers", "Connections held.", len(node.peers))
    yield _gauge("sfu_generation", "The last generation applied.", node.generation)
    yield _gauge(
        "sfu_largest_send_gap_ms", "Longest time without a datagram while media flowed.", stats.largest_send_gap_ms
    )
    yield CounterMetricFamily("sfu_worker_cpu_seconds", "CPU time of the workers.", value=stats.cpu_seconds)
    yield CounterMetricFamily("sfu_events_dropped", "Events that were coalesced away.", value=stats.events_dropped)
    stray = CounterMetricFamily("sfu_stray_dropped", "Datagrams of no peer, by reason.", labels=["reason"])
    for reason, count in stats.dropped.items():
        stray.add_metric([reason], count)
    yield stray


def _peer_families(node: Node, stats: Stats) -> Iterator[Metric]:
    received = CounterMetricFamily("sfu_peer_received_bytes", "Bytes received.", labels=PEER)
    sent = CounterMetricFamily("sfu_peer_sent_bytes", "Bytes sent.", labels=PEER)
    packets_in = CounterMetricFamily("sfu_peer_received_datagrams", "Datagrams received.", labels=PEER)
    packets_out = CounterMetricFamily("sfu_peer_sent_datagrams", "Datagrams sent.", labels=PEER)
    dropped = CounterMetricFamily("sfu_peer_dropped", "Dropped, by reason.", labels=[*PEER, "reason"])
    round_trip = GaugeMetricFamily("sfu_peer_round_trip_ms", "Round-trip time.", labels=PEER)
    peers = {peer.handle: peer for peer in node.peers.values()}
    for entry in stats.peers:
        peer = next((peer for handle, peer in peers.items() if handle == entry.peer), None)
        if peer is None:
            continue
        labels = list(peer.key)
        received.add_metric(labels, entry.bytes_received)
        sent.add_metric(labels, entry.bytes_sent)
        packets_in.add_metric(labels, entry.datagrams_received)
        packets_out.add_metric(labels, entry.datagrams_sent)
        for reason, count in entry.dropped.items():
            dropped.add_metric([*labels, reason], count)
        if entry.round_trip_ms is not None:
            round_trip.add_metric(labels, entry.round_trip_ms)
    yield from (received, sent, packets_in, packets_out, dropped, round_trip)


def _track_families(node: Node, stats: Stats) -> Iterator[Metric]:
    names = {
        int(track.handle): [str(peer.key.lesson), str(track.track)] for peer in _peers(node) for track in peer.tracks
    }
    counters = {
        name: CounterMetricFamily(f"sfu_track_{name}", text, labels=TRACK)
        for name, text in (
            ("packets", "Packets received."),
            ("bytes", "Payload bytes received."),
            ("lost", "Packets that never came."),
            ("repaired", "Packets that came after being asked for."),
            ("duplicates", "Packets that came twice."),
            ("nacks_sent", "Repairs asked for."),
            ("keyframe_requests_sent", "Keyframes asked for."),
            ("keyframes", "Keyframes received."),
        )
    }
    dropped = CounterMetricFamily("sfu_track_dropped", "Dropped, by reason.", labels=[*TRACK, "reason"])
    jitter = GaugeMetricFamily("sfu_track_jitter_ms", "Interarrival jitter.", labels=TRACK)
    for entry in stats.tracks:
        labels = names.get(entry.track)
        if labels is None:
            continue
        for name, family in counters.items():
            family.add_metric(labels, getattr(entry, name))
        for reason, count in entry.dropped.items():
            dropped.add_metric([*labels, reason], count)
        jitter.add_metric(labels, entry.jitter_ms)
    yield from (*counters.values(), dropped, jitter)


def _slot_families(node: Node, stats: Stats) -> Iterator[Metric]:
    names = {
        int(slot.handle): [str(peer.key.lesson), str(peer.key.seat), slot.parameters.mid]
        for peer in _peers(node)
        for slot in peer.slots
    }
    counters = {
        name: CounterMetricFamily(f"sfu_slot_{name}", text, labels=SLOT)
        for name, text in (
            ("packets", "Packets sent."),
            ("bytes", "Payload bytes sent."),
            ("repairs", "Packets sent again."),
            ("nacks_received", "Repairs the viewer asked for."),
            ("keyframe_requests_received", "Keyframes the viewer asked for."),
        )
    }
    dropped = CounterMetricFamily("sfu_slot_dropped", "Dropped, by reason.", labels=[*SLOT, "reason"])
    lost = GaugeMetricFamily("sfu_slot_fraction_lost", "Of the last receiver report, 0 to 1.", labels=SLOT)
    for entry in stats.slots:
        labels = names.get(entry.slot)
        if labels is None:
            continue
        for name, family in counters.items():
            family.add_metric(labels, getattr(entry, name))
        for reason, count in entry.dropped.items():
            dropped.add_metric([*labels, reason], count)
        lost.add_metric(labels, entry.fraction_lost)
    yield from (*counters.values(), dropped, lost)


def _peers(node: Node) -> Iterator[Peer]:
    yield from node.peers.values()
