"""signaling.messages.proxy: what the front says is read as it was written, and nothing else is taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.messages.proxy import PREFIX, Address, Guest, ProxyError, length_behind, read, written

PORTS = st.integers(0, 65535)
FOUR: st.SearchStrategy[Address] = st.tuples(st.ip_addresses(v=4).map(str), PORTS)
SIX: st.SearchStrategy[Address] = st.tuples(
    st.ip_addresses(v=6).filter(lambda host: getattr(host, "ipv4_mapped", None) is None).map(str), PORTS
)


def parts(message: bytes) -> tuple[bytes, bytes]:
    return message[: PREFIX.size], message[PREFIX.size :]


@given(st.one_of(st.builds(Guest, FOUR, FOUR), st.builds(Guest, SIX, SIX), st.builds(Guest, FOUR, SIX)))
def test_a_guest_reads_back_as_written(guest: Guest) -> None:
    prefix, body = parts(written(guest))
    assert length_behind(prefix) == len(body)
    assert read(prefix, body) == guest


def test_the_bytes_are_those_of_the_protocol() -> None:
    message = written(Guest(("203.0.113.7", 50000), ("198.51.100.1", 443)))
    assert (
        message.hex() == "0d0a0d0a000d0a515549540a" + "21" + "11" + "000c" + "cb007107" + "c6336401" + "c350" + "01bb"
    )


@given(st.binary(max_size=64))
def test_whatever_else_comes_is_refused(message: bytes) -> None:
    with pytest.raises(ProxyError):
        read(*parts(message))


@given(st.builds(Guest, FOUR, FOUR), st.data())
def test_one_byte_that_differs_is_refused_or_another_address(guest: Guest, data: st.DataObject) -> None:
    message = bytearray(written(guest))
    place = data.draw(st.integers(0, len(message) - 1))
    message[place] ^= data.draw(st.integers(1, 255))
    try:
        other = read(*parts(bytes(message)))
    except ProxyError:
        assert place < PREFIX.size
    else:
        assert place >= PREFIX.size and other != guest


@given(st.builds(Guest, FOUR, FOUR), st.integers(0, 27), st.binary(min_size=1, max_size=9))
def test_too_little_and_too_much_are_refused(guest: Guest, length: int, more: bytes) -> None:
    message = written(guest)
    for wrong in (message[:length], message + more):
        with pytest.raises(ProxyError):
            read(*parts(wrong))
