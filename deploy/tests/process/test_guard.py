"""The guard ends what is still named when its pipe closes, and nothing else."""

import subprocess
import sys
import time

from deploy.process import guard
from deploy.tests.process.programs import OBEDIENT, STUBBORN


def test_a_group_taken_back_is_left_alone() -> None:
    assert guard.follow(["+5\n", "+6\n", "-5\n"]) == {6}
    assert guard.follow([]) == set()


def start(code: str) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert child.stdout is not None and child.stdout.readline().startswith("pid ")
    return child


def test_the_pipes_end_ends_the_obedient_and_the_stubborn_but_no_one_else() -> None:
    named, stubborn, stranger = start(OBEDIENT), start(STUBBORN), start(OBEDIENT)
    try:
        began = time.monotonic()
        text = f"+{named.pid}\n+{stubborn.pid}\n+{stranger.pid}\n-{stranger.pid}\n"
        subprocess.run([sys.executable, "-I", "-S", guard.__file__], input=text, text=True, check=True, timeout=10)
        assert time.monotonic() - began < 5
        assert (named.wait(1), stubborn.wait(1)) == (-15, -9)
        assert stranger.poll() is None
    finally:
        for child in (named, stubborn, stranger):
            child.kill()
            child.communicate()
