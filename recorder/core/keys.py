"""Keys: a random one per lesson, wrapped by the master key; what it is used for gets keys derived from it.

AES key wrap (RFC 3394) needs no nonce and says so when the master is another one. Wrapped rather than derived from the
master: deleting the wrapped key makes a lesson unreadable wherever copies of its files lie.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from recorder.core.form import Form, FormatError, canonical, parsed
from signaling.messages.ids import LessonId

VERSION: Final = 1
FORMAT: Final = "three-classrooms lesson key"
KEY_BYTES: Final = 32


class WrongMaster(FormatError):
    """Nothing is lost: the key that opens it is another one than is configured."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """From the configuration: 64 hexadecimal digits."""

    secret: bytes
    former: tuple[bytes, ...] = ()
    """Masters that wrapped some lessons' keys before; these only open."""

    @classmethod
    def from_hex(cls, text: str, former: Iterable[str] = ()) -> "MasterKey":
        """Raises ValueError, which says how to make one."""
        secrets = [_secret(each) for each in (text, *former)]
        return cls(secrets[0], tuple(secrets[1:]))

    @property
    def name(self) -> str:
        """Tells masters apart without giving them away."""
        return _name(self.secret)

    @property
    def tombstone_key(self) -> bytes:
        """Signs what stays when the lesson's key is gone."""
        return self.tombstone_keys[0]

    @property
    def tombstone_keys(self) -> tuple[bytes, ...]:
        """The same, and those that signed before."""
        return tuple(_derived(each, b"", "tombstone") for each in (self.secret, *self.former))

    def named(self, name: str) -> bytes | None:
        """The secret of that name, of this master or a former one."""
        return next((each for each in (self.secret, *self.former) if _name(each) == name), None)


@dataclass(frozen=True, slots=True)
class LessonKey:
    """32 random bytes."""

    secret: bytes

    @property
    def index_key(self) -> bytes:
        return _derived(self.secret, b"", "index")

    @property
    def manifest_key(self) -> bytes:
        return _derived(self.secret, b"", "manifest")

    def file_key(self, file: bytes) -> bytes:
        """A file's own key; `file` is the random name in its header."""
        return _derived(self.secret, file, "file")


@dataclass(frozen=True, slots=True)
class WrappedKey:
    lesson: LessonId
    master: str
    """The name of the master key that wrapped it."""
    wrapped: str
    """In hexadecimal."""


WRAPPED: Final[Form[WrappedKey]] = Form("lesson key", WrappedKey)


def wrap(master: MasterKey, lesson: LessonId, key: LessonKey) -> bytes:
    """The content of `key.json`."""
    wrapped = WrappedKey(lesson, master.name, aes_key_wrap(master.secret, key.secret).hex())
    return canonical(WRAPPED.fields(wrapped) | {"format": FORMAT, "version": VERSION}) + b"\n"


def unwrap(master: MasterKey, lesson: LessonId, text: bytes) -> LessonKey:
    """The lesson's key out of `key.json`; raises FormatError."""
    found = _read(lesson, text)
    secret = master.named(found.master)
    if secret is None:
        raise WrongMaster(
            f"lesson key of {lesson}: wrapped by master key {found.master}, and {master.name} is configured; "
            "put that one back, or into [recorder] old_master_keys"
        )
    try:
        return LessonKey(aes_key_unwrap(secret, bytes.fromhex(found.wrapped)))
    except (InvalidUnwrap, ValueError):
        raise FormatError(f"lesson key of {lesson}: damaged; restore key.json from a copy") from None


def wrapped_anew(master: MasterKey, lesson: LessonId, text: bytes) -> bytes | None:
    """The content of `key.json` under this master; None where it is that already. Raises FormatError."""
    return None if _read(lesson, text).master == master.name else wrap(master, lesson, unwrap(master, lesson, text))


def _read(lesson: LessonId, text: bytes) -> WrappedKey:
    data = parsed("lesson key", text)
    if data.pop("format", None) != FORMAT or data.pop("version", None) != VERSION:
        raise FormatError(f"lesson key: no {FORMAT} of version {VERSION}")
    found = WRAPPED.read(canonical(data))
    if found.lesson != lesson:
        raise FormatError(f"lesson key: it belongs to {found.lesson}, not to {lesson}")
    return found


def _secret(text: str) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise ValueError("the master key is 64 hexadecimal digits; make one with `openssl rand -hex 32`")
    return secret


def _name(secret: bytes) -> str:
    return sha256(b"three-classrooms master key" + secret).hexdigest()[:16]


def _derived(secret: bytes, salt: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt or None, b"three-classrooms " + purpose.encode()).derive(secret)
