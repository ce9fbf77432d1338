"""recorder.net.signing"""

import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from recorder.net.signing import Signer, TokenError, read

CLAIMS = {"iss": "library", "aud": "library-session", "exp": 100}


def test_what_was_signed_is_read_while_it_counts_and_for_its_use(tmp_path: Path) -> None:
    signer = Signer.open(tmp_path / "library.pem")
    token = signer.sign(CLAIMS)
    assert Signer.open(tmp_path / "library.pem").read(token, "library-session", 99) == CLAIMS
    for use, now_s in (("library-session", 100), ("library", 99)):
        with pytest.raises(TokenError):
            signer.read(token, use, now_s)
    stranger = Signer.open(tmp_path / "other.pem").sign(CLAIMS)
    for bad in (stranger, token[:-3], "x" * 5000, ""):
        with pytest.raises(TokenError):
            signer.read(bad, "library-session", 0)
    assert (tmp_path / "library.pem").stat().st_mode & 0o077 == 0


def test_anyone_can_check_a_tombstone_and_only_we_can_sign_one(tmp_path: Path) -> None:
    signer = Signer.open(tmp_path / "library.pem")
    stone = signer.sign({"iss": "library", "sub": "R1", "why": "a guardian withdrew"})
    keys = json.loads(signer.public_keys())
    assert "d" not in keys["keys"][0]
    assert jwt.decode(stone, KeySet.import_key_set(keys), algorithms=["ES256"]).claims["sub"] == "R1"
    with pytest.raises(TokenError, match="something else"):
        read(stone, KeySet.import_key_set(keys), "library", "library-session", 0)
