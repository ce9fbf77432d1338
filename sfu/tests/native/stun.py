"""STUN as a checking ICE agent needs it (RFC 8489), written apart from the forwarder's own."""

import hashlib
import hmac
import secrets
import struct
import zlib

COOKIE = 0x2112A442
BINDING_REQUEST, BINDING_SUCCESS = 0x0001, 0x0101
USERNAME, MESSAGE_INTEGRITY, XOR_MAPPED_ADDRESS = 0x0006, 0x0008, 0x0020
PRIORITY, USE_CANDIDATE, FINGERPRINT, ICE_CONTROLLING = 0x0024, 0x0025, 0x8028, 0x802A


def check(username: str, password: str) -> bytes:
    """A nominating connectivity check of a controlling agent."""
    attributes = (
        _attribute(USERNAME, username.encode())
        + _attribute(ICE_CONTROLLING, secrets.token_bytes(8))
        + _attribute(PRIORITY, struct.pack("!I", 0x6E0001FF))
        + _attribute(USE_CANDIDATE, b"")
    )
    transaction = secrets.token_bytes(12)
    covered = _header(len(attributes) + 24, transaction) + attributes
    digest = hmac.new(password.encode(), covered, hashlib.sha1).digest()
    covered = _header(len(attributes) + 32, transaction) + attributes + _attribute(MESSAGE_INTEGRITY, digest)
    return covered + _attribute(FINGERPRINT, struct.pack("!I", zlib.crc32(covered) ^ 0x5354554E))


def is_success(datagram: bytes) -> bool:
    return len(datagram) >= 20 and struct.unpack_from("!HHI", datagram)[::2] == (BINDING_SUCCESS, COOKIE)


def _header(length: int, transaction: bytes) -> bytes:
    return struct.pack("!HHI", BINDING_REQUEST, length, COOKIE) + transaction


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)
