"""The store: append-only events of each lesson, one-time codes by their hash, session tokens by their name."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, event, insert, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from signaling.core.lesson import OVER, Lesson, folded
from signaling.messages import events as ev
from signaling.messages.ids import LessonId, SeatId
from signaling.messages.wire import EVENT
from signaling.net import tables

log = structlog.get_logger("signaling.store")

KEPT_LESSONS: Final = 256
MIGRATIONS: Final = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time code, known by its hash only."""

    code_hash: str
    lesson: LessonId
    seat: SeatId
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class Stored:
    """One event as it was logged."""

    position: int
    at_ms: int
    event: ev.Event


class Store:
    """All reads and writes; a method that returns has its change on the disk."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._over: OrderedDict[LessonId, Lesson] = OrderedDict()
        """Lessons that were asked for and change no more, but to be archived."""

    @classmethod
    async def open(cls, path: Path) -> "Store":
        """Opens or makes the database, and brings its tables up to date."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        event.listen(engine.sync_engine, "connect", _durable)
        async with engine.begin() as connection:
            await connection.run_sync(_migrate)
        return cls(engine)

    async def close(self) -> None:
        """Closes the database."""
        await self._engine.dispose()

    async def create(self, created: ev.LessonCreated, at_ms: int) -> None:
        """Begins a lesson's log."""
        async with self._engine.begin() as connection:
            row = {"lesson": created.lesson, "created_at_ms": at_ms, "over": False}
            await connection.execute(insert(tables.lessons).values(row))
            await _append(connection, created.lesson, 1, (created,), at_ms)

    async def append(
        self,
        lesson: Lesson,
        happened: Sequence[ev.Event],
        at_ms: int,
        invitation: Invitation | None = None,
    ) -> None:
        """Adds the events that made `lesson` what it is now, with the invitation that came of them."""
        async with self._engine.begin() as connection:
            await _append(connection, lesson.id, lesson.position - len(happened) + 1, happened, at_ms)
            self._over.pop(lesson.id, None)
            if lesson.state in OVER:
                over = update(tables.lessons).where(tables.lessons.c.lesson == lesson.id).values(over=True)
                await connection.execute(over)
            if invitation is not None:
                await _invite(connection, invitation)

    async def running(self) -> tuple[Lesson, ...]:
        """Every lesson that is not over, as its log makes it."""
        async with self._engine.connect() as connection:
            query = select(tables.lessons.c.lesson).where(tables.lessons.c.over.is_(False))
            found = [LessonId(row.lesson) for row in await connection.execute(query)]
            return tuple([await _folded(connection, lesson) for lesson in found])

    async def newest(self, limit: int) -> tuple[LessonId, ...]:
        """The last lessons that were created, newest first."""
        async with self._engine.connect() as connection:
            order = (tables.lessons.c.created_at_ms.desc(), tables.lessons.c.lesson)
            query = select(tables.lessons.c.lesson).order_by(*order).limit(limit)
            return tuple([LessonId(row.lesson) for row in await connection.execute(query)])

    async def lesson(self, lesson: LessonId) -> Lesson | None:
        """One lesson, over or not; read in a thread, as a long log takes longer than a running lesson can wait."""
        if lesson in self._over:
            self._over.move_to_end(lesson)
            return self._over[lesson]
        async with self._engine.connect() as connection:
            found = await connection.execute(
                select(tables.events.c.body).where(tables.events.c.lesson == lesson).order_by(tables.events.c.position)
            )
            bodies = [body for (body,) in found]
        made = await asyncio.to_thread(_read, bodies) if bodies else None
        if made is not None and made.over:
            self._over[lesson] = made
            while len(self._over) > KEPT_LESSONS:
                self._over.popitem(last=False)
        return made

    async def log_of(self, lesson: LessonId) -> tuple[Stored, ...]:
        """Everything that happened in a lesson, in order."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(_events_of(lesson))
            return tuple(Stored(row.position, row.at_ms, EVENT.decode(row.body)) for row in rows)

    async def use_code(self, code_hash: str, token: str, token_expires_at_ms: int, now_ms: int) -> Invitation | None:
        """Uses a code up for a session token; None when it is unknown, used or expired."""
        codes = tables.invitations
        good = (codes.c.code_hash == code_hash) & codes.c.used_at_ms.is_(None) & (codes.c.expires_at_ms > now_ms)
        async with self._engine.begin() as connection:
            used = await connection.execute(update(codes).where(good).values(used_at_ms=now_ms))
            if used.rowcount != 1:
                return None
            row = (await connection.execute(select(codes).where(codes.c.code_hash == code_hash))).one()
            held = {"token": token, "lesson": row.lesson, "seat": row.seat, "expires_at_ms": token_expires_at_ms}
            await connection.execute(insert(tables.tokens).values(held))
            return Invitation(row.code_hash, LessonId(row.lesson), SeatId(row.seat), row.expires_at_ms)

    async def add_token(self, token: str, lesson: LessonId, seat: SeatId, expires_at_ms: int) -> None:
        """A session token without a code, for a service."""
        async with self._engine.begin() as connection:
            held = {"token": token, "lesson": lesson, "seat": seat, "expires_at_ms": expires_at_ms}
            await connection.execute(insert(tables.tokens).values(held))

    async def good_tokens(self, now_ms: int) -> dict[str, float]:
        """All session tokens that still count, and until when in seconds; those that expired are forgotten."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(tables.tokens).where(tables.tokens.c.expires_at_ms <= now_ms))
            rows = await connection.execute(select(tables.tokens))
            return {row.token: row.expires_at_ms / 1000 for row in rows}

    async def end_token(self, token: str) -> None:
        """A session token counts no more."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(tables.tokens).where(tables.tokens.c.token == token))


async def _append(
    connection: AsyncConnection, lesson: LessonId, first: int, happened: Sequence[ev.Event], at_ms: int
) -> None:
    rows = [
        {"lesson": lesson, "position": first + i, "at_ms": at_ms, "type": what.type, "body": EVENT.encode(what)}
        for i, what in enumerate(happened)
    ]
    if rows:
        await connection.execute(insert(tables.events), rows)


async def _invite(connection: AsyncConnection, invitation: Invitation) -> None:
    """The new code replaces those of the same seat."""
    codes = tables.invitations
    same_seat = (codes.c.lesson == invitation.lesson) & (codes.c.seat == invitation.seat)
    await connection.execute(delete(codes).where(same_seat & codes.c.used_at_ms.is_(None)))
    row = {
        "code_hash": invitation.code_hash,
        "lesson": invitation.lesson,
        "seat": invitation.seat,
        "expires_at_ms": invitation.expires_at_ms,
    }
    await connection.execute(insert(codes).values(row))


def _events_of(lesson: LessonId) -> Any:
    return select(tables.events).where(tables.events.c.lesson == lesson).order_by(tables.events.c.position)


def _read(bodies: Sequence[str]) -> Lesson:
    return folded(EVENT.decode(body) for body in bodies)


async def _folded(connection: AsyncConnection, lesson: LessonId) -> Lesson:
    rows = await connection.execute(_events_of(lesson))
    return folded(EVENT.decode(row.body) for row in rows)


def _durable(connection: Any, _record: object) -> None:
    """Readers do not wait for writers, and what is acknowledged survives a power cut."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


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
