"""`python -m classroom_client.demo --config FILE`: the demonstration lesson beside a running system."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from classroom_client.demo.clips import make_clips
from classroom_client.demo.net.lesson import demonstrate
from classroom_client.demo.net.operator import Refused
from classroom_client.demo.settings import DemoSettings, SettingsError


def say(line: str) -> None:
    """One line for whoever watches the terminal."""
    print(line, flush=True)


def demo(
    config: Annotated[Path, typer.Option(help="The configuration of the running system.")] = Path(
        "var/three-classrooms.toml"
    ),
    clips_only: Annotated[bool, typer.Option(help="Make the clips, print their folder, and end.")] = False,
) -> None:
    """Hold a lesson of one lead and four rooms from clips, and print links for people."""
    clips = config.parent / "clips"
    if clips_only:
        typer.echo(make_clips(clips, lambda line: print(line, file=sys.stderr, flush=True)))
        return
    try:
        settings = DemoSettings.load(config)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(asyncio.run(_run(settings, config)))


async def _run(settings: DemoSettings, config: Path) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    clips = await _made_clips(config, stop)
    if clips is None:
        return 0 if stop.is_set() else 1
    try:
        await demonstrate(settings, clips, stop, say)
    except Refused as error:
        say(f"the demonstration ends: {error}")
        return 0 if stop.is_set() else 1
    return 0


async def _made_clips(config: Path, stop: asyncio.Event) -> Path | None:
    """In a process of its own: it can be ended at any moment, and takes its memory with it."""
    making = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "classroom_client.demo", "--config", str(config), "--clips-only"),
        stdout=asyncio.subprocess.PIPE,
    )
    stopped = asyncio.create_task(stop.wait())
    done = asyncio.create_task(making.communicate())
    await asyncio.wait((stopped, done), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not done.done():
        making.kill()
    output, _ = await done
    return Path(output.decode().strip()) if making.returncode == 0 else None


if __name__ == "__main__":
    typer.run(demo)
