"""recorder.net.store: migrations make exactly the tables that the code names, whoever comes first."""

import asyncio
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from recorder.net.store import open_database
from recorder.net.tables import metadata


async def test_migrations_make_the_tables(tmp_path: Path) -> None:
    engines = await asyncio.gather(*(open_database(tmp_path / "library.sqlite") for _ in range(2)))

    def difference(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with engines[0].connect() as connection:
        assert await connection.run_sync(difference) == []
        assert (await connection.exec_driver_sql("PRAGMA synchronous")).scalar_one() == 2
    assert (tmp_path / "library.sqlite").stat().st_mode & 0o077 == 0
    for engine in engines:
        await engine.dispose()


async def test_a_database_that_is_up_to_date_is_opened_without_alembic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "library.sqlite"
    await (await open_database(path)).dispose()
    monkeypatch.setitem(sys.modules, "alembic", None)
    await (await open_database(path)).dispose()
    with pytest.raises(ImportError):
        await open_database(tmp_path / "new.sqlite")
