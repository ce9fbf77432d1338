"""Reads and writes the configuration file; whoever is not its owner cannot read it."""

import os
import secrets
import tomllib
from pathlib import Path

from deploy.core.configuration import (
    ConfigurationError,
    Secrets,
    Tables,
    completed,
    edited,
    first_configuration,
    written,
)


def read(path: Path) -> Tables:
    """The tables of an existing file."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"There is no {path}. `three-classrooms up` makes one; --config names another."
        ) from None
    except PermissionError:
        raise ConfigurationError(f"{path} belongs to another user. Run this as its owner.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is no TOML: {error}.") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigurationError(f"{path}: {name} is a value, where a table [{name}] belongs.")
    return tables


def read_or_make(path: Path) -> tuple[Tables, bool]:
    """The tables, and whether the file was made just now with new secrets."""
    if path.exists():
        before = read(path)
        after = completed(before, _new_secrets(), path.parent.resolve())
        if after != before:
            change(path, before, after)
        return after, False
    tables = first_configuration(_new_secrets(), path.parent.resolve())
    _write(path, written(tables))
    return tables, True


def change(path: Path, before: Tables, after: Tables) -> None:
    """Puts the changed settings into the file and leaves the rest of it as a person wrote it."""
    text = edited(path.read_text("utf-8"), before, after)
    if not _says(text, after):
        raise ConfigurationError(f"{path} is written in a way that `up` cannot change; put the options in by hand.")
    _write(path, text)


def _says(text: str, tables: Tables) -> bool:
    try:
        return tomllib.loads(text) == tables
    except tomllib.TOMLDecodeError:
        return False


def _write(path: Path, text: str) -> None:
    """Writes the file whole or not at all, with mode 0600 before the first secret is in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _new_secrets() -> Secrets:
    operator_key, signaling_token, node_token, recorder_token = (secrets.token_urlsafe(24) for _ in range(4))
    return Secrets(operator_key, signaling_token, node_token, secrets.token_hex(32), recorder_token)
