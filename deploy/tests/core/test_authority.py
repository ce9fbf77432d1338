"""An authority vouches for what it was made for, and says what it may not vouch for."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from deploy.core.authority import CertificateError, make_authority, make_server, names, not_permitted

NOW = datetime(2026, 9, 1, tzinfo=UTC)
KEY, SERVER_KEY = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
AUTHORITY = make_authority("县教育局", names(["school.example", "8.8.8.8"]), KEY, serial=1, now=NOW)


def server(*given: str, now: datetime = NOW) -> x509.Certificate:
    return make_server(names(given), SERVER_KEY.public_key(), AUTHORITY, KEY, serial=2, now=now)


def test_names_and_addresses_are_told_apart_and_the_machines_own_added() -> None:
    found = names(["School.Example.", "192.168.1.5", "[fd00::5]", "*.school.example"])
    assert found.dns == ("school.example", "*.school.example", "localhost")
    assert [str(address) for address in found.addresses] == ["192.168.1.5", "fd00::5", "127.0.0.1", "::1"]


def test_a_chinese_name_is_certified_in_its_ascii_form() -> None:
    assert names(["学校.example"]).dns[0] == "xn--48s290a.example"


@pytest.mark.parametrize("text", ["", "a..b", "a b", "http://school.example", "school_1", ".", "1.2.3.4/8"])
def test_what_is_no_name_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(CertificateError, match="neither a name nor an address"):
        names([text])


@pytest.mark.parametrize("given", ["school.example", "a.school.example", "10.1.2.3", "fd12::1", "8.8.8.8"])
def test_names_below_its_own_and_private_addresses_are_permitted(given: str) -> None:
    assert not_permitted(AUTHORITY, names([given])) == []
    server(given)


@pytest.mark.parametrize("given", ["bank.example", "notschool.example", "example", "1.1.1.1", "2001:db8::1"])
def test_a_stranger_is_refused_by_name(given: str) -> None:
    with pytest.raises(CertificateError, match=f"may not vouch for {given}"):
        server(given)


def test_a_server_certificate_lives_no_longer_than_systems_accept_or_its_authority() -> None:
    assert server("school.example").not_valid_after_utc <= NOW + timedelta(days=825)
    late = AUTHORITY.not_valid_after_utc - timedelta(days=30)
    assert server("school.example", now=late).not_valid_after_utc <= AUTHORITY.not_valid_after_utc


def test_an_expired_authority_gives_no_certificate() -> None:
    with pytest.raises(CertificateError, match="has expired"):
        server("school.example", now=AUTHORITY.not_valid_after_utc + timedelta(days=1))


def test_an_authority_makes_no_further_authorities() -> None:
    basic = AUTHORITY.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical and basic.value.ca and basic.value.path_length == 0
    assert not server("school.example").extensions.get_extension_for_class(x509.BasicConstraints).value.ca
