import asyncio
import signal
import sys
from pathlib import Path

from sfu.tests.net.node import NODE_TOKEN, SIGNALING_TOKEN

ROOT = Path(__file__).resolve().parents[2]


async def started(*arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sfu", *arguments, cwd=ROOT, stdout=pipe, stderr=pipe
    )


async def test_a_wrong_configuration_is_one_sentence_and_not_worth_another_start(tmp_path: Path) -> None:
    process = await started("--config", str(tmp_path / "none.toml"))
    _, errors = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 78
    assert b"none.toml" in errors
    assert errors.count(b"\n") == 1


async def test_a_node_says_that_it_is_ready_tells_no_secret_and_obeys_a_signal(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    tokens = f'signaling_token = "{SIGNALING_TOKEN}"\nnode_token = "{NODE_TOKEN}"\n'
    config.write_text(f'[node]\nlisten = "127.0.0.1:0"\nmedia = ["127.0.0.1:0"]\n{tokens}')
    process = await started("--config", str(config))
    assert process.stdout is not None
    first = await asyncio.wait_for(process.stdout.readline(), 20)
    assert b"event=node_ready" in first
    process.send_signal(signal.SIGTERM)
    rest, errors = await asyncio.wait_for(process.communicate(), 10)
    assert (process.returncode, errors) == (0, b"")
    assert b"event=node_ended" in rest
    assert SIGNALING_TOKEN.encode() not in first + rest
    assert NODE_TOKEN.encode() not in first + rest
