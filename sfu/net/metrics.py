"""`/metrics`: the forwarder's counters with the names that lessons know, for Prometheus.

Names follow its conventions: base units, counters with `_total`. Labels name lesson, seat and track, never a session.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sfu.core.tables import Node
from sfu.forwarder import Stats
from sfu.net.front import Front
from sfu.net.station import Station

PEER, TRACK, SLOT = ["lesson", "seat", "connection"], ["lesson", "track"], ["lesson", "seat", "slot"]
MS: Final = 0.001


@dataclass(frozen=True, slots=True)
class Reading:
    """One field of the forwarder's statistics, as Prometheus has it."""

    field: str
    name: str
    text: str
    gauge: bool = False
    unit: float = 1.0
    """What one of the field is in the metric's unit."""


PEER_READINGS: Final = (
    Reading("connected", "connected", "1 once checks and handshake are good.", gauge=True),
    Reading("bytes_received", "received_bytes", "Bytes received."),
    Reading("bytes_sent", "sent_bytes", "Bytes sent."),
    Reading("datagrams_received", "received_datagrams", "Datagrams received."),
    Reading("datagrams_sent", "sent_datagrams", "Datagrams sent."),
    Reading("round_trip_ms", "round_trip_seconds", "Round-trip time.", gauge=True, unit=MS),
    Reading("told_arrived", "told_arrived", "Numbered packets that the peer told as arrived."),
    Reading("told_lost", "told_lost", "Numbered packets that the peer told as lost."),
    Reading("estimate", "estimate_bits_per_second", "What the way to the peer carries.", gauge=True),
    Reading("acknowledged", "acknowledged_bits_per_second", "What arrived there lately.", gauge=True),
    Reading("queue_ms", "queue_seconds", "Time that packets wait on their way to the peer.", gauge=True, unit=MS),
    Reading("loss", "loss_ratio", "What was lost lately on the way to the peer, 0 to 1.", gauge=True),
)
TRACK_READINGS: Final = (
    Reading("packets", "packets", "Packets received."),
    Reading("bytes", "bytes", "Payload bytes received."),
    Reading("lost", "lost", "Packets that never came."),
    Reading("repaired", "repaired", "Packets that came after being asked for."),
    Reading("copied", "copied", "Lost packets that came inside later ones (RED)."),
    Reading("redundant", "redundant", "Packets that brought earlier ones too (RED)."),
    Reading("in_band_fec", "in_band_fec", "Packets of Opus that bring the one before (LBRR)."),
    Reading("duplicates", "duplicates", "Packets that came twice."),
    Reading("nacks_sent", "nacks_sent", "Repairs asked for."),
    Reading("keyframe_requests_sent", "keyframe_requests_sent", "Keyframes asked for."),
    Reading("keyframes", "keyframes", "Keyframes received."),
    Reading("jitter_ms", "jitter_seconds", "Interarrival jitter.", gauge=True, unit=MS),
)
SLOT_READINGS: Final = (
    Reading("packets", "packets", "Packets sent."),
    Reading("bytes", "bytes", "Payload bytes sent."),
    Reading("repairs", "repairs", "Packets sent again."),
    Reading("redundant", "redundant", "Packets sent that carried earlier ones too (RED)."),
    Reading("nacks_received", "nacks_received", "Repairs the viewer asked for."),
    Reading("keyframe_requests_received", "keyframe_requests_received", "Keyframes the viewer asked for."),
    Reading("fraction_lost", "lost_ratio", "Of the last receiver report, 0 to 1.", gauge=True),
)
NODE_READINGS: Final = (
    Reading("largest_send_gap_ms", "largest_send_gap_seconds", "Longest gap while media flowed.", gauge=True, unit=MS),
    Reading("cpu_seconds", "worker_cpu_seconds", "CPU time of the workers."),
    Reading("events_dropped", "events_dropped", "Events that were coalesced away."),
)


class NodeCollector(Collector):
    """Reads the counters whenever Prometheus asks."""

    def __init__(self, station: Station, front: Front) -> None:
        self._station, self._front = station, front

    def collect(self) -> Iterator[Metric]:
        """One family after the other."""
        node, stats = self._station.node, self._station.forwarder.stats()
        yield from _node_families(node, stats)
        yield GaugeMetricFamily(
            "sfu_front_guests", "TLS connections that go on to signaling.", value=self._front.guests
        )
        yield CounterMetricFamily("sfu_front_refused", "Those that did not.", value=self._front.refused)
        peers, tracks, slots = _names(node)
        yield from _families("sfu_peer", PEER, PEER_READINGS, _known(stats.peers, "peer", peers))
        yield from _families("sfu_track", TRACK, TRACK_READINGS, _known(stats.tracks, "track", tracks))
        yield from _families("sfu_slot", SLOT, SLOT_READINGS, _known(stats.slots, "slot", slots))


def registry(station: Station, front: Front) -> CollectorRegistry:
    """A registry of its own: a test has many nodes in one process."""
    made = CollectorRegistry()
    made.register(NodeCollector(station, front))
    return made


def _node_families(node: Node, stats: Stats) -> Iterator[Metric]:
    for name, text, value in (
        ("sfu_lessons", "Lessons held.", len(node.lessons)),
        ("sfu_peers", "Connections held.", len(node.peers)),
        ("sfu_offers", "Offers of slots that wait for their answer.", len(node.offers)),
        ("sfu_draining", "1 while no new lesson is taken.", int(node.draining)),
        ("sfu_generation", "The last generation applied.", node.generation),
    ):
        yield GaugeMetricFamily(name, text, value=value)
    stray = CounterMetricFamily("sfu_stray_dropped", "Datagrams of no peer, by reason.", labels=["reason"])
    for reason, count in stats.dropped.items():
        stray.add_metric([reason], count)
    yield stray
    for reading in NODE_READINGS:
        family = _family("sfu", reading, [])
        family.add_metric([], getattr(stats, reading.field) * reading.unit)
        yield family


def _names(node: Node) -> tuple[dict[int, list[str]], dict[int, list[str]], dict[int, list[str]]]:
    """The labels of each handle: peers, tracks, slots."""
    peers = {int(peer.handle): [str(part) for part in peer.key] for peer in node.peers.values()}
    tracks: dict[int, list[str]] = {}
    slots: dict[int, list[str]] = {}
    for key, peer in node.peers.items():
        tracks |= {int(track.handle): [str(key.lesson), str(track.track)] for track in peer.tracks}
        slots |= {int(slot.handle): [str(key.lesson), str(key.seat), slot.parameters.mid] for slot in peer.slots}
    return peers, tracks, slots


def _known(entries: Iterable[object], handle: str, names: Mapping[int, list[str]]) -> list[tuple[list[str], object]]:
    """The entries that a lesson has a name for; others have just come or gone."""
    labelled = ((names.get(getattr(entry, handle)), entry) for entry in entries)
    return [(labels, entry) for labels, entry in labelled if labels is not None]


def _families(
    prefix: str, labels: list[str], readings: Iterable[Reading], entries: list[tuple[list[str], object]]
) -> Iterator[Metric]:
    for reading in readings:
        family = _family(prefix, reading, labels)
        for names, entry in entries:
            value = getattr(entry, reading.field)
            if value is not None:
                family.add_metric(names, value * reading.unit)
        yield family
    dropped = CounterMetricFamily(f"{prefix}_dropped", "Dropped, by reason.", labels=[*labels, "reason"])
    for names, entry in entries:
        reasons: Mapping[str, int] = getattr(entry, "dropped")  # noqa: B009
        for reason, count in reasons.items():
            dropped.add_metric([*names, reason], count)
    yield dropped


def _family(prefix: str, reading: Reading, labels: list[str]) -> CounterMetricFamily | GaugeMetricFamily:
    made = GaugeMetricFamily if reading.gauge else CounterMetricFamily
    return made(f"{prefix}_{reading.name}", reading.text, labels=labels)
