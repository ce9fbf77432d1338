"""Signs and reads tokens with ES256; makes codes, ids and their hashes."""

import hashlib
import hmac
import json
import os
import secrets
import string
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from signaling.core.claims import ClaimsError, LibraryClaims, MediaClaims, SessionClaims, session_claims

ALGORITHM: Final = "ES256"
_LETTERS: Final = string.ascii_uppercase + string.digits
LONGEST_TOKEN: Final = 4096


class ForeignToken(ClaimsError):
    """We have not signed this."""


class Signer:
    """Holds signaling's private key."""

    def __init__(self, key: ECKey) -> None:
        self._key = key

    @classmethod
    def open(cls, path: Path) -> "Signer":
        """Reads the key, or makes one that only its owner can read."""
        if not path.exists():
            _make(path)
        return cls(ECKey.import_key(path.read_bytes(), _parameters()))

    def public_keys(self) -> str:
        """The JWK set (RFC 7517) that checks our signatures."""
        return json.dumps({"keys": [dict(self._key.as_dict(private=False), kid=self._kid)]})

    def sign(self, claims: SessionClaims | MediaClaims | LibraryClaims) -> str:
        """Makes the token."""
        header = {"alg": ALGORITHM, "kid": self._kid}
        return jwt.encode(header, claims.to_claims(), self._key, algorithms=[ALGORITHM])

    def session(self, token: str, now_s: float) -> SessionClaims:
        """Reads a session token; raises ClaimsError."""
        if len(token) > LONGEST_TOKEN:
            raise ForeignToken("this is no token of ours")
        try:
            decoded: dict[str, Any] = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError):
            raise ForeignToken("this is no token of ours") from None
        return session_claims(decoded, now_s)

    def made(self, token: str) -> bool:
        """Tells whether a token is of our making, good or not any more."""
        try:
            self.session(token, 0)
        except ForeignToken:
            return False
        except ClaimsError:
            return True
        return True

    @property
    def _kid(self) -> str:
        return self._key.thumbprint()


def _parameters() -> Any:
    return {"use": "sig", "alg": ALGORITHM}


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = ECKey.generate_key("P-256", private=True).as_pem(private=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def new_id(letter: str, length: int = 10) -> str:
    """An id as PROTOCOL.md has it."""
    return letter + "".join(secrets.choice(_LETTERS) for _ in range(length))


def new_code() -> str:
    """A one-time code: 160 bits, too many to guess."""
    return secrets.token_urlsafe(20)


def hashed(code: str) -> str:
    """What the store knows of a code; the code itself is random enough to need no salt."""
    return hashlib.sha256(code.encode()).hexdigest()


def same_secret(shown: str, known: str) -> bool:
    """Compares in a time that tells nothing of where they differ; a header may hold bytes that are no UTF-8."""
    one, other = (hashlib.sha256(text.encode(errors="surrogateescape")).digest() for text in (shown, known))
    return hmac.compare_digest(one, other)
