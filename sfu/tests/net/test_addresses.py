import socket

import pytest

from media_tests.faults.namespace import two_hosts
from sfu.net import addresses
from sfu.net.addresses import MOST_ADDRESSES, announced_fronts, machine_addresses, media_addresses, ranked
from sfu.tests.native.inside import inside


def test_the_way_out_comes_first_and_loopback_last() -> None:
    found = ["::1", "127.0.0.1", "fe80::1%eth0", "2001:db8::5", "192.0.2.5", "10.0.0.1", "169.254.0.1"]
    assert ranked(found, ["192.0.2.5", "2001:db8::5"]) == [
        *("192.0.2.5", "2001:db8::5", "10.0.0.1"),
        *("127.0.0.1", "::1"),
    ]


def test_auto_is_every_address_that_can_be_bound() -> None:
    found = media_addresses(["auto:0"])
    assert ("127.0.0.1", 0) in found
    assert found == [(host, 0) for host in machine_addresses()]


def test_explicit_addresses_are_taken_as_they_are_and_once() -> None:
    entries = ["192.0.2.9:7000", "[2001:db8::9]:7001", "192.0.2.9:7000"]
    assert media_addresses(entries) == [("192.0.2.9", 7000), ("2001:db8::9", 7001)]


def test_a_host_without_a_way_out_still_has_its_addresses() -> None:
    with two_hosts("tc-addr", subnet=74) as pair, inside(f"{pair.name}-a"):
        assert media_addresses(["auto:7000"])[0] == (pair.near, 7000)
        assert ("127.0.0.1", 7000) in media_addresses(["auto:7000"])


def test_too_many_addresses_are_cut_but_never_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "machine_addresses", lambda: [f"10.0.0.{n}" for n in range(40)] + ["127.0.0.1"])
    monkeypatch.setattr(addresses, "_can_bind", lambda host, port: True)
    found = media_addresses(["auto:7000"])
    assert len(found) == MOST_ADDRESSES
    assert found[-1] == ("127.0.0.1", 7000)


def test_behind_a_forwarded_address_the_front_is_told_there() -> None:
    bound = [("10.0.0.5", 443), ("127.0.0.1", 443)]
    assert announced_fronts((), bound) == tuple(bound)
    told = (("198.51.100.1", 7000), ("198.51.100.1", 7001), ("2001:db8::1", 7000))
    assert announced_fronts(told, bound) == (("198.51.100.1", 443), ("2001:db8::1", 443))


def test_a_port_in_use_is_not_an_address_to_leave_out() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert ("127.0.0.1", port) in media_addresses([f"auto:{port}"])
