"""Which bytes an HTTP request asks for (RFC 9110 section 14)."""

import re
from dataclasses import dataclass
from typing import Final

_ONE: Final = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*")


class NotSatisfiable(ValueError):
    """Nothing of the file lies in the range: 416."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `start` up to, but not with, `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.end - self.start


def asked(header: str | None, size: int) -> Span | None:
    """The one range asked for, or None where the whole file is the answer; raises NotSatisfiable.

    Several ranges, other units and nonsense count as no range, as section 14.2 allows.
    """
    found = _ONE.fullmatch(header or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        span = Span(max(0, size - int(last)), size)
    elif last and int(last) < int(first):
        return None
    else:
        span = Span(int(first), min(size, int(last) + 1) if last else size)
    if span.length <= 0:
        raise NotSatisfiable(f"the file has {size} bytes")
    return span


def cut(span: Span, piece: int) -> tuple[Span, ...]:
    """The span in pieces that end at multiples of `piece`, so that each is read and sent by itself."""
    edges = [span.start, *range((span.start // piece + 1) * piece, span.end, piece), span.end]
    return tuple(Span(start, end) for start, end in zip(edges, edges[1:], strict=False))
