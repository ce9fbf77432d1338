"""Opens the county's database, whichever it is, and brings its tables up to date."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from signaling.net.county.tables import VERSION_TABLE

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x3C1A55
"""Names our lock among those of a PostgreSQL server: processes that start together migrate one after another."""


class DatabaseError(ValueError):
    """This is no database that we can open; the sentence names no password."""


def url_of(said: str, beside: Path) -> URL:
    """The database's address: a URL of PostgreSQL, a file, or, where nothing is said, a file beside the lessons."""
    if "://" not in said:
        return URL.create("sqlite+aiosqlite", database=str(Path(said) if said else beside.with_name("county.sqlite")))
    try:
        url = make_url(said)
    except ArgumentError:
        raise DatabaseError("[signaling] county is no URL such as postgresql://user@host/name") from None
    if url.get_backend_name() != "postgresql":
        raise DatabaseError("[signaling] county is a file's name or a URL that begins with postgresql://")
    return url.set(drivername="postgresql+asyncpg")


async def open_database(url: URL) -> AsyncEngine:
    """Several processes may do this at once."""
    engine = _sqlite(Path(url.database or "")) if url.get_backend_name() == "sqlite" else _postgres(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate)
    except (DBAPIError, OSError) as error:
        await engine.dispose()
        raise DatabaseError(
            f"The county's database {url.host or ''} {url.database} cannot be opened: {error}"
        ) from None
    return engine


def _sqlite(path: Path) -> AsyncEngine:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", connect_args={"timeout": 30})
    event.listen(engine.sync_engine, "connect", _durable)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _postgres(url: URL) -> AsyncEngine:
    try:
        # One process needs few: what is asked most often is in memory.
        return create_async_engine(url, pool_size=4, max_overflow=4, pool_pre_ping=True)
    except ModuleNotFoundError:
        raise DatabaseError("For PostgreSQL install three-classrooms[postgres], which brings asyncpg.") from None


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
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
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
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    newest = max(path.stem[1:5] for path in (MIGRATIONS / "versions").glob("m*.py"))
    return newest == connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()
