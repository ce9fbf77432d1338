"""The county's store: its things read and saved as a whole, what the bell did, and feeds of calendars."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy import delete, insert, select, tuple_, update
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from signaling.core.county.county import County
from signaling.core.county.ringing import Rang
from signaling.messages.county import FeedKind
from signaling.messages.ids import LessonId
from signaling.net.county import tables
from signaling.net.county.database import open_database
from signaling.net.county.rows import KEPT, Difference, Kept, county_of, difference

T = TypeVar("T")
AT_ONCE: Final = 500
"""Keys in one statement; a database takes some thousand parameters."""


class Stale(Exception):
    """The county was saved by somebody else meanwhile; nothing was written."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A county as it was saved."""

    county: County
    version: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Rung:
    """What the bell did about one planned lesson."""

    lesson: LessonId
    day: date
    at_ms: int
    what: Rang
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """Who holds its key may subscribe to this part of the timetable."""

    feed: str
    key_hash: str
    kind: FeedKind
    of: str
    made_at_ms: int
    revoked_at_ms: int | None = None


class CountyStore:
    """All reads and writes; a method that returns has its change on the disk."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, url: URL) -> "CountyStore":
        """Opens or makes the database."""
        return cls(await open_database(url))

    async def close(self) -> None:
        """Closes the database."""
        await self._engine.dispose()

    async def read(self) -> Saved:
        """The whole county; made in a thread, as 200,000 people take seconds."""
        async with self._reading() as connection:
            state = (await connection.execute(select(tables.states))).one()
            found = [(kept, (await connection.execute(select(kept.table))).mappings().all()) for kept in KEPT]
        return Saved(await asyncio.to_thread(_made, found), state.version, state.saved_at_ms)

    async def save(self, before: Saved, after: County, at_ms: int) -> Saved:
        """Writes what has changed, all or nothing. Raises Stale."""
        changes = await asyncio.to_thread(difference, before.county, after)
        states = tables.states
        async with self._engine.begin() as connection:
            ours = update(states).where(states.c.version == before.version)
            ours = ours.values(version=before.version + 1, saved_at_ms=at_ms)
            if (await connection.execute(ours)).rowcount != 1:
                raise Stale
            for change in changes:
                await _write(connection, change)
        return Saved(after, before.version + 1, at_ms)

    async def ring(self, rung: Sequence[Rung]) -> None:
        """Adds what the bell did."""
        rows = [{name: getattr(it, name) for name in ("lesson", "day", "at_ms", "what", "reason")} for it in rung]
        if rows:
            async with self._engine.begin() as connection:
                await connection.execute(insert(tables.bell_log), rows)

    async def rung(self, first: date, last: date) -> tuple[Rung, ...]:
        """What the bell did for the lessons of these days, in order."""
        log = tables.bell_log
        query = select(log).where(log.c.day.between(first, last)).order_by(log.c.position)
        async with self._reading() as connection:
            rows = await connection.execute(query)
            return tuple(Rung(LessonId(row.lesson), row.day, row.at_ms, row.what, row.reason) for row in rows)

    async def add_feed(self, feed: Feed) -> None:
        """Lets somebody subscribe."""
        names = ("feed", "key_hash", "kind", "of", "made_at_ms", "revoked_at_ms")
        async with self._engine.begin() as connection:
            await connection.execute(insert(tables.feeds).values({name: getattr(feed, name) for name in names}))

    async def revoke_feed(self, feed: str, now_ms: int) -> bool:
        """Ends a subscription; tells whether there was one."""
        feeds = tables.feeds
        open_one = (feeds.c.feed == feed) & feeds.c.revoked_at_ms.is_(None)
        async with self._engine.begin() as connection:
            done = await connection.execute(update(feeds).where(open_one).values(revoked_at_ms=now_ms))
            return done.rowcount == 1

    async def feeds(self) -> tuple[Feed, ...]:
        """All that still count, the oldest first."""
        feeds = tables.feeds
        query = select(feeds).where(feeds.c.revoked_at_ms.is_(None)).order_by(feeds.c.made_at_ms, feeds.c.feed)
        async with self._reading() as connection:
            rows = await connection.execute(query)
            return tuple(Feed(row.feed, row.key_hash, row.kind, row.of, row.made_at_ms) for row in rows)

    def _reading(self) -> AsyncConnection:
        """A connection that sees one moment, however much it reads."""
        # SQLite's readers do so by themselves.
        once = {"isolation_level": "REPEATABLE READ"} if self._engine.dialect.name == "postgresql" else {}
        return self._engine.execution_options(read_only=True, **once).connect()


async def _write(connection: AsyncConnection, change: Difference) -> None:
    table = change.kept.table
    keys = [table.c[name] for name in change.kept.key]
    for some in _parts(change.gone):
        matches = keys[0].in_([key[0] for key in some]) if len(keys) == 1 else tuple_(*keys).in_(some)
        await connection.execute(delete(table).where(matches))
    for come in _parts(change.come):
        await connection.execute(insert(table), [change.kept.row_of(thing) for thing in come])


def _made(found: Sequence[tuple[Kept, Sequence[Mapping[Any, Any]]]]) -> County:
    return county_of({kept.kind: [kept.thing_of({**row}) for row in rows] for kept, rows in found})


def _parts(whole: Sequence[T]) -> Iterable[Sequence[T]]:
    return (whole[i : i + AT_ONCE] for i in range(0, len(whole), AT_ONCE))
