"""A database for each test, of both kinds."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from signaling.net.county.database import url_of
from signaling.tests.net.county.postgres import Postgres, running

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """An empty database."""
    if request.param == "sqlite":
        return url_of("", tmp_path / "folder" / "signaling.sqlite")
    server: Postgres = request.getfixturevalue("postgres")
    return url_of(server.database(f"county{next(_numbers)}"), tmp_path)
