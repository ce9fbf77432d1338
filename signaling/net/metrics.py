"""What signaling counts of itself, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


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
        self.generation = Gauge("signaling_node_generation", "Last generation applied", registry=self.registry)

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self.registry)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"signaling_{name}", says, labels, registry=self.registry)
