"""Kinds of values that several tables of the one configuration have; each is checked where it is read."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from recorder.core.keys import MasterKey


def _web_address(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise ValueError(f"{url!r} is no http or https address")
    return url.rstrip("/")


def _key(text: str) -> str:
    MasterKey.from_hex(text)
    return text


def _former_keys(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        _key(text)
    return texts


WebAddress = Annotated[str, AfterValidator(_web_address)]
"""Without a slash at its end."""
WebAddressOrNone = Annotated[str, AfterValidator(lambda url: _web_address(url) if url else "")]
KeyText = Annotated[str, AfterValidator(_key)]
"""A master key: 64 hexadecimal digits."""
KeyTextOrNone = Annotated[str, AfterValidator(lambda text: _key(text) if text else "")]
FormerKeys = Annotated[tuple[str, ...], AfterValidator(_former_keys)]
"""Master keys that were configured before."""
