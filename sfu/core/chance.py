"""Random bytes given from outside, cut into what a connection needs."""

from collections.abc import Container

BYTES_PER_CONNECTION = 2048
"""Credentials, an id and 2 × 64 SSRCs take 542; the rest is for the few that must be drawn again."""


class Chance:
    """Deals out bytes once each."""

    def __init__(self, supply: bytes) -> None:
        self._supply = supply
        self._dealt = 0

    def _bytes(self, count: int) -> bytes:
        dealt = self._supply[self._dealt : self._dealt + count]
        if len(dealt) < count:
            raise ValueError(f"{len(self._supply)} random bytes are too few")
        self._dealt += count
        return dealt

    def ufrag(self, taken: Container[str]) -> str:
        """48 bits, twice what RFC 8445 section 5.3 asks for, so that peers are told apart by it."""
        while (ufrag := self._bytes(6).hex()) in taken:
            pass
        return ufrag

    def password(self) -> str:
        """128 bits (RFC 8445 section 5.3)."""
        return self._bytes(16).hex()

    def session(self) -> int:
        """The `o=` line's id: 62 bits, as RFC 9429 section 5.2.1 suggests."""
        return int.from_bytes(self._bytes(8)) >> 2

    def ssrc(self, taken: set[int]) -> int:
        """An SSRC that is not in use on the connection; it is taken now."""
        while (ssrc := int.from_bytes(self._bytes(4))) in taken or ssrc == 0:
            pass
        taken.add(ssrc)
        return ssrc
