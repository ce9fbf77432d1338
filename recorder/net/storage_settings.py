"""Where takes go after the bell: the table [storage] of the one TOML file, its keys from there or the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from recorder.disk.store import Bucket, Store
from recorder.net.setting_kinds import WebAddressOrNone

ENVIRONMENT: Final = {
    "access_key": "THREE_CLASSROOMS_STORAGE_ACCESS_KEY",
    "secret_key": "THREE_CLASSROOMS_STORAGE_SECRET_KEY",
}


class StorageSettings(BaseModel):
    """A folder or a bucket; without a url the recorder's folder is the store, and nothing is copied."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = ""
    """A folder's path, or `s3://bucket/prefix`."""
    endpoint: WebAddressOrNone = ""
    """Where the bucket is, as `https://storage.example:9000`; empty: by its region."""
    region: str = ""
    access_key: SecretStr = Field(default=SecretStr(""))
    secret_key: SecretStr = Field(default=SecretStr(""))
    certificate: str = ""
    """PEM of the authority that vouches for the endpoint, where the system does not know it."""

    @classmethod
    def told(cls, table: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
        """The table, with the keys that stand in the environment."""
        return {**table, **{key: environment[name] for key, name in ENVIRONMENT.items() if environment.get(name)}}

    @field_validator("url")
    @classmethod
    def _is_place(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("", "file", "s3") or (parts.scheme == "s3" and not parts.netloc):
            raise ValueError(f"{url!r} is no folder and no s3://bucket/prefix")
        if parts.username or parts.password:
            raise ValueError("keys stand in access_key and secret_key, never in the url")
        return url

    @model_validator(mode="after")
    def _has_keys(self) -> "StorageSettings":
        if self.in_bucket and not (self.access_key.get_secret_value() and self.secret_key.get_secret_value()):
            raise ValueError(
                "access_key and secret_key are missing; give them here or as " + ", ".join(ENVIRONMENT.values())
            )
        return self

    @property
    def in_bucket(self) -> bool:
        """It is S3, or speaks like it."""
        return urlsplit(self.url).scheme == "s3"

    def open(self, home: Path) -> Store:
        """The store; `home` is the recorder's folder. Raises OSError where a folder or certificate cannot be read."""
        parts = urlsplit(self.url)
        if not self.in_bucket:
            named = unquote(parts.path) if parts.scheme == "file" else self.url
            return Store.in_folder(Path(named) if named else home)
        return Store.in_bucket(
            Bucket(
                name=parts.netloc,
                prefix=parts.path.strip("/"),
                endpoint=self.endpoint,
                region=self.region,
                access_key=self.access_key.get_secret_value(),
                secret_key=self.secret_key.get_secret_value(),
                certificate=Path(self.certificate).read_bytes() if self.certificate else b"",
            )
        )
