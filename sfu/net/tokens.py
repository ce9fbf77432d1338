"""Who may use this node: signaling by a shared token, WHIP and WHEP clients by what signaling has signed."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from signaling.messages.ids import AUDIO_SOURCES, VIDEO_SOURCES, Connection, LessonId, SeatId, Source

ALGORITHMS: Final = ["ES256", "EdDSA", "Ed25519"]
ISSUERS: Final = ("signaling", "three-classrooms")
_CONNECTIONS: Final[dict[str, Connection]] = {"publish": "publish", "subscribe": "subscribe"}
LONGEST_TOKEN: Final = 4096
SKEW_S: Final = 30
"""Classroom machines are not synchronised; signaling and node nearly are."""


class TokenError(ValueError):
    """This token does not open the door; the sentence says why."""


@dataclass(frozen=True, slots=True)
class MediaToken:
    """What a WHIP or WHEP client may do."""

    lesson: LessonId
    seat: SeatId
    connection: Connection
    sources: tuple[Source, ...]
    """Of the first section of their kind, and so on."""


class TokenReader:
    """Reads media tokens with the keys that signaling has told."""

    def __init__(self) -> None:
        self._keys: KeySet | None = None

    @property
    def ready(self) -> bool:
        """Whether any key is known yet."""
        return self._keys is not None

    def learn(self, token_keys: str) -> None:
        """Takes a JWK set (RFC 7517) in place of what was known; raises TokenError."""
        try:
            self._keys = KeySet.import_key_set(json.loads(token_keys))
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise TokenError(f"token_keys is no JWK set: {error}") from None

    def read(self, token: str, now_s: float, *, may_be_expired: bool = False) -> MediaToken:
        """Reads a token; raises TokenError. Whoever ends a session may do so after its token's time."""
        if self._keys is None:
            raise TokenError("no signaling has told its keys yet")
        if len(token) > LONGEST_TOKEN:
            raise TokenError("the token is too long")
        try:
            claims: dict[str, Any] = jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError, KeyError):
            raise TokenError("the token is not signed by our signaling") from None
        _check(claims, now_s, may_be_expired)
        return _media_token(claims)


def same_secret(shown: str, known: str) -> bool:
    """Compares in a time that tells nothing of where they differ."""
    one, other = (hashlib.sha256(text.encode(errors="surrogateescape")).digest() for text in (shown, known))
    return hmac.compare_digest(one, other)


def _check(claims: dict[str, Any], now_s: float, may_be_expired: bool) -> None:
    if claims.get("iss") not in ISSUERS or claims.get("aud") != "node":
        raise TokenError("the token is for something else")
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or isinstance(expires, bool):
        raise TokenError("the token has no exp")
    if now_s >= expires + SKEW_S and not may_be_expired:
        raise TokenError("the token has expired")


def _media_token(claims: dict[str, Any]) -> MediaToken:
    lesson, seat = claims.get("lesson"), claims.get("seat")
    connection = _CONNECTIONS.get(str(claims.get("connection")))
    if not isinstance(lesson, str) or not isinstance(seat, str) or connection is None:
        raise TokenError("the token names no lesson, seat or connection")
    listed = claims.get("sources", [claims.get("video"), claims.get("audio")])
    if not isinstance(listed, list):
        raise TokenError("the token's sources are no list")
    named = [source for source in listed if source is not None]
    known = tuple(source for source in (*VIDEO_SOURCES, *AUDIO_SOURCES) if source in named)
    if len(known) != len(named):
        raise TokenError("the token names sources that do not exist")
    ordered = tuple(sorted(known, key=named.index))
    return MediaToken(LessonId(lesson), SeatId(seat), connection, ordered)
