"""`python -m recorder --config FILE`: records lessons, and nothing else."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import structlog

from recorder.net.library_settings import SettingsError
from recorder.net.recorder_settings import RecorderSettings
from recorder.net.service import run

WRONG_CONFIGURATION = 78
"""EX_CONFIG of sysexits.h: starting again will not help."""


def main() -> None:
    """Runs until a signal."""
    parser = argparse.ArgumentParser(prog="python -m recorder", description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("var/three-classrooms.toml"))
    arguments = parser.parse_args()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=("timestamp", "level", "event"), bool_as_flag=False),
        ],
    )
    try:
        asyncio.run(_serve(RecorderSettings.load(arguments.config)))
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(WRONG_CONFIGURATION)
    except OSError as error:
        print(f"The recorder cannot start: {error}", file=sys.stderr)
        sys.exit(1)


async def _serve(settings: RecorderSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run(settings, stop)


if __name__ == "__main__":
    main()
