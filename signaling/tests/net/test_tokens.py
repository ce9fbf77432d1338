"""signaling.net.tokens"""

import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from signaling.core.claims import ClaimsError, SessionClaims
from signaling.messages.ids import LessonId, SeatId
from signaling.net.tokens import Signer, hashed, new_code, new_id, same_secret

CLAIMS = SessionClaims("T1", LessonId("L1"), SeatId("S1"), 100, 2_000_000_000)


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer.open(tmp_path / "keys" / "signing.pem")


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing.pem"
    token = Signer.open(path).sign(CLAIMS)
    assert path.stat().st_mode & 0o077 == 0
    assert Signer.open(path).session(token, 200) == CLAIMS


def test_the_public_keys_check_and_do_not_sign(signer: Signer) -> None:
    (key,) = json.loads(signer.public_keys())["keys"]
    assert "d" not in key and key["alg"] == "ES256"
    decoded = jwt.decode(signer.sign(CLAIMS), ECKey.import_key(key), algorithms=["ES256"])
    assert decoded.header["kid"] == key["kid"]


def forged(signer: Signer) -> list[str]:
    good = signer.sign(CLAIMS)
    head, body, signature = good.split(".")
    other = Signer(ECKey.generate_key("P-256", private=True)).sign(CLAIMS)
    public = signer.public_keys().encode()
    symmetric = jwt.encode({"alg": "HS256"}, CLAIMS.to_claims(), OctKey.import_key(public), algorithms=["HS256"])
    return [
        "",
        "a.b.c",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{other.split('.')[1]}.{other.split('.')[2]}",
        f"eyJhbGciOiJub25lIn0.{body}.",
        other,
        symmetric,
        good + "x" * 5000,
    ]


@pytest.mark.parametrize("number", range(9))
def test_a_forged_token_opens_nothing(signer: Signer, number: int) -> None:
    with pytest.raises(ClaimsError):
        signer.session(forged(signer)[number], 200)


def test_ids_have_the_form_of_the_protocol() -> None:
    assert new_id("L")[0] == "L" and len(new_id("L")) == 11 and new_id("L")[1:].isalnum()
    assert len(new_id("X", 22)) == 23
    assert len({new_id("S") for _ in range(1000)}) == 1000


def test_a_code_cannot_be_guessed_nor_read_from_its_hash() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000 and all(len(code) >= 27 for code in codes)
    code = codes.pop()
    assert code not in hashed(code) and hashed(code) == hashed(code)


@pytest.mark.parametrize(
    ("shown", "same"), [("key", True), ("keY", False), ("key ", False), ("", False), ("钥匙", False)]
)
def test_secrets_are_the_same_or_not(shown: str, same: bool) -> None:
    assert same_secret(shown, "key") is same
