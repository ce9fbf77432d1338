"""Why a connection failed, in the operating system's words and not in a library's."""

import os

import aiohttp


def why(error: Exception) -> str:
    """A few words for a person."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not trusted here"
    if isinstance(error, aiohttp.ClientConnectorError):
        # asyncio puts words of its own over the system's; names that are not found have negative numbers.
        number = error.os_error.errno or 0
        return os.strerror(number) if number > 0 else error.strerror or "no connection"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__
