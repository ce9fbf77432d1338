"""What a token says, as data; signing is the shell's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from signaling.messages.ids import AUDIO_SOURCES, VIDEO_SOURCES, Connection, LessonId, Role, SeatId, Source

ISSUER: Final = "signaling"
SESSION_LIFETIME_S: Final = 12 * 3600
"""A school day: whoever came in the morning needs no second code."""
LIBRARY_LIFETIME_S: Final = 60
"""A code is exchanged as soon as the link is opened."""
MEDIA_LIFETIME_S: Final = 300
"""An encoder needs its token once, at the start; what it opened lives on."""


class ClaimsError(ValueError):
    """This token says nothing that we understand."""


@dataclass(frozen=True, slots=True)
class SessionClaims:
    """Whose cookie or bearer token this is."""

    token: str
    """The token's own name, so that it can be ended early."""
    lesson: LessonId
    seat: SeatId
    issued_at_s: int
    expires_at_s: int

    def to_claims(self) -> dict[str, object]:
        """The JWT's claims (RFC 7519 section 4.1)."""
        return {
            "iss": ISSUER,
            "aud": "signaling",
            "jti": self.token,
            "lesson": self.lesson,
            "seat": self.seat,
            "iat": self.issued_at_s,
            "exp": self.expires_at_s,
        }


@dataclass(frozen=True, slots=True)
class MediaClaims:
    """What a WHIP or WHEP client may do at the node."""

    token: str
    lesson: LessonId
    seat: SeatId
    connection: Connection
    video: Source | None
    audio: Source | None
    issued_at_s: int
    expires_at_s: int

    def to_claims(self) -> dict[str, object]:
        """The JWT's claims, as PROTOCOL.md has them."""
        return {
            "iss": ISSUER,
            "aud": "node",
            "jti": self.token,
            "lesson": self.lesson,
            "seat": self.seat,
            "connection": self.connection,
            "video": self.video,
            "audio": self.audio,
            "iat": self.issued_at_s,
            "exp": self.expires_at_s,
        }


@dataclass(frozen=True, slots=True)
class LibraryClaims:
    """Who comes to the library; the operator has neither seat nor lesson."""

    token: str
    role: Role
    lesson: LessonId | None
    seat: SeatId | None
    school: str
    region: str
    issued_at_s: int
    expires_at_s: int

    def to_claims(self) -> dict[str, object]:
        """The JWT's claims, as PROTOCOL.md has them."""
        return {
            "iss": ISSUER,
            "aud": "library",
            "jti": self.token,
            "role": self.role,
            "lesson": self.lesson or "",
            "seat": self.seat or "",
            "school": self.school,
            "region": self.region,
            "iat": self.issued_at_s,
            "exp": self.expires_at_s,
        }


def session_claims(claims: Mapping[str, object], now_s: float) -> SessionClaims:
    """Reads the claims of a session token whose signature is good; raises ClaimsError."""
    if claims.get("iss") != ISSUER or claims.get("aud") != "signaling":
        raise ClaimsError("this token is for something else")
    read = SessionClaims(
        token=_text(claims, "jti"),
        lesson=LessonId(_text(claims, "lesson")),
        seat=SeatId(_text(claims, "seat")),
        issued_at_s=_number(claims, "iat"),
        expires_at_s=_number(claims, "exp"),
    )
    if now_s >= read.expires_at_s:
        raise ClaimsError("this token has expired")
    return read


def media_sources(
    connection: str, video: str | None, audio: str | None, publishable: tuple[Source, ...]
) -> tuple[Source | None, Source | None]:
    """Which sources a WHIP offer's sections are; without a wish the first of each kind that the seat may publish."""
    if connection == "subscribe":
        return None, None
    return _chosen(video, VIDEO_SOURCES, publishable), _chosen(audio, AUDIO_SOURCES, publishable)


def is_connection(name: str) -> bool:
    """Tells whether this names one of a seat's connections."""
    return name in get_args(Connection)


def _chosen(wish: str | None, of_kind: tuple[Source, ...], publishable: tuple[Source, ...]) -> Source | None:
    choice = [source for source in publishable if source in of_kind]
    if wish is None:
        return choice[0] if choice else None
    if wish not in choice:
        raise ClaimsError(f"This seat may not publish {wish} so; it may publish {', '.join(choice) or 'nothing'}")
    return next(source for source in choice if source == wish)


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise ClaimsError(f"{name} is missing")
    return value


def _number(claims: Mapping[str, object], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ClaimsError(f"{name} is missing")
    return value
