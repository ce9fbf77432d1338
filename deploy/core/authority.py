"""The county's certificate authority and the certificates it gives to servers (RFC 5280)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=3650)
# Some systems refuse server certificates that live longer than 825 days, even from an authority of one's own.
SERVER_LIFE = timedelta(days=820)
# A clock of a classroom PC may be behind.
EARLIER = timedelta(days=1)

OWN_NAMES = ("localhost",)
OWN_ADDRESSES = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
PRIVATE_NETWORKS = tuple(
    ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
)


class CertificateError(ValueError):
    """A name cannot be certified; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a server is reached as."""

    dns: tuple[str, ...]
    addresses: tuple[IPv4Address | IPv6Address, ...]


def names(given: Sequence[str]) -> Names:
    """Sorts names from addresses and adds those of the machine itself."""
    dns: list[str] = []
    addresses: list[IPv4Address | IPv6Address] = []
    for text in given:
        try:
            addresses.append(ip_address(text.strip("[]")))
        except ValueError:
            dns.append(_domain(text))
    return Names(tuple(dict.fromkeys([*dns, *OWN_NAMES])), tuple(dict.fromkeys([*addresses, *OWN_ADDRESSES])))


def _domain(text: str) -> str:
    """A DNS name in the form that certificates carry (RFC 5890 A-labels)."""
    try:
        name = text.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    labels = name.removeprefix("*.").split(".")
    if not all(label and label.replace("-", "").isalnum() for label in labels):
        raise CertificateError(
            f"{text!r} is neither a name nor an address. Give such as school.example or 192.168.1.5."
        )
    return name


def make_authority(
    title: str, permitted: Names, key: EllipticCurvePrivateKey, *, serial: int, now: datetime
) -> x509.Certificate:
    """A self-signed authority that can vouch for nothing but these names, their subdomains and private addresses."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    return (
        _builder(subject, subject, key.public_key(), serial, now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(_permitted(permitted), None), critical=True)
        .sign(key, SHA256())
    )


def make_server(
    wanted: Names,
    server: EllipticCurvePublicKey,
    authority: x509.Certificate,
    authority_key: EllipticCurvePrivateKey,
    *,
    serial: int,
    now: datetime,
) -> x509.Certificate:
    """A server's certificate; raises where a name lies outside what the authority may vouch for."""
    outside = not_permitted(authority, wanted)
    if outside:
        raise CertificateError(
            f"This authority may not vouch for {', '.join(outside)}. Make another one in a new --folder, "
            "or give the name with --permit when you make it."
        )
    if now + EARLIER >= authority.not_valid_after_utc:
        raise CertificateError("This authority has expired. Make another one in a new --folder, and trust that.")
    san = [*map(x509.DNSName, wanted.dns), *map(x509.IPAddress, wanted.addresses)]
    first = wanted.dns[0] if wanted.dns[0] not in OWN_NAMES else str(wanted.addresses[0])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, first[:64])])
    life = min(SERVER_LIFE, authority.not_valid_after_utc - now)
    return (
        _builder(subject, authority.subject, server, serial, now, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(san), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, SHA256())
    )


def not_permitted(authority: x509.Certificate, wanted: Names) -> list[str]:
    """The names that a client would refuse for this authority (RFC 5280 section 4.2.1.10)."""
    trees = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    domains = [tree.value for tree in trees if isinstance(tree, x509.DNSName)]
    networks = [tree.value for tree in trees if isinstance(tree, x509.IPAddress)]
    return [name for name in wanted.dns if not any(_within(name, domain) for domain in domains)] + [
        str(address)
        for address in wanted.addresses
        if not any(isinstance(network, IPv4Network | IPv6Network) and address in network for network in networks)
    ]


def _within(name: str, domain: str) -> bool:
    return name == domain or name.endswith("." + domain)


def _permitted(permitted: Names) -> list[x509.GeneralName]:
    domains = dict.fromkeys(name.removeprefix("*.") for name in permitted.dns)
    single = [ip_network(address) for address in permitted.addresses]
    networks = [*PRIVATE_NETWORKS, *(one for one in single if not any(_inside(one, wide) for wide in PRIVATE_NETWORKS))]
    return [*map(x509.DNSName, domains), *map(x509.IPAddress, networks)]


def _inside(one: IPv4Network | IPv6Network, wide: IPv4Network | IPv6Network) -> bool:
    return one.network_address in wide


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: EllipticCurvePublicKey,
    serial: int,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + life - EARLIER)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
