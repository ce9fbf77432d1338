"""Whom to believe at signaling's address."""

import ssl
from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def trusting(url: str, certificate: str) -> ssl.SSLContext | None:
    """The system's authorities and our own certificate, which stands for itself; on this machine whatever its names."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        return None
    context = ssl.create_default_context()
    if certificate:
        context.load_verify_locations(certificate)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.check_hostname = parts.hostname not in LOOPBACK
    return context
