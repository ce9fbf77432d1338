import os
import subprocess
import sys
import time
from collections.abc import Callable

from classroom_client.demo.cost import cpu_seconds, in_cores


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not done() and time.monotonic() < end:
        time.sleep(0.05)


def test_a_child_that_works_is_named_by_its_module_and_costs_what_it_worked() -> None:
    child = subprocess.Popen([sys.executable, "-m", "timeit", "-r", "1", "-n", "1", "while True: pass"])
    try:
        until(lambda: cpu_seconds(os.getpid(), 0).get("timeit", 0) > 0.3)
        assert cpu_seconds(os.getpid(), 0)["timeit"] > 0.3
        assert cpu_seconds(os.getppid(), os.getpid())["demonstration"] > 0
    finally:
        child.kill()
        child.wait()


def test_the_line_says_cores_of_each_and_together() -> None:
    line = in_cores({"sfu": 1.0, "gone": 3.0}, {"sfu": 7.0, "new": 50.0, "signaling": 0.0}, 60.0)
    assert line == "CPU in cores: new 0.00, sfu 0.10, signaling 0.00; together 0.10"
