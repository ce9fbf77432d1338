"""recorder.core.ranges: RFC 9110 section 14, example by example."""

import pytest

from recorder.core.ranges import NotSatisfiable, Span, asked, cut


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("bytes=0-499", Span(0, 500)),
        ("bytes=500-999", Span(500, 1000)),
        ("bytes=-500", Span(9500, 10000)),
        ("bytes=-20000", Span(0, 10000)),
        ("bytes=9500-", Span(9500, 10000)),
        ("bytes=9500-99999", Span(9500, 10000)),
        ("bytes=0-0", Span(0, 1)),
        ("bytes=0-0,-1", None),
        ("bytes=500-400", None),
        ("bytes=-", None),
        ("lines=1-2", None),
        ("bytes=1e3-", None),
        ("bytes=" + "9" * 40 + "-", None),
    ],
)
def test_a_range(header: str | None, span: Span | None) -> None:
    assert asked(header, 10_000) == span


@pytest.mark.parametrize("header", ["bytes=10000-", "bytes=10000-10001", "bytes=-0"])
def test_a_range_behind_the_end_cannot_be_had(header: str) -> None:
    with pytest.raises(NotSatisfiable, match="10000 bytes"):
        asked(header, 10_000)


def test_pieces_end_where_chunks_end_and_leave_nothing_out() -> None:
    assert cut(Span(5, 30), 10) == (Span(5, 10), Span(10, 20), Span(20, 30))
    assert cut(Span(10, 12), 10) == (Span(10, 12),)
