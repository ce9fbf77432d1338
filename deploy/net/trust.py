"""Lets programs of this machine trust the county's own authority without installing it."""

import ssl
from pathlib import Path

from deploy.disk.certificate import own_authority


def context(certificate: str) -> ssl.SSLContext:
    """For connections to our own services: the system's authorities, and the county's where the services use it."""
    trusting = ssl.create_default_context()
    if certificate and own_authority(Path(certificate)):
        trusting.load_verify_locations(certificate)
    return trusting


def environment(certificate: str) -> tuple[tuple[str, str], ...]:
    """The same for child processes, in OpenSSL's own words."""
    if certificate and own_authority(Path(certificate)):
        return (("SSL_CERT_FILE", str(Path(certificate).resolve())),)
    return ()
