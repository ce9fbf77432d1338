import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from sfu.forwarder import Forwarder
from sfu.net.certificate import dtls_certificate

NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)


def test_the_certificate_is_ecdsa_and_good_from_yesterday_on() -> None:
    pem, _ = dtls_certificate(NOW)
    certificate = x509.load_pem_x509_certificate(pem)
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert certificate.not_valid_before_utc < NOW < certificate.not_valid_after_utc


def test_every_start_has_another() -> None:
    assert dtls_certificate(NOW) != dtls_certificate(NOW)


async def test_the_forwarder_shows_its_fingerprint() -> None:
    pem, key = dtls_certificate(NOW)
    forwarder = Forwarder([("127.0.0.1", 0)], certificate=pem, private_key=key)
    try:
        digest = x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256())
        assert (forwarder.fingerprint.algorithm, forwarder.fingerprint.digest) == ("sha-256", digest)
    finally:
        forwarder.close()
