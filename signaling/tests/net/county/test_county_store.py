"""signaling.net.county: the same laws in SQLite and in PostgreSQL"""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError

from signaling.core.county.county import Change, County
from signaling.core.county.things import CourseId, Entry, PersonId, School, SchoolId
from signaling.messages.ids import LessonId
from signaling.net.county.database import DatabaseError, url_of
from signaling.net.county.rows import difference
from signaling.net.county.store import CountyStore, Feed, Rung, Saved, Stale
from signaling.net.county.tables import VERSION_TABLE, metadata
from signaling.tests.core.county.files import checked
from signaling.tests.core.county.week import FIRST, LEAD, MUSIC, small_county
from signaling.tests.net.county.postgres import Postgres

WEEK = checked().county
EMPTY = Saved(County(), 0, 0)


@pytest.fixture
async def store(url: URL) -> AsyncIterator[CountyStore]:
    opened = await CountyStore.open(url)
    yield opened
    await opened.close()


async def test_what_was_saved_is_read_again_by_another_process(store: CountyStore, url: URL) -> None:
    assert await store.read() == EMPTY
    assert await store.save(EMPTY, WEEK, 7) == Saved(WEEK, 1, 7)
    other = await CountyStore.open(url)
    assert await other.read() == Saved(WEEK, 1, 7)
    await other.close()


async def test_every_kind_of_thing_comes_back_as_it_was(store: CountyStore) -> None:
    change = Change(MUSIC, FIRST, 2, PersonId("C1"), {LEAD: LEAD}, cancelled=True, reason="病假", again=2)
    county = replace(small_county(), changes={(MUSIC, FIRST, 2): change})
    await store.save(EMPTY, county, 7)
    assert (await store.read()).county == county


async def test_only_what_has_changed_is_written(store: CountyStore) -> None:
    saved = await store.save(EMPTY, WEEK, 7)
    moved = (Entry(CourseId("music-3"), 2, 1),)
    school = School(SchoolId("east"), "东村小学", WEEK.schools[SchoolId("east")].region)
    after = replace(WEEK, entries=moved, schools={**WEEK.schools, school.id: school})
    changes = {it.kept.kind: (len(it.gone), len(it.come)) for it in difference(WEEK, after)}
    assert changes == {"schools": (1, 1), "entries": (1, 1)}
    saved = await store.save(saved, after, 8)
    assert await store.read() == saved == Saved(after, 2, 8)
    saved = await store.save(saved, County(), 9)
    assert await store.read() == saved == Saved(County(), 3, 9)


async def test_who_has_looked_at_an_older_county_writes_nothing(store: CountyStore) -> None:
    saved = await store.save(EMPTY, WEEK, 7)
    with pytest.raises(Stale):
        await store.save(EMPTY, small_county(), 8)
    assert await store.read() == saved


async def test_of_many_at_once_one_saves(store: CountyStore) -> None:
    tries = await asyncio.gather(*(store.save(EMPTY, WEEK, 7) for _ in range(5)), return_exceptions=True)
    assert len([it for it in tries if isinstance(it, Stale)]) == 4
    assert await store.read() == Saved(WEEK, 1, 7)


async def test_a_county_is_saved_whole_or_not_at_all(store: CountyStore) -> None:
    """A course of a pairing that is not there is found at the very end, when it is committed."""
    with pytest.raises(IntegrityError):
        await store.save(EMPTY, replace(WEEK, pairings={}), 7)
    assert await store.read() == EMPTY
    assert (await store.save(EMPTY, WEEK, 7)).version == 1


async def test_thousands_are_saved_at_once(store: CountyStore) -> None:
    someone = WEEK.people[PersonId("W1")]
    people = {PersonId(f"P{n}"): replace(someone, id=PersonId(f"P{n}")) for n in range(3000)}
    many = replace(WEEK, people={**WEEK.people, **people})
    saved = await store.save(EMPTY, many, 7)
    assert len((await store.read()).county.people) == 3002
    saved = await store.save(saved, WEEK, 8)
    assert await store.read() == saved


async def test_what_the_bell_did_is_told_by_day_and_in_order(store: CountyStore) -> None:
    first = (Rung(LessonId("L1"), FIRST, 1000, "made"), Rung(LessonId("L1"), FIRST, 2000, "opened"))
    later = (Rung(LessonId("L2"), date(2026, 9, 1), 3000, "missed", "signaling was not running"),)
    await store.ring(first)
    await store.ring(later)
    await store.ring(())
    assert await store.rung(FIRST, FIRST) == first
    assert await store.rung(FIRST, date(2026, 9, 1)) == (*first, *later)


async def test_a_feed_counts_until_it_is_revoked(store: CountyStore) -> None:
    feed = Feed("F1", "hash", "person", "W1", 5)
    await store.add_feed(feed)
    assert await store.feeds() == (feed,)
    assert await store.revoke_feed("F1", 6) and not await store.revoke_feed("F1", 7)
    assert await store.feeds() == () and not await store.revoke_feed("F2", 6)


async def test_the_migrations_make_the_tables_whoever_comes_first(url: URL) -> None:
    stores = await asyncio.gather(*(CountyStore.open(url) for _ in range(3)))

    def found(connection: Connection) -> object:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    async with stores[0]._engine.connect() as connection:
        assert await connection.run_sync(found) == []
    for store in stores:
        await store.close()


async def test_a_database_that_is_up_to_date_is_opened_without_alembic(
    url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await CountyStore.open(url)).close()
    monkeypatch.setitem(sys.modules, "alembic", None)
    await (await CountyStore.open(url)).close()


async def test_what_postgresql_has_acknowledged_outlives_its_process(postgres: Postgres, tmp_path: Path) -> None:
    store = await CountyStore.open(url_of(postgres.database("outlives"), tmp_path))
    saved = await store.save(EMPTY, WEEK, 7)
    postgres.stop()
    postgres.start()
    assert await store.read() == saved
    await store.close()


async def test_the_file_is_private_and_lies_beside_the_lessons(tmp_path: Path) -> None:
    store = await CountyStore.open(url_of("", tmp_path / "signaling.sqlite"))
    assert (tmp_path / "county.sqlite").stat().st_mode & 0o077 == 0
    async with store._engine.connect() as connection:
        assert (await connection.exec_driver_sql("PRAGMA synchronous")).scalar_one() == 2
    await store.close()


@pytest.mark.parametrize("said", ["mysql://a:secret@b/c", "://x", "http://x"])
def test_what_is_no_database_is_refused_without_its_password(said: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as refused:
        url_of(said, tmp_path)
    assert "secret" not in str(refused.value)
    assert url_of("postgresql://a:b@c/d", tmp_path).drivername == "postgresql+asyncpg"


async def test_without_its_driver_postgresql_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(DatabaseError, match="three-classrooms\\[postgres\\]"):
        await CountyStore.open(url_of("postgresql://nobody@127.0.0.1:1/none", tmp_path))
