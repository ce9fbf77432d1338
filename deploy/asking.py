"""What commands that ask signaling have in common: where it is, who asks, and how a mistake is told."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from deploy.core.configuration import certificate_of, operator_key, own_url, split_url
from deploy.disk import configuration
from deploy.net import trust
from deploy.net.lessons import Json, LessonError, Operator

CONFIG: Final = Path("var/three-classrooms.toml")
Config = Annotated[Path, typer.Option("--config", help="The configuration file; `up` makes it.", show_default=True)]
Server = Annotated[
    str | None,
    typer.Option(help="Signaling's address, when it is not the one in the configuration."),
]


def operator(config: Path, server: str | None) -> Operator:
    """The operator's hand, as the configuration has it."""
    tables = configuration.read(config)
    url = (server or own_url(tables)).rstrip("/")
    split_url(url)
    return Operator(url, operator_key(tables), trust.context(certificate_of(tables)))


def fields(answer: Json) -> Mapping[str, Json]:
    """An answer that has fields."""
    if not isinstance(answer, Mapping):
        raise LessonError("Signaling answered something else than was asked for. Is --server its address?")
    return answer


def rows(answer: Json) -> list[Mapping[str, Json]]:
    """A list within an answer."""
    return [fields(row) for row in answer] if isinstance(answer, list) else []


def fail(sentence: str) -> NoReturn:
    """Ends with one sentence."""
    print(f"three-classrooms: {sentence}", file=sys.stderr)
    sys.exit(1)
