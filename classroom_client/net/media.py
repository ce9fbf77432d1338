"""What the client needs of a media stack: one object per connection to the node."""

from collections.abc import Sequence
from typing import Protocol

from classroom_client.core.diagnosis import Trouble
from signaling.messages.client import PublishedSource
from signaling.messages.ids import Source


class MediaTransport(Protocol):
    """One connection, publishing or subscribing; used once and closed."""

    async def offer(self, copies: Sequence[Source]) -> tuple[str, tuple[PublishedSource, ...]]:
        """The offer of a publishing connection, and which of its sections carries which source.

        Called again after `accept` it adds copies, each a picture that is sent once more in VP8, and ends others.
        """

    async def accept(self, sdp: str) -> None:
        """The node's answer to our offer."""

    async def answer(self, sdp: str) -> str:
        """Our answer to the node's offer."""

    async def lost(self) -> Trouble:
        """Returns when the connection has not come about in time, or is no more."""

    async def close(self) -> None:
        """Ends it; nothing is sent or received afterwards."""
