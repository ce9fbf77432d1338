import socket
import subprocess

import pytest

from media_tests.faults.namespace import UnsafeRoute, inside, require_no_default_route, two_hosts


def test_the_two_hosts_reach_each_other_and_nobody_else() -> None:
    with two_hosts("tc-self", subnet=61) as pair:
        assert subprocess.run(pair.far_command("ip", "route", "get", pair.near), capture_output=True).returncode == 0
        assert subprocess.run(pair.far_command("ip", "route", "get", "192.0.2.9"), capture_output=True).returncode != 0


def test_a_default_route_is_refused() -> None:
    with two_hosts("tc-leak", subnet=62) as pair:
        subprocess.run(pair.far_command("ip", "route", "add", "default", "via", pair.near), check=True)
        with pytest.raises(UnsafeRoute, match="default route"):
            require_no_default_route(pair.far_command())


def test_who_moves_inside_has_its_addresses_and_comes_back() -> None:
    with two_hosts("tc-move", subnet=63) as pair:
        with inside(pair.near_name), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
            here.bind((pair.near, 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere, pytest.raises(OSError):
            elsewhere.bind((pair.near, 0))


def test_two_pairs_of_one_name_and_subnet_do_not_meet() -> None:
    with two_hosts("tc-twin", subnet=65) as one, two_hosts("tc-twin", subnet=65) as other:
        assert one.name != other.name
