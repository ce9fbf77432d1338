"""A browser that trusts a county's authority, as the steps of `three-classrooms certificate` have it done."""

import os
import shutil
import subprocess
from pathlib import Path


def home_that_trusts(authority: Path, home: Path) -> dict[str, str]:
    """The environment of a Chromium whose own store vouches for what this authority has signed."""
    if shutil.which("certutil") is None:
        raise RuntimeError("the program `certutil` is missing; install it with: apt-get install libnss3-tools")
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    database = ("certutil", "-d", f"sql:{store}")
    subprocess.run([*database, "-N", "--empty-password"], check=True)
    subprocess.run([*database, "-A", "-t", "C,,", "-n", "county", "-i", str(authority)], check=True)
    return {**os.environ, "HOME": str(home)}
