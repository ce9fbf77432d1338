"""A browser reduced to checks, DTLS and SRTP over one UDP socket; pyOpenSSL and libsrtp are its independent parts."""

import datetime
import socket
import struct
import time
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from pylibsrtp import Policy, Session

from sfu._forwarder import AddPeer
from sfu.tests.native import stun

PATIENCE_S = 10.0
PROFILES = {
    b"SRTP_AEAD_AES_128_GCM": ("AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 12),
    b"SRTP_AES128_CM_SHA1_80": ("AES_CM_128_HMAC_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 14),
}
KeyKind = Literal["ecdsa", "rsa"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def self_signed(kind: KeyKind = "ecdsa") -> tuple[x509.Certificate, PrivateKey]:
    """A certificate of a minute ago, for a day."""
    key: PrivateKey
    if kind == "ecdsa":
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(minutes=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=1))
    return builder.sign(key, hashes.SHA256()), key


def pem(certificate: x509.Certificate, key: PrivateKey) -> tuple[bytes, bytes]:
    encoding = serialization.Encoding.PEM
    no_password = serialization.NoEncryption()
    return (
        certificate.public_bytes(encoding),
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no_password),
    )


class Client:
    """One connection to a forwarder, driven by blocking calls that give up after `PATIENCE_S`."""

    def __init__(
        self,
        peer: int,
        server: tuple[str, int],
        *,
        active: bool = True,
        key: KeyKind = "ecdsa",
        profiles: bytes = b":".join(PROFILES),
    ) -> None:
        self.peer, self.server, self.active = peer, server, active
        family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.bind((server[0], 0))
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        self.ufrag, self.password = f"browser{peer}", "the password of the browser"
        self.node_ufrag, self.node_password = f"node{peer}", "the password of the node"
        certificate, private_key = self_signed(key)
        self.fingerprint = ("sha-256", certificate.fingerprint(hashes.SHA256()))
        self._dtls = SSL.Connection(_context(certificate, private_key, profiles))
        if active:
            self._dtls.set_connect_state()
        else:
            self._dtls.set_accept_state()
        self._dtls.set_ciphertext_mtu(1200)
        self.closed = False

    def add_peer(
        self, fingerprint: tuple[str, bytes] | None = None, mid_extension: int = 0, audio_level_extension: int = 0
    ) -> AddPeer:
        """The command that lets this client in."""
        return AddPeer(
            self.peer,
            local_ufrag=self.node_ufrag,
            local_password=self.node_password,
            remote_ufrag=self.ufrag,
            remote_password=self.password,
            remote_fingerprint=fingerprint or self.fingerprint,
            dtls_role="passive" if self.active else "active",
            mid_extension=mid_extension,
            audio_level_extension=audio_level_extension,
        )

    def connect(self) -> None:
        """Checks the path, shakes hands and derives the SRTP keys."""
        deadline = time.monotonic() + PATIENCE_S
        self._check(deadline)
        while not self._shake_hands():
            self._carry(deadline)
        profile = self._dtls.get_selected_srtp_profile()
        self.srtp_profile, policy, salt = PROFILES[profile]
        material = self._dtls.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (16 + salt), None)
        keys, salts = material[:32], material[32:]
        client, server = keys[:16] + salts[:salt], keys[16:] + salts[salt:]
        sending, receiving = (client, server) if self.active else (server, client)
        self._sender = Session(Policy(sending, Policy.SSRC_ANY_OUTBOUND, srtp_profile=policy))
        self._receiver = Session(Policy(receiving, Policy.SSRC_ANY_INBOUND, srtp_profile=policy))

    def send(self, datagram: bytes) -> None:
        self._socket.sendto(datagram, self.server)

    def send_rtp(self, payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes) -> None:
        header = struct.pack("!BBHII", 0x80, payload_type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
        self.send(self._sender.protect(header + payload))

    def send_rtp_extended(
        self, payload_type: int, sequence: int, timestamp: int, ssrc: int, extension: bytes, payload: bytes
    ) -> None:
        """With one-byte header extensions (RFC 8285 section 4.2), padded to words by the caller."""
        header = struct.pack("!BBHII", 0x90, payload_type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
        self.send(self._sender.protect(header + struct.pack("!HH", 0xBEDE, len(extension) // 4) + extension + payload))

    def send_rtcp(self, packet: bytes) -> None:
        self.send(self._sender.protect_rtcp(packet))

    def receive_rtp(self, deadline: float | None = None) -> bytes:
        """The next RTP packet in clear; what else arrives is handled or left aside."""
        deadline = deadline or time.monotonic() + PATIENCE_S
        while True:
            datagram = self._arrived(deadline)
            if 128 <= datagram[0] < 192 and not 192 <= datagram[1] < 224:
                return self._receiver.unprotect(datagram)

    def receive_rtcp(self) -> bytes:
        """The next RTCP packet in clear."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            datagram = self._arrived(deadline)
            if 128 <= datagram[0] < 192 and 192 <= datagram[1] < 224:
                return self._receiver.unprotect_rtcp(datagram)

    def await_close(self) -> None:
        """Until the forwarder has said farewell."""
        deadline = time.monotonic() + PATIENCE_S
        while not self.closed:
            self._carry(deadline)

    def farewell(self) -> None:
        self._dtls.shutdown()
        self._flush()

    def close(self) -> None:
        self._socket.close()

    def _check(self, deadline: float) -> None:
        while True:
            self.send(stun.check(f"{self.node_ufrag}:{self.ufrag}", self.node_password))
            try:
                if stun.is_success(self._arrived(min(deadline, time.monotonic() + 0.1))):
                    return
            except TimeoutError:
                if time.monotonic() >= deadline:
                    raise

    def _shake_hands(self) -> bool:
        try:
            self._dtls.do_handshake()
        except SSL.WantReadError:
            return False
        finally:
            self._flush()
        return True

    def _carry(self, deadline: float) -> None:
        """Hands what arrives next to DTLS; a lost flight is repeated."""
        wait = self._dtls.DTLSv1_get_timeout()
        try:
            datagram = self._arrived(deadline if wait is None else min(deadline, time.monotonic() + wait))
        except TimeoutError:
            if time.monotonic() >= deadline:
                raise
            self._dtls.DTLSv1_handle_timeout()
        else:
            if 20 <= datagram[0] < 64:
                self._read_dtls(datagram)
        self._flush()

    def _read_dtls(self, datagram: bytes) -> None:
        self._dtls.bio_write(datagram)
        try:
            self._dtls.recv(2048)
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.closed = True

    def _flush(self) -> None:
        """The memory holds records one after the other (RFC 6347 section 4.1); each leaves as one datagram."""
        try:
            records = self._dtls.bio_read(65536)
        except SSL.WantReadError:
            return
        while records:
            length = 13 + struct.unpack_from("!H", records, 11)[0]
            self.send(records[:length])
            records = records[length:]

    def _arrived(self, deadline: float) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("nothing came in time")
        self._socket.settimeout(left)
        return self._socket.recv(2048)


def _context(certificate: x509.Certificate, key: PrivateKey, profiles: bytes) -> SSL.Context:
    context = SSL.Context(SSL.DTLS_METHOD)
    context.use_certificate(certificate)
    context.use_privatekey(key)
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
    context.set_tlsext_use_srtp(profiles)
    return context
