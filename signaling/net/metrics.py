"""What signaling counts of itself, for Prometheus."""

from math import inf, nan

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from signaling.messages.recording import SpaceLeft


class Metrics:
    """One registry per service, so that two can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = self._counter("events", "Events stored", "type")
        self.received = self._counter("messages_received", "Messages of clients", "type")
        self.sent = self._counter("messages_sent", "Messages to clients", "type")
        self.closed = self._counter("websockets_closed", "WebSockets that signaling closed", "code")
        self.requests = self._counter("http_requests", "Requests by route and status", "action", "status")
        self.bells = self._counter("bells", "What the bell did about planned lessons", "what")
        self.broken = Counter("signaling_lessons_broken", "Lessons restored after a fault", registry=self.registry)
        self.websockets = Gauge("signaling_websockets", "Open WebSockets", registry=self.registry)
        self.lessons = Gauge("signaling_lessons", "Lessons that are not over", registry=self.registry)
        self.node_up = Gauge("signaling_node_up", "1 while the node is connected", registry=self.registry)
        self.recorder_up = Gauge("signaling_recorder_up", "1 while the recorder is connected", registry=self.registry)
        self.space_free = self._space("free_bytes", "Free on the recorder's disk")
        self.space_rate = self._space("bytes_per_second", "What all takes together write")
        self.space_lasts = self._space("lasts_seconds", "How long the disk lasts at this rate; infinite at none")
        self.generation = Gauge("signaling_node_generation", "Last generation applied", registry=self.registry)

    def space(self, left: SpaceLeft | None) -> None:
        """What the recorder says of its disk; nothing that is old is shown as if it were so."""
        self.space_free.set(nan if left is None else left.free_bytes)
        self.space_rate.set(nan if left is None else left.bytes_per_s)
        self.space_lasts.set(nan if left is None else inf if left.lasts_s is None else left.lasts_s)

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self.registry)

    def _space(self, name: str, says: str) -> Gauge:
        gauge = Gauge(f"signaling_recorder_disk_{name}", says, registry=self.registry)
        gauge.set(nan)
        return gauge

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"signaling_{name}", says, labels, registry=self.registry)
