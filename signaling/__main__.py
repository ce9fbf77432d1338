"""`python -m signaling --config var/three-classrooms.toml` runs signaling until SIGINT or SIGTERM."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from signaling.net import service
from signaling.net.county.database import DatabaseError
from signaling.net.log import configure
from signaling.net.settings import SettingsError, SignalingSettings


def main() -> int:
    """Reads the configuration and serves."""
    parser = argparse.ArgumentParser(prog="signaling", description="Decides who meets when and who may do what.")
    parser.add_argument("--config", type=Path, default=Path("var/three-classrooms.toml"))
    try:
        settings = SignalingSettings.load(parser.parse_args().config)
    except SettingsError as error:
        print(f"signaling: {error}", file=sys.stderr)
        return 2
    configure()
    try:
        asyncio.run(_until_told(settings))
    except (OSError, DatabaseError) as error:
        print(f"signaling: {error}", file=sys.stderr)
        return 1
    return 0


async def _until_told(settings: SignalingSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await service.run(settings, stop)


if __name__ == "__main__":
    sys.exit(main())
