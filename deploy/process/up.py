"""`three-classrooms up`: one machine's services, supervised."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.core.configuration import (
    Tables,
    addresses,
    certificate_of,
    fronted,
    has_front,
    own_url,
    reached_as,
    with_tls,
)
from deploy.core.lines import is_routine
from deploy.disk import configuration
from deploy.net import ready, trust
from deploy.process import descriptors
from deploy.process.child import Program
from deploy.process.supervisor import OWN, Say, Supervisor

NAME_WIDTH = 10


def settled(path: Path, host: str | None, certificate: Path | None, key: Path | None, *, front: bool) -> Tables:
    """Reads or makes the configuration and writes the options of `up` into it."""
    before, made = configuration.read_or_make(path)
    after = before
    if certificate is not None and key is not None:
        after = with_tls(after, certificate.resolve(), key.resolve())
    if host is not None:
        after = reached_as(after, host)
    if front or has_front(after):
        after = fronted(after, host or "")
    if after != before:
        configuration.change(path, before, after)
    say(OWN, f"the configuration is {path}{' (new, with secrets of its own)' if made else ''}.")
    return after


def run(path: Path, tables: Tables, *, demonstration: bool, routine: bool) -> str | None:
    """Supervises until a signal, showing routine lines or not; returns why it gave up, if it did."""
    ready.refuse_taken(addresses(tables))
    descriptors.allow()
    return asyncio.run(_run(path, tables, demonstration, say if routine else _say_unless_routine))


async def _run(path: Path, tables: Tables, demonstration: bool, tell: Say) -> str | None:
    certificate, url, library_url = certificate_of(tables), own_url(tables), addresses(tables).library_url
    environment = trust.environment(certificate)
    supervisor = Supervisor(tell)

    async def when_ready() -> Sequence[Program]:
        await ready.until_ready(url, trust.context(certificate), lambda line: say(OWN, line))
        say(OWN, f"recorded lessons: {library_url} · `three-classrooms shelf` prints a link that opens them.")
        say(OWN, f"ready: {url} · Ctrl-C ends everything.")
        if demonstration:
            say(OWN, "the demonstration lesson is made; its clips take a while the first time.")
        return [_program("demo", "classroom_client.demo", path, environment)] if demonstration else []

    say(OWN, "the node, signaling, recorder, worker and library are started.")
    failure = await supervisor.run(
        [
            # The last one ends first: whoever may be killed without harm has the least time.
            _program("recorder", "recorder", path, environment),
            _program("node", "sfu", path, environment),
            _program("signaling", "signaling", path, environment),
            # Nobody waits for these two, and both leave at once.
            _program("worker", "recorder.worker", path, environment),
            _program("library", "recorder.library", path, environment),
        ],
        when_ready,
    )
    say(OWN, "everything has ended.")
    return failure


def _program(name: str, module: str, path: Path, environment: tuple[tuple[str, str], ...]) -> Program:
    return Program(name, (sys.executable, "-m", module, "--config", str(path)), environment)


def _say_unless_routine(name: str, line: str) -> None:
    if not is_routine(line):
        say(name, line)


def say(name: str, line: str) -> None:
    """One line of a child or of our own."""
    try:
        print(f"{name:<{NAME_WIDTH}}│ {line}", flush=True)
    except BrokenPipeError:
        # Whoever read our output has gone; a lesson goes on without.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
