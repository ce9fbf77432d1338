"""How many files and connections a service may have open at once."""

import resource
from typing import Final

WANTED: Final = 16_384
"""A shell gives 1,024; each guest of the node's front takes two of the node and one of signaling."""


def allow() -> int:
    """Raises this process's limit as far as the system lets it, and with it that of programs it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    able = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < able:
        resource.setrlimit(resource.RLIMIT_NOFILE, (able, hard))
        soft = able
    return soft
