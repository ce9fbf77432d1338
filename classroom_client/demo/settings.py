"""What the demonstration is told: the operator's part of the one configuration file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Self


class SettingsError(ValueError):
    """The demonstration cannot start so; the sentence says why."""


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """Where the system is and how to be its operator."""

    server: str
    operator_key: str
    folder: Path
    """Holds clips and logs between runs."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads [signaling] of the configuration; raises SettingsError."""
        try:
            table = tomllib.loads(path.read_text("utf-8")).get("signaling", {})
            server, key = table["public_url"], table["operator_key"]
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: {error}") from None
        except KeyError as error:
            raise SettingsError(f"{path}: [signaling] has no {error.args[0]}") from None
        except TypeError:
            raise SettingsError(f"{path}: signaling is no table") from None
        return cls(str(server).rstrip("/"), str(key), path.parent)
