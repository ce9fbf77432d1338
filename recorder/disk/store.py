"""Objects in a folder or in S3, through one library; what goes wrong is said in words that give no key away."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

from recorder.core.jobs import Later
from recorder.disk.files import Disk

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config

PUT_TIMEOUT: Final = timedelta(minutes=5)
"""One part on the slowest uplink that can keep up with a school's lessons: 8 MiB at 256 kbit/s."""
CONNECT_TIMEOUT: Final = timedelta(seconds=10)
RETRIES: Final = 2
"""For a packet lost; a store that stays away is the job's to wait for."""
RETRY_FOR: Final = timedelta(seconds=30)
LONGEST_WORDS: Final = 240


class StoreAway(Later):
    """The store did not do it this time; the sentence says what it answered."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A place in S3, or in what speaks like it."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    """Empty: that of the region."""
    region: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    certificate: bytes = b""
    """PEM of an authority that is trusted beside the system's."""

    @property
    def shown(self) -> str:
        """As people are told of it."""
        return f"s3://{self.name}" + (f"/{self.prefix}" if self.prefix else "")


class Store:
    """Whole objects by name, there whole or not at all; what was put stays so through a power cut, and what was deleted
    stays away."""

    def __init__(
        self, objects: LocalStore | S3Store, shown: str, *, root: Path | None = None, secrets: Sequence[str] = ()
    ) -> None:
        self._objects: Final = objects
        self._secrets: Final = tuple(secret for secret in secrets if secret)
        self.shown: Final = shown
        self.root: Final = root
        """The folder, where it is one."""
        self._named: set[Path] = set()
        """Folders whose names are safe."""

    @classmethod
    def in_folder(cls, root: Path) -> "Store":
        """A folder, made if need be; raises OSError."""
        Disk().make_folder(root.absolute())
        return cls(LocalStore(root.resolve(), automatic_cleanup=True), str(root), root=root.resolve())

    @classmethod
    def in_bucket(cls, bucket: Bucket) -> "Store":
        """A bucket; nothing is asked of it yet."""
        client: ClientConfig = {
            "allow_http": bucket.endpoint.startswith("http://"),
            "timeout": PUT_TIMEOUT,
            "connect_timeout": CONNECT_TIMEOUT,
        }
        if bucket.certificate:
            client["root_certificate"] = bucket.certificate
        place: S3Config = {"endpoint": bucket.endpoint} if bucket.endpoint else {}
        objects = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            config=place,
            region=bucket.region or "us-east-1",
            access_key_id=bucket.access_key,
            secret_access_key=bucket.secret_key,
            # The server refuses a part that is not what was sent.
            checksum_algorithm="SHA256",
            # Not every such store deletes in bulk.
            disable_bulk_delete=True,
            client_options=client,
            retry_config={"max_retries": RETRIES, "retry_timeout": RETRY_FOR},
        )
        return cls(objects, bucket.shown, secrets=(bucket.secret_key, bucket.access_key))

    def put(self, name: str, content: bytes) -> None:
        """Puts an object there, in place of an older one."""
        with self._in_words(name, making=True):
            obstore.put(self._objects, name, content, use_multipart=False)
        if self.root is not None:
            self._make_safe(self.root, self.root / name)

    def get(self, name: str) -> bytes:
        """All of an object; raises FileNotFoundError."""
        with self._in_words(name):
            return bytes(obstore.get(self._objects, name).bytes())

    def read(self, name: str, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, and no others; raises FileNotFoundError."""
        with self._in_words(name):
            return bytes(obstore.get_range(self._objects, name, start=start, end=end))

    def sizes(self, prefix: str) -> dict[str, int]:
        """The objects below a prefix, with their lengths."""
        with self._in_words(prefix, making=True):
            return {each["path"]: each["size"] for batch in obstore.list(self._objects, prefix) for each in batch}

    def delete(self, names: Iterable[str]) -> None:
        """Deletes objects; one that is not there is no matter."""
        self._named.clear()  # the library takes empty folders away
        gone: set[Path] = set()
        for name in names:
            with suppress(FileNotFoundError), self._in_words(name):
                obstore.delete(self._objects, name)
            gone.add(Path(name))
        if self.root is not None:
            for path in {path.parent: path for path in gone}.values():
                Disk().sync_gone(self.root / path)

    def clear(self, prefix: str) -> None:
        """Deletes all objects below a prefix, and in a folder what a killed process left half written."""
        self.delete(self.sizes(prefix))
        if self.root is not None:
            shutil.rmtree(self.root / prefix, ignore_errors=True)
            Disk().sync_gone(self.root / prefix)

    def free_bytes(self) -> int | None:
        """How much room there is, where that can be known."""
        return None if self.root is None else shutil.disk_usage(self.root).free

    @contextmanager
    def _in_words(self, name: str, *, making: bool = False) -> Iterator[None]:
        try:
            yield
        except (NotFoundError, FileNotFoundError):
            if making:
                raise StoreAway(self._missing()) from None
            raise FileNotFoundError(f"{name} is not in the store {self.shown}") from None
        except (BaseError, OSError) as error:
            raise StoreAway(self._words(error)) from None

    def _words(self, error: Exception) -> str:
        text = " ".join(str(error).partition("Debug source")[0].partition("<?xml")[0].split())
        if isinstance(error, PermissionDeniedError | UnauthenticatedError) or "403 Forbidden" in text:
            return f"The store {self.shown} refuses our keys; see [storage] access_key and secret_key."
        if "404 Not Found" in text:
            return self._missing()
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return f"The store {self.shown} does not do it: {text[:LONGEST_WORDS]}"

    def _missing(self) -> str:
        return f"There is no store {self.shown}: make it, or correct [storage] url."

    def _make_safe(self, root: Path, path: Path) -> None:
        """The library renames and does not sync: the file, its name, and the names of folders that are new."""
        disk = Disk()
        disk.sync(path)
        disk.sync_folder(path.parent)
        for folder in (path.parent, *path.parent.parents):
            if folder == root or folder in self._named:
                break
            disk.sync_folder(folder.parent)
            self._named.add(folder)
