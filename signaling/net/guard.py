"""Slows down whoever tries secrets: keys, tokens, codes. Each address is for itself, and the oldest are forgotten."""

import hashlib
from collections import OrderedDict
from typing import Final

from signaling.core.limits import Tries, tries

MOST_ADDRESSES: Final = 4096
TOO_MANY: Final = "Too many wrong keys or codes came from this address; wait a few seconds and try again."


class Guard:
    """Remembers digests of secrets, never the secrets."""

    def __init__(self, most: int = MOST_ADDRESSES) -> None:
        self._most = most
        self._tries: OrderedDict[str, Tries] = OrderedDict()

    def admits(self, address: str, secret: str, now_s: float) -> bool:
        """Tells whether a secret from there may be looked at; `judge` says afterwards what it was."""
        before = self._tries.get(address) or tries(now_s)
        after = before.shown(_digest(secret), now_s)
        self._keep(address, after or before)
        return after is not None

    def judge(self, address: str, secret: str, *, good: bool, now_s: float) -> None:
        """What was looked at was good, or not."""
        self._keep(address, (self._tries.get(address) or tries(now_s)).judged(_digest(secret), good=good))

    def _keep(self, address: str, made: Tries) -> None:
        self._tries[address] = made
        self._tries.move_to_end(address)
        while len(self._tries) > self._most:
            self._tries.popitem(last=False)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogateescape")).digest()
