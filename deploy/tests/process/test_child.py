"""A child's lines carry its name, and nothing that it started outlives it."""

import asyncio
import signal
import sys

from deploy.process.child import LONGEST_LINE, Child, Program
from deploy.tests.process.programs import OBEDIENT, PARENT, left, pids, python


async def run(program: Program) -> tuple[int, list[tuple[str, str]]]:
    lines: list[tuple[str, str]] = []
    child = await Child.start(program, lambda name, line: lines.append((name, line)))
    return await child.ended(), lines


async def test_both_outputs_come_line_by_line_with_the_name() -> None:
    code, lines = await run(
        python("node", "import sys; print('one\\ntwo'); sys.stdout.flush(); sys.stderr.write('three')")
    )
    assert code == 0 and lines == [("node", "one"), ("node", "two"), ("node", "three")]


async def test_the_exit_code_is_the_childs() -> None:
    assert (await run(python("node", "raise SystemExit(78)")))[0] == 78


async def test_a_line_without_end_does_not_grow_in_memory() -> None:
    _, lines = await run(python("node", f"print('x' * {3 * LONGEST_LINE}, end='')"))
    assert sum(len(line) for _, line in lines) == 3 * LONGEST_LINE
    assert max(len(line) for _, line in lines) <= 2 * LONGEST_LINE


async def test_bytes_that_are_no_text_do_not_harm() -> None:
    _, lines = await run(python("node", "import os; os.write(1, b'\\xff\\xfe!\\n')"))
    assert lines == [("node", "\ufffd\ufffd!")]


async def test_a_grandchild_ends_with_the_child() -> None:
    lines: list[tuple[str, str]] = []
    said = asyncio.Event()

    def say(name: str, line: str) -> None:
        lines.append((name, line))
        if len(pids(lines)) == 2:
            said.set()

    child = await Child.start(python("node", PARENT, OBEDIENT), say)
    await asyncio.wait_for(said.wait(), 30)
    child.process.send_signal(signal.SIGKILL)
    assert await child.ended() == -9
    assert left(pids(lines)) == []


async def test_the_environment_of_the_program_is_added() -> None:
    code = "import os; print(os.environ['SSL_CERT_FILE'], 'PATH' in os.environ)"
    _, lines = await run(Program("node", (sys.executable, "-c", code), (("SSL_CERT_FILE", "/a"),)))
    assert lines == [("node", "/a True")]
