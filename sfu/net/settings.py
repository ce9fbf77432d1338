"""What a node is told at its start: the tables [node] and [tls] of one TOML file, read once and checked."""

import ipaddress
import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

SHORTEST_SECRET: Final = 16
AUTO: Final = "auto"
"""Instead of a host: every address of this machine."""


class SettingsError(ValueError):
    """The configuration cannot be used; the sentence names file and setting."""


class NodeSettings(BaseModel):
    """One node's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="node-1", min_length=1)
    listen: str = "127.0.0.1:8081"
    """Control, WHIP, WHEP and metrics."""
    public_url: str = "http://localhost:8081"
    """Where encoders reach this node."""
    media: tuple[str, ...] = Field(default=(f"{AUTO}:7000",), min_length=1)
    """Where media sockets are bound: `auto:7000`, `192.0.2.7:7000`, `[2001:db8::7]:7000`."""
    announce: tuple[str, ...] = ()
    """What peers are told instead of the bound addresses, as behind a forwarded port."""
    tcp: bool = True
    """Whether media is also taken over TCP, at the ports of `media`; announced ports must lead there as well."""
    front: tuple[str, ...] = ()
    """Where TCP is taken in as well, for schools that reach one port only: `auto:443`. TLS goes on to `front_to`."""
    front_to: str = "127.0.0.1:8083"
    """Where signaling takes in what the front brings, on this machine: its `front_listen`."""
    signaling_token: str = Field(min_length=SHORTEST_SECRET)
    """What signaling shows."""
    node_token: str = Field(min_length=SHORTEST_SECRET)
    """What this node shows."""
    certificate: str = ""
    key: str = ""

    @classmethod
    def load(cls, path: Path) -> "NodeSettings":
        """Reads the file; raises SettingsError."""
        try:
            tables = tomllib.loads(Path(path).read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: {error}") from None
        values: dict[str, Any] = {}
        for name in ("node", "tls"):
            table = tables.get(name, {})
            if not isinstance(table, dict):
                raise SettingsError(f"{path}: {name} is no table")
            values |= table
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise SettingsError(f"{path}: [node] {where}: {first['msg']}") from None

    @field_validator("listen")
    @classmethod
    def _listens(cls, value: str) -> str:
        address_of(value)
        return value

    @field_validator("front_to")
    @classmethod
    def _is_of_this_machine(cls, value: str) -> str:
        host, _ = address_of(value)
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{value!r} is not of this machine, such as 127.0.0.1:8083")
        return value

    @field_validator("media", "announce", "front")
    @classmethod
    def _are_addresses(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            host, _ = address_of(value)
            if host in ("0.0.0.0", "::"):
                raise ValueError(f"{value!r} is no address of its own; name each one, or say auto")
        return values

    @field_validator("announce")
    @classmethod
    def _are_told(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if address_of(value)[0] == AUTO:
                raise ValueError("auto can be bound, not announced")
        return values

    @model_validator(mode="after")
    def _both_or_none(self) -> "NodeSettings":
        if bool(self.certificate) != bool(self.key):
            raise ValueError("certificate and key belong together: give both, or neither")
        return self


def address_of(value: str) -> tuple[str, int]:
    """Takes `127.0.0.1:8081` or `[::1]:8081` apart; raises ValueError."""
    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not (port.isascii() and port.isdecimal()) or int(port) > 65535:
        raise ValueError(f"{value!r} is no address with a port, such as 127.0.0.1:8081 or [::1]:8081")
    return host, int(port)
