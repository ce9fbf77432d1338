"""Which lines of a service a person who watches the terminal wants to see."""

import re

# structlog's level in either of its forms, JSON or logfmt.
_ROUTINE = re.compile(r"""(^|[\s{,])"?level"?(=|:\s*)"?(debug|info)\b""")


def is_routine(line: str) -> bool:
    """A structured line that reports nothing wrong; whatever is not structured may be a traceback."""
    return _ROUTINE.search(line) is not None
