"""What the recorder is told at its start: the table [recorder] of the one TOML file, read once and checked."""

import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recorder.core.keys import MasterKey
from recorder.core.space import MIB, SpaceRules
from recorder.net.library_settings import SettingsError
from recorder.net.setting_kinds import FormerKeys, KeyText, WebAddress

SHORTEST_SECRET: Final = 16


class RecorderSettings(BaseModel):
    """One recorder's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="recorder-1", min_length=1, max_length=64)
    signaling_url: WebAddress = "http://localhost:8080"
    """Where signaling is; without it, the `public_url` of [signaling]."""
    token: str = Field(min_length=SHORTEST_SECRET)
    """What is shown to signaling: its `recorder_token`."""
    folder: Path = Path("var/recordings")
    master_key: KeyText
    """Without it no take can be read again."""
    old_master_keys: FormerKeys = ()
    """Those that were configured before, until the worker has wrapped all lessons' keys anew."""
    reserve_mib: int = Field(default=512, ge=1)
    """Never used, whatever comes."""
    lesson_minutes: int = Field(default=50, ge=1, le=600)
    """What a lesson is expected to last, for the forecast of space."""
    certificate: str = ""
    """Trusted beside those of the system, as `up --tls-cert` has it."""

    @classmethod
    def load(cls, path: Path) -> "RecorderSettings":
        """Reads the file; raises SettingsError."""
        try:
            tables = tomllib.loads(Path(path).read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: {error}") from None
        signaling, tls = tables.get("signaling", {}), tables.get("tls", {})
        told: dict[str, Any] = {"signaling_url": signaling["public_url"]} if "public_url" in signaling else {}
        told |= {"certificate": tls["certificate"]} if "certificate" in tls else {}
        try:
            return cls(**{**told, **tables.get("recorder", {})})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise SettingsError(f"{path}: [recorder] {where}: {first['msg']}") from None

    @property
    def master(self) -> MasterKey:
        """Wraps the lessons' keys."""
        return MasterKey.from_hex(self.master_key, self.old_master_keys)

    @property
    def rules(self) -> SpaceRules:
        """For forecasts and refusals."""
        return SpaceRules(self.reserve_mib * MIB, self.lesson_minutes * 60)
