"""The library's own key: it signs tombstones, which last, and sessions, which do not."""

import json
import os
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from recorder.disk.files import Disk

ALGORITHM: Final = "ES256"
LONGEST_TOKEN: Final = 4096


class TokenError(ValueError):
    """This is signed by nobody whom we trust, or says nothing that we understand."""


class Signer:
    """Holds the private key."""

    def __init__(self, key: ECKey) -> None:
        self._key: Final = key

    @classmethod
    def open(cls, path: Path) -> "Signer":
        """Reads the key, or makes one that only its owner can read; of two who make one, one wins."""
        if not path.exists():
            _make(path)
        return cls(ECKey.import_key(path.read_bytes(), {"use": "sig", "alg": ALGORITHM}))

    def public_keys(self) -> str:
        """The JWK set (RFC 7517) that checks our signatures."""
        return json.dumps({"keys": [dict(self._key.as_dict(private=False), kid=self._key.thumbprint())]})

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT of these claims."""
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.thumbprint()}, claims, self._key, algorithms=[ALGORITHM])

    def read(self, token: str, audience: str, now_s: float) -> dict[str, Any]:
        """Claims that we signed ourselves for this use; raises TokenError."""
        return read(token, self._key, "library", audience, now_s)


def read(token: str, key: ECKey | KeySet, issuer: str, audience: str, now_s: float) -> dict[str, Any]:
    """Claims that `issuer` signed for `audience` and that still count; raises TokenError."""
    if len(token) > LONGEST_TOKEN:
        raise TokenError("this is no token")
    try:
        claims: dict[str, Any] = dict(jwt.decode(token, key, algorithms=[ALGORITHM]).claims)
    except (JoseError, ValueError):
        raise TokenError("this is no token of those whom we trust") from None
    if claims.get("iss") != issuer or claims.get("aud") != audience:
        raise TokenError("this token is for something else")
    if not isinstance(claims.get("exp"), int) or now_s >= claims["exp"]:
        raise TokenError("this token has expired")
    return claims


def _make(path: Path) -> None:
    disk = Disk()
    disk.make_folder(path.parent.absolute())
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(ECKey.generate_key("P-256", private=True).as_pem(private=True))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    draft.unlink()
    disk.sync_folder(path.parent)  # what is signed with it must be checked for years
