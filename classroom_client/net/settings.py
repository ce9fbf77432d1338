"""What one client is told at its start."""

import ssl
from pathlib import Path
from typing import Any, Self, get_args
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from classroom_client.core.watching import Sink
from signaling.messages.ids import Source


class SettingsError(ValueError):
    """The client cannot start so; the sentence names the setting."""


class SourceFile(BaseModel):
    """A file that is published as a source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Source
    path: Path

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `source=file`; raises SettingsError."""
        source, equals, path = text.partition("=")
        if not equals or not path:
            raise SettingsError(f"{text}: a source is given as name=file, as teacher=lesson.mp4")
        if source not in get_args(Source):
            raise SettingsError(f"{source}: no source; the sources are {', '.join(get_args(Source))}")
        return cls.model_validate({"source": source, "path": path})


class ClientSettings(BaseModel):
    """The configuration of one client, frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    server: str
    """Where signaling is, as http://localhost:8080."""
    code: str = Field(min_length=1, repr=False)
    """The one-time code of an invitation."""
    sources: tuple[SourceFile, ...] = ()
    sink: Sink = "count"
    """`count` decodes one picture and counts the rest; `decode` decodes all."""
    duration_s: float | None = Field(default=None, gt=0)
    """How long to stay; None until the lesson ends."""
    ca: Path | None = None
    """Trusted beside the system's certificate authorities."""
    sent_log: Path | None = None
    """Where to write which frame was sent when."""

    @field_validator("server")
    @classmethod
    def _is_url(cls, server: str) -> str:
        parts = urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError("this is no address of a server, as http://localhost:8080")
        return server.rstrip("/")

    @field_validator("ca")
    @classmethod
    def _is_authority(cls, ca: Path | None) -> Path | None:
        try:
            trust(ca)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"{ca} cannot be used as an authority: {error.strerror or error}") from None
        return ca

    @field_validator("sources")
    @classmethod
    def _once_each(cls, sources: tuple[SourceFile, ...]) -> tuple[SourceFile, ...]:
        if len({source.source for source in sources}) < len(sources):
            raise ValueError("each source can be given once")
        return sources

    @property
    def host(self) -> str:
        """The server's host name or address."""
        return urlsplit(self.server).hostname or ""

    @classmethod
    def checked(cls, **values: Any) -> Self:
        """Makes settings; raises SettingsError."""
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise SettingsError(f"{where}: {first['msg']}") from None


def trust(ca: Path | None) -> ssl.SSLContext:
    """Whom to believe: the system's authorities, and this one; raises OSError or SSLError."""
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(ca)
    return context


def server_and_code(link: str) -> tuple[str, str]:
    """Takes a join link apart: server address and one-time code; raises SettingsError."""
    wrong = SettingsError("this is no join link; it looks like http://host:8080/lesson/L…#code=…")
    try:
        parts = urlsplit(link)
    except ValueError:
        raise wrong from None
    codes = parse_qs(parts.fragment).get("code", [])
    if not parts.scheme or not parts.netloc or len(codes) != 1:
        raise wrong
    return f"{parts.scheme}://{parts.netloc}", codes[0]
