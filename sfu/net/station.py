"""The node's state beside the forwarder: one decision after the other, each in force only when both have taken it."""

from collections.abc import Callable

import structlog

from sfu.core import news
from sfu.core.decision import Decision
from sfu.core.facts import AudioLevels, Estimated, PeerClosed, PeerConnected, PicturesFitted
from sfu.core.tables import Node, Refusal
from sfu.forwarder import Forwarder, ForwarderError
from signaling.messages.node import NodeMessage

log = structlog.get_logger("sfu.station")

ATTEMPTS = 3
"""A peer may close between reading the news and applying; the decision is then made anew."""


class Station:
    """Holds state and forwarder together."""

    def __init__(self, forwarder: Forwarder, node: Node) -> None:
        self.forwarder = forwarder
        self.node = node
        self.tell: Callable[[NodeMessage], None] = lambda message: None
        """Where messages for signaling go."""

    def do(self, decide: Callable[[Node], Decision]) -> Decision:
        """Makes and applies a decision; raises Refusal, and then nothing has changed."""
        for _ in range(ATTEMPTS):
            self.learn()
            decision = decide(self.node)
            try:
                self.forwarder.apply(decision.commands)
            except ForwarderError as error:
                log.warning("forwarder_refused", error=str(error))
                continue
            self._take(decision)
            return decision
        raise Refusal("node_failed", "The media server could not do this; try again.")

    def learn(self) -> None:
        """Takes in what the forwarder has told since."""
        for fact in self.forwarder.news():
            if isinstance(fact, PeerConnected):
                log.info("peer_connected", peer=fact.peer, profile=fact.srtp_profile, address=fact.remote_address)
            elif isinstance(fact, PeerClosed):
                log.info("peer_closed", peer=fact.peer, reason=fact.reason)
            elif isinstance(fact, PicturesFitted):
                log.info("pictures_fitted", peer=fact.peer, level=fact.level, bit_rate=fact.bit_rate, cause=fact.cause)
            elif not isinstance(fact, AudioLevels | Estimated):
                log.info(type(fact).__name__, track=fact.track)
            decision = news.learn(self.node, fact)
            try:
                self.forwarder.apply(decision.commands)
            except ForwarderError as error:
                log.error("forwarder_refused", error=str(error), fact=type(fact).__name__)
            self._take(decision)

    async def run(self) -> None:
        """Learns until the forwarder is closed."""
        while await self.forwarder.ready():
            self.learn()

    def _take(self, decision: Decision) -> None:
        self.node = decision.node
        for message in decision.messages:
            self.tell(message)
