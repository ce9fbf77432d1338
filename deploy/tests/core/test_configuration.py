"""The configuration file says the same after writing, and options change only what they name."""

import tomllib
from pathlib import PurePosixPath
from typing import Any

import pytest

from deploy.core.configuration import (
    ConfigurationError,
    Secrets,
    Tables,
    addresses,
    certificate_of,
    completed,
    edited,
    first_configuration,
    fronted,
    has_front,
    host_and_port,
    operator_key,
    own_url,
    reached_as,
    with_tls,
    written,
)

FIRST = first_configuration(
    Secrets("key", "to-signaling", "to-node", "ab" * 32, "of-the-recorder"), PurePosixPath('/srv/学校 "A"')
)
CERTIFICATE, KEY = PurePosixPath("/tls/server.crt"), PurePosixPath("/tls/server.key")


def test_what_is_written_reads_back_the_same() -> None:
    assert tomllib.loads(written(FIRST)) == FIRST


def test_a_first_look_listens_on_this_machine_alone() -> None:
    listens = addresses(FIRST)
    assert (listens.signaling_listen, listens.node_listen) == ("127.0.0.1:8080", "127.0.0.1:8081")
    assert (listens.library_listen, listens.library_url) == ("127.0.0.1:8082", "http://localhost:8082")
    assert own_url(FIRST) == "http://localhost:8080" and certificate_of(FIRST) == ""


def test_both_services_know_both_tokens() -> None:
    for name in ("signaling", "node"):
        assert (FIRST[name]["signaling_token"], FIRST[name]["node_token"]) == ("to-signaling", "to-node")
    assert operator_key(FIRST) == "key"


@pytest.mark.parametrize(
    ("host", "shown"), [("school.example", "school.example"), ("192.168.1.5", "192.168.1.5"), ("fd00::5", "[fd00::5]")]
)
def test_a_host_opens_both_services_under_its_name(host: str, shown: str) -> None:
    opened = reached_as(FIRST, host)
    assert opened["signaling"]["listen"] == "0.0.0.0:8080" and opened["node"]["listen"] == "0.0.0.0:8081"
    assert own_url(opened) == f"http://{shown}:8080"
    assert opened["signaling"]["node_url"] == opened["node"]["public_url"] == f"http://{shown}:8081"


def test_a_certificate_makes_every_address_https_in_either_order() -> None:
    one = with_tls(reached_as(FIRST, "school.example"), CERTIFICATE, KEY)
    other = reached_as(with_tls(FIRST, CERTIFICATE, KEY), "school.example")
    assert one == other
    assert (
        own_url(one) == "https://school.example:8080" and one["signaling"]["node_url"] == "https://school.example:8081"
    )
    assert certificate_of(one) == str(CERTIFICATE)


def test_editing_keeps_a_persons_comments_and_order() -> None:
    text = "# ours\n" + written(FIRST).replace("[node]", "# the node below\n[node]")
    after = with_tls(FIRST, CERTIFICATE, KEY)
    changed = edited(text, FIRST, after)
    assert tomllib.loads(changed) == after
    assert changed.startswith("# ours\n") and "# the node below" in changed
    assert [line for line in changed.splitlines() if line.startswith("#")] == [
        line for line in text.splitlines() if line.startswith("#")
    ]


def test_editing_adds_what_is_missing() -> None:
    text = written({name: table for name, table in FIRST.items() if name != "tls"})
    before: dict[str, Any] = tomllib.loads(text)
    after = with_tls(before, CERTIFICATE, KEY)
    assert tomllib.loads(edited(text, before, after)) == after


@pytest.mark.parametrize(
    ("listen", "answer"),
    [("127.0.0.1:8080", ("127.0.0.1", 8080)), ("[::1]:8080", ("::1", 8080)), ("localhost:1", ("localhost", 1))],
)
def test_an_address_with_a_port_is_taken_apart(listen: str, answer: tuple[str, int]) -> None:
    assert host_and_port(listen) == answer


@pytest.mark.parametrize("listen", ["", "8080", ":8080", "host:", "host:0", "host:65536", "host:http"])
def test_a_wrong_address_is_named(listen: str) -> None:
    with pytest.raises(ConfigurationError, match="listen = "):
        host_and_port(listen)


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"signaling": {}, "node": {}},
        {**FIRST, "node": {"listen": 8081}},
        {**FIRST, "signaling": {**FIRST["signaling"], "listen": ""}},
    ],
)
def test_a_configuration_without_addresses_is_refused_in_words(tables: Tables) -> None:
    with pytest.raises(ConfigurationError, match="configuration has no"):
        addresses(tables)


def test_an_older_configuration_gets_what_it_lacks_and_keeps_what_it_has() -> None:
    fresh = Secrets("", "", "", "cd" * 32, "fresh")
    lacking = ("recorder", "library")
    every = reached_as(FIRST, "school.example")
    old = {name: table for name, table in every.items() if name not in lacking}
    new = completed(old, fresh, PurePosixPath("/srv"))
    assert {name: table for name, table in new.items() if name not in lacking} == old
    assert new["recorder"] == {"token": "of-the-recorder", "folder": "/srv/recordings", "master_key": "cd" * 32}
    assert new["library"]["public_url"] == "http://school.example:8082"
    assert completed(FIRST, fresh, PurePosixPath("/srv")) == FIRST
    part = {**old, "recorder": {"master_key": "ef" * 32}}
    assert completed(part, fresh, PurePosixPath("/srv"))["recorder"]["master_key"] == "ef" * 32
    assert tomllib.loads(edited(written(old), old, new)) == new
    older = {**old, "signaling": {key: value for key, value in old["signaling"].items() if key != "recorder_token"}}
    newer = completed(older, fresh, PurePosixPath("/srv"))
    assert newer["signaling"]["recorder_token"] == newer["recorder"]["token"] == "fresh"


def test_a_front_makes_one_port_of_all_addresses() -> None:
    opened = with_tls(reached_as(FIRST, "school.example"), CERTIFICATE, KEY)
    assert not has_front(opened)
    made = fronted(opened)
    origin = "https://school.example"
    assert has_front(made) and made["node"]["front"] == ["auto:443"] and addresses(made).front == ("auto:443",)
    assert (own_url(made), made["node"]["public_url"]) == (origin, origin)
    assert made["library"]["public_url"] == f"{origin}/library"
    assert made["signaling"]["front_listen"] == made["node"]["front_to"] == "127.0.0.1:8083"
    assert made["signaling"]["node_url"] == "https://school.example:8081"
    assert fronted(made) == made


def test_another_port_of_the_front_stays_and_is_in_every_address() -> None:
    opened = with_tls(reached_as(FIRST, "fd00::5"), CERTIFICATE, KEY)
    made = fronted({**opened, "node": {**opened["node"], "front": ["auto:9443"]}})
    assert own_url(made) == "https://[fd00::5]:9443" and made["node"]["front"] == ["auto:9443"]


def test_a_front_without_a_certificate_is_refused_in_words() -> None:
    with pytest.raises(ConfigurationError, match="needs a certificate"):
        fronted(reached_as(FIRST, "school.example"))


def test_the_library_is_opened_with_the_others() -> None:
    opened = with_tls(reached_as(FIRST, "fd00::5"), CERTIFICATE, KEY)["library"]
    assert (opened["listen"], opened["public_url"]) == ("0.0.0.0:8082", "https://[fd00::5]:8082")
