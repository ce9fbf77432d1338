"""What library and worker are told at their start: tables of one TOML file, read once and checked."""

import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from recorder.core.keys import MasterKey
from recorder.core.retention import LEAST_LOG_DAYS, Terms
from recorder.core.space import MIB
from recorder.net.setting_kinds import FormerKeys, KeyTextOrNone, WebAddress
from recorder.net.storage_settings import StorageSettings

PAGES: Final = Path(__file__).parents[2] / "signaling" / "web" / "dist"


class SettingsError(ValueError):
    """The configuration cannot be used; the sentence names the setting."""


class LibrarySettings(BaseModel):
    """The tables [library] and [tls], the recorder's folder and master key, and signaling's address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: str = "127.0.0.1:8082"
    public_url: WebAddress = "http://localhost:8082"
    region: str = ""
    """Whose lessons these are, as `东县`."""
    store: Path = Path("var/library.sqlite")
    signing_key: Path = Path("var/library.pem")
    """Signs sessions and tombstones."""
    signaling_url: WebAddress = "http://localhost:8080"
    """Whose signature on a code counts."""
    folder: Path = Path("var/recordings")
    """Where takes lie; the recorder's."""
    master_key: KeyTextOrNone = ""
    """64 hexadecimal digits; the recorder's, and so are the next."""
    old_master_keys: FormerKeys = ()
    reserve_mib: int = Field(default=512, ge=1)
    """The recorder's; the work after the bell leaves twice as much free."""
    storage: StorageSettings = StorageSettings()
    segment_days: int = Field(default=7, ge=1)
    raw_days: int = Field(default=90, ge=1)
    shelf_days: int = Field(default=0, ge=0)
    """0: what is on the shelf stays until somebody deletes it."""
    log_days: int = Field(default=LEAST_LOG_DAYS, ge=LEAST_LOG_DAYS)
    check_days: int = Field(default=30, ge=0)
    """How often stored files are compared with what was stored; 0: never."""
    pages: Path = PAGES
    certificate: str = ""
    key: str = ""

    @classmethod
    def load(cls, path: Path) -> "LibrarySettings":
        """Reads the file; raises SettingsError."""
        try:
            tables = tomllib.loads(Path(path).read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: {error}") from None
        recorder, signaling = tables.get("recorder", {}), tables.get("signaling", {})
        shared = ("folder", "master_key", "old_master_keys", "reserve_mib")
        told: dict[str, Any] = {name: recorder[name] for name in shared if name in recorder}
        told["storage"] = StorageSettings.told(tables.get("storage", {}))
        told |= {"signaling_url": signaling["public_url"]} if "public_url" in signaling else {}
        return cls.checked({**told, **tables.get("tls", {}), **tables.get("library", {})})

    @classmethod
    def checked(cls, told: dict[str, Any]) -> "LibrarySettings":
        """Makes settings of tables that were read; raises SettingsError."""
        try:
            return cls(**told)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            table, *names = first["loc"] if first["loc"][:1] == ("storage",) else ("library", *first["loc"])
            where = ".".join(str(part) for part in names)
            raise SettingsError(f"[{table}] {where}: {first['msg']}") from None

    @field_validator("listen")
    @classmethod
    def _has_port(cls, listen: str) -> str:
        host, colon, port = listen.rpartition(":")
        if not colon or not host or not port.isdecimal() or int(port) > 65535:
            raise ValueError(f"{listen!r} is no address with a port, such as 127.0.0.1:8082")
        return listen

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def secure(self) -> bool:
        """Pages are reached over HTTPS, so cookies must not leave it."""
        return self.public_url.startswith("https://")

    @property
    def master(self) -> MasterKey:
        """Opens the lessons' keys; raises SettingsError where none is configured."""
        if not self.master_key:
            raise SettingsError("[recorder] master_key is missing; without it no take can be read.")
        return MasterKey.from_hex(self.master_key, self.old_master_keys)

    @property
    def terms(self) -> Terms:
        """The retention clocks."""
        return Terms(self.segment_days, self.raw_days, self.shelf_days or None, self.log_days, self.check_days)

    @property
    def reserve_bytes(self) -> int:
        """Never used, whatever comes."""
        return self.reserve_mib * MIB
