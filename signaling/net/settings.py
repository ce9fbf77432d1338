"""What signaling is told at its start: one table of one TOML file, read once and checked."""

import re
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

PACKAGED_PAGES: Final = Path(__file__).parent.parent / "web" / "dist"
SHORTEST_SECRET: Final = 16
_ICE_URL: Final = re.compile(r"(stuns?:[^\s/?@]+|turns?:[^\s/?@]+(\?transport=(udp|tcp))?)")


class SettingsError(ValueError):
    """The configuration cannot be used; the sentence names the setting."""


class SignalingSettings(BaseModel):
    """The tables [signaling] and [tls], and the node's public address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: str = "127.0.0.1:8080"
    public_url: str = "http://localhost:8080"
    operator_key: str = Field(min_length=SHORTEST_SECRET)
    store: Path = Path("var/signaling.sqlite")
    county: str = ""
    """Where timetables are: a file, or a URL of PostgreSQL; empty: `county.sqlite` beside the store."""
    signing_key: Path = Path("var/signing.pem")
    node_url: str = "http://127.0.0.1:8081"
    node_public_url: str = ""
    """Where encoders reach the node; empty means `node_url`."""
    signaling_token: str = Field(min_length=SHORTEST_SECRET)
    node_token: str = Field(min_length=SHORTEST_SECRET)
    recorder_token: str = Field(default="", pattern=rf"^(.{{{SHORTEST_SECRET},}})?$")
    """What the recorder shows; empty: there is none, and its door is closed."""
    library_public_url: str = ""
    """Where the library is; empty: there is none."""
    proxies: int = Field(default=0, ge=0, le=8)
    """How many proxies of ours stand before signaling, each adding to X-Forwarded-For; 0: that header is not read."""
    front_listen: str = ""
    """Where this machine's front brings its guests, as `127.0.0.1:8083`: PROXY protocol, then TLS. Empty: nowhere."""
    ice_servers: tuple[str, ...] = ()
    """TURN or STUN servers of ours that pages may use, as `turns:turn.school.example:443?transport=tcp`; none else."""
    ice_secret: str = Field(default="", pattern=rf"^(.{{{SHORTEST_SECRET},}})?$")
    """What the TURN servers know as `static-auth-secret`; empty: they want nothing to be shown."""
    library_url: str = ""
    """Where signaling itself reaches the library, for those that reach nothing but the front."""
    region: str = ""
    """Whose lessons these are, as `东县`; who comes from here may see what is of here."""
    pages: Path = PACKAGED_PAGES
    certificate: str = ""
    key: str = ""

    @classmethod
    def load(cls, path: Path) -> "SignalingSettings":
        """Reads the file; raises SettingsError."""
        try:
            tables = tomllib.loads(Path(path).read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: {error}") from None
        tls = _table(tables, "tls")
        library = _told_of_library(_table(tables, "library"), secure=bool(tls.get("certificate")))
        own = {**library, **_table(tables, "signaling"), **tls}
        return cls.checked(own, _table(tables, "node"))

    @classmethod
    def checked(cls, own: dict[str, Any], node: dict[str, Any] | None = None) -> "SignalingSettings":
        """Makes settings of tables that were read; raises SettingsError."""
        if "node_public_url" not in own and node and node.get("public_url"):
            own = {**own, "node_public_url": node["public_url"]}
        try:
            return cls(**own)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise SettingsError(f"[signaling] {where}: {first['msg']}") from None

    @field_validator("listen")
    @classmethod
    def _has_port(cls, listen: str) -> str:
        address_of(listen)
        return listen

    @field_validator("front_listen")
    @classmethod
    def _is_of_this_machine(cls, listen: str) -> str:
        if listen and not ip_address(address_of(listen)[0]).is_loopback:
            raise ValueError(f"{listen!r} is not of this machine; who can reach it can claim any address")
        return listen

    @model_validator(mode="after")
    def _front_is_safe(self) -> "SignalingSettings":
        if self.front_listen and not self.certificate:
            raise ValueError("front_listen needs the certificate of [tls]: what the front brings is TLS")
        if self.front_listen and self.proxies:
            raise ValueError("front_listen and proxies cannot both be: no proxy of ours stands before the front")
        return self

    @field_validator("public_url", "node_url", "node_public_url", "library_public_url", "library_url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
            raise ValueError(f"{url!r} is no http or https address")
        return url.rstrip("/")

    @field_validator("ice_servers")
    @classmethod
    def _are_ice_urls(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            if not _ICE_URL.fullmatch(url):
                raise ValueError(f"{url!r} is no server such as turns:turn.school.example:443?transport=tcp")
        return urls

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        return address_of(self.listen)

    @property
    def secure(self) -> bool:
        """Pages are reached over HTTPS, so cookies must not leave it."""
        return self.public_url.startswith("https://")


def address_of(listen: str) -> tuple[str, int]:
    """Takes `127.0.0.1:8080` or `[::1]:8080` apart; raises ValueError."""
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{listen!r} is no address with a port, such as 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def _told_of_library(library: dict[str, Any], *, secure: bool) -> dict[str, Any]:
    """What the library's own table says of where it is and whose it is."""
    names = {"public_url": "library_public_url", "region": "region"}
    told = {ours: library[theirs] for theirs, ours in names.items() if library.get(theirs)}
    listen = str(library.get("listen", "")).replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:")
    return {**told, **({"library_url": f"{'https' if secure else 'http'}://{listen}"} if listen else {})}


def _table(tables: dict[str, Any], name: str) -> dict[str, Any]:
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{name} is no table")
    return table
