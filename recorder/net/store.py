"""Opens the database of library and worker, and brings its tables up to date."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, event, inspect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from recorder.disk.files import Disk

MIGRATIONS: Final = Path(__file__).parent / "migrations"


async def open_database(path: Path) -> AsyncEngine:
    """Several processes may do this at once: the first one migrates, the others wait."""
    Disk().make_folder(path.parent.absolute())
    path.touch(mode=0o600, exist_ok=True)
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", connect_args={"timeout": 30})
    event.listen(engine.sync_engine, "connect", _durable)
    event.listen(engine.sync_engine, "begin", _begin)
    async with engine.begin() as connection:
        await connection.run_sync(_migrate)
    return engine


def _durable(connection: Any, _record: object) -> None:
    """Readers do not wait for writers, and what is acknowledged survives a power cut."""
    connection.isolation_level = None  # or the driver would begin transactions by its own rules
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Whoever may write says so first: two that read and then write would refuse each other at once."""
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _migrate(connection: Connection) -> None:
    if _is_newest(connection):
        return
    # Loading Alembic takes as long as loading all the rest, so only who migrates waits for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _is_newest(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    newest = max(path.stem[1:5] for path in (MIGRATIONS / "versions").glob("m*.py"))
    return newest == connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
