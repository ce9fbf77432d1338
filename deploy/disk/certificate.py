"""Makes the authority once and server certificates as often as asked; only their owner can read private keys."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from deploy.core.authority import CertificateError, make_authority, make_server, names


@dataclass(frozen=True, slots=True)
class Files:
    """What lies in the folder afterwards."""

    authority: Path
    server: Path
    """The server's certificate, then the authority's: what a service is started with."""
    server_key: Path
    fingerprint: str
    """Of the authority, to be compared on each machine before it is trusted."""
    made_authority: bool


def issue(folder: Path, given: Sequence[str], permit: Sequence[str], title: str) -> Files:
    """A server certificate for `given`; the authority is made where the folder has none."""
    wanted = names(given)
    authority_path, authority_key_path = folder / "county.crt", folder / "county.key"
    server_path, server_key_path = folder / "server.crt", folder / "server.key"
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    fresh = not authority_path.exists()
    if fresh:
        authority_key = generate_private_key(SECP256R1())
        permitted = names([*given, *permit])
        authority = make_authority(title, permitted, authority_key, serial=x509.random_serial_number(), now=now)
    else:
        authority, authority_key = _read_authority(authority_path, authority_key_path)
    server_key = generate_private_key(SECP256R1())
    server = make_server(
        wanted, server_key.public_key(), authority, authority_key, serial=x509.random_serial_number(), now=now
    )
    if fresh:
        _write(authority_key_path, _key(authority_key), 0o600)
        _write(authority_path, _pem(authority), 0o644)
    _write(server_key_path, _key(server_key), 0o600)
    _write(server_path, _pem(server) + _pem(authority), 0o644)
    return Files(authority_path, server_path, server_key_path, _fingerprint(authority), fresh)


def own_authority(certificate: Path) -> bool:
    """Whether the file ends in a self-signed authority, which programs of this machine must be told to trust."""
    try:
        last = x509.load_pem_x509_certificates(certificate.read_bytes())[-1]
        last.verify_directly_issued_by(last)
    except (OSError, ValueError, TypeError, IndexError, InvalidSignature):
        return False
    return True


def _read_authority(certificate: Path, key: Path) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    try:
        private = load_pem_private_key(key.read_bytes(), None)
        authority = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise CertificateError(f"The authority {certificate} cannot be used: {error}. Use a new --folder.") from None
    if not isinstance(private, EllipticCurvePrivateKey) or private.public_key() != authority.public_key():
        raise CertificateError(f"{key} is not the key of {certificate}. Use a new --folder.")
    return authority, private


def _fingerprint(authority: x509.Certificate) -> str:
    return authority.fingerprint(SHA256()).hex(":").upper()


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _key(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    """The mode is set before the first byte is in the file."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    draft.replace(path)
