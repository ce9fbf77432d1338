"""Who may subscribe to a calendar: HTTP Basic (RFC 7617), as calendar programs can show nothing else."""

import base64
import binascii
from collections.abc import Iterable

from signaling.net.county.store import Feed
from signaling.net.tokens import hashed, same_secret

CHALLENGE = 'Basic realm="timetable", charset="UTF-8"'


class Feeds:
    """The subscriptions that count; keys are known by their hash only."""

    def __init__(self, feeds: Iterable[Feed] = ()) -> None:
        self._feeds = {feed.feed: feed for feed in feeds}

    def add(self, feed: Feed) -> None:
        """One more."""
        self._feeds[feed.feed] = feed

    def drop(self, feed: str) -> None:
        """One less."""
        self._feeds.pop(feed, None)

    def shown(self, header: str) -> Feed | None:
        """Whose name and key an Authorization header has, if they are right."""
        scheme, _, told = header.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, _, key = base64.b64decode(told.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        feed = self._feeds.get(name)
        return feed if feed is not None and same_secret(hashed(key), feed.key_hash) else None
