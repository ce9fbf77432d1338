"""deploy.process.descriptors"""

import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deploy.process import descriptors


@pytest.fixture(autouse=True)
def _limits_stay() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_program_may_open_more_than_a_shell_allows() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    allowed = descriptors.allow()
    told = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)
    assert int(ran.stdout) == allowed > 256


def test_what_is_enough_already_stays() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[0] != resource.RLIM_INFINITY and before[0] < descriptors.WANTED:
        descriptors.allow()
    enough = resource.getrlimit(resource.RLIMIT_NOFILE)
    descriptors.allow()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == enough
