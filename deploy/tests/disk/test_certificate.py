"""What OpenSSL, a judge of its own, says of our certificates."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509

from deploy.core.authority import CertificateError
from deploy.disk.certificate import Files, issue, own_authority


def verify(made: Files, *options: str) -> subprocess.CompletedProcess[str]:
    openssl = shutil.which("openssl")
    assert openssl, "openssl is missing: apt-get install openssl"
    return subprocess.run(
        [openssl, "verify", "-x509_strict", "-CAfile", str(made.authority), "-purpose", "sslserver", *options]
        + [str(made.server)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "options",
    [
        ("-verify_hostname", "school.example"),
        ("-verify_hostname", "localhost"),
        ("-verify_ip", "192.168.1.5"),
        ("-verify_ip", "127.0.0.1"),
        ("-verify_ip", "::1"),
    ],
)
def test_openssl_accepts_the_certificate_for_each_name(tmp_path: Path, options: tuple[str, str]) -> None:
    made = issue(tmp_path, ["school.example", "192.168.1.5"], [], "County")
    verdict = verify(made, *options)
    assert verdict.returncode == 0, verdict.stderr


def test_openssl_refuses_it_for_another_name(tmp_path: Path) -> None:
    made = issue(tmp_path, ["school.example"], [], "County")
    assert verify(made, "-verify_hostname", "other.example").returncode != 0


def test_private_keys_are_their_owners_alone(tmp_path: Path) -> None:
    made = issue(tmp_path, ["school.example"], [], "County")
    for key in (made.server_key, tmp_path / "county.key"):
        assert key.stat().st_mode & 0o777 == 0o600


def test_the_second_certificate_comes_from_the_same_authority(tmp_path: Path) -> None:
    first = issue(tmp_path, ["school.example"], ["later.example"], "County")
    before = first.authority.read_bytes()
    second = issue(tmp_path, ["later.example"], [], "another title")
    assert (first.made_authority, second.made_authority) == (True, False)
    assert second.authority.read_bytes() == before and second.fingerprint == first.fingerprint
    assert verify(second, "-verify_hostname", "later.example").returncode == 0


def test_a_refused_name_changes_no_file(tmp_path: Path) -> None:
    issue(tmp_path, ["school.example"], [], "County")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(CertificateError):
        issue(tmp_path, ["bank.example"], [], "County")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_strangers_key_is_noticed(tmp_path: Path) -> None:
    issue(tmp_path / "a", ["school.example"], [], "A")
    issue(tmp_path / "b", ["school.example"], [], "B")
    (tmp_path / "a" / "county.key").write_bytes((tmp_path / "b" / "county.key").read_bytes())
    with pytest.raises(CertificateError, match="is not the key of"):
        issue(tmp_path / "a", ["school.example"], [], "A")


def test_a_missing_key_is_told_in_words(tmp_path: Path) -> None:
    issue(tmp_path, ["school.example"], [], "County")
    (tmp_path / "county.key").unlink()
    with pytest.raises(CertificateError, match="Use a new --folder"):
        issue(tmp_path, ["school.example"], [], "County")


def test_python_serves_with_the_files_as_they_are(tmp_path: Path) -> None:
    made = issue(tmp_path, ["school.example"], [], "County")
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(made.server, made.server_key)
    assert len(x509.load_pem_x509_certificates(made.server.read_bytes())) == 2


def test_a_chain_that_ends_in_its_own_authority_is_recognised(tmp_path: Path) -> None:
    made = issue(tmp_path, ["school.example"], [], "County")
    alone = tmp_path / "alone.crt"
    alone.write_bytes(
        made.server.read_bytes().split(b"-----END CERTIFICATE-----\n")[0] + b"-----END CERTIFICATE-----\n"
    )
    assert own_authority(made.server) and own_authority(made.authority)
    assert not own_authority(alone) and not own_authority(tmp_path / "none") and not own_authority(made.server_key)
