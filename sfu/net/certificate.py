"""The certificate that media peers see: made at every start, known to them by its fingerprint alone."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LIFETIME = datetime.timedelta(days=365)
"""Longer than a process lives; browsers refuse an expired one."""


def dtls_certificate(now: datetime.datetime) -> tuple[bytes, bytes]:
    """A self-signed ECDSA P-256 certificate and its key, PEM (RFC 8827 section 6.5)."""
    key = ec.generate_private_key(ec.SECP256R1())
    # A name that tells nothing: the certificate crosses the network in the clear.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "webrtc")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private
