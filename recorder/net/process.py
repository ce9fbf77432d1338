"""A process of the library's: configuration, log, signals, exit code."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from recorder.net.library_settings import LibrarySettings, SettingsError

Run = Callable[[LibrarySettings, asyncio.Event], Awaitable[None]]


def main(name: str, does: str, run: Run) -> int:
    """Reads the configuration and runs until told to stop."""
    parser = argparse.ArgumentParser(prog=name, description=does)
    parser.add_argument("--config", type=Path, default=Path("var/three-classrooms.toml"))
    try:
        settings = LibrarySettings.load(parser.parse_args().config)
        _configure_log()
        asyncio.run(_until_told(settings, run))
    except SettingsError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    return 0


async def _until_told(settings: LibrarySettings, run: Run) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run(settings, stop)


def _configure_log() -> None:
    """One line per fact: for people at a terminal, as JSON elsewhere; tracebacks without local variables."""
    terminal = sys.stderr.isatty()
    people = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if terminal else [structlog.processors.format_exc_info]),
            people if terminal else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
