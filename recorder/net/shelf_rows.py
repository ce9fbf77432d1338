"""The catalogue as rows: entries, objections, tombstones, and the log of playbacks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, or_, select, true, update
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from recorder.core import catalogue, jobs
from recorder.core.access import Holding, Rule, Scope, Viewer
from recorder.core.catalogue import Entry
from recorder.core.finding import Query, folded, like, terms
from recorder.core.retention import Kept
from recorder.net import job_rows, tables
from signaling.messages.ids import LessonId

_ENTRY: Final[TypeAdapter[Entry]] = TypeAdapter(Entry)
_R: Final = tables.resources.c
_J: Final = tables.jobs.c


@dataclass(frozen=True, slots=True)
class Shelved:
    """An entry with what happened to it since."""

    entry: Entry
    objection: str = ""
    """Why a guardian objected; empty: nobody did."""
    held: bool = False
    raw: bool = True

    @property
    def holding(self) -> Holding:
        """What permissions look at."""
        return catalogue.holding(self.entry, self.objection, held=self.held)


@dataclass(frozen=True, slots=True)
class Playback:
    """One line of the log: who wanted what, when, by which token, and whether they got it."""

    at_ms: int
    resource: str
    act: str
    file: str
    role: str
    seat: str
    school: str
    token: str
    allowed: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Stone:
    """A tombstone as it was signed."""

    resource: str
    part: str
    deleted_at_ms: int
    signed: str


class ShelfRows:
    """All reads and writes of the catalogue; a method that returns has its change on the disk."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._readers = engine.execution_options(read_only=True)

    async def put(self, entry: Entry) -> bool:
        """Shelves an entry or renews it; one that was deleted does not come back."""
        row = row_of(entry)
        stones = select(tables.tombstones).where(_stone(entry.id, "all"))
        async with self._engine.begin() as connection:
            if (await connection.execute(stones)).first() is not None:
                return False
            fresh = {"objection": "", "held": False, "raw": True}
            statement = insert_or(tables.resources).values(row | fresh)
            await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))
            return True

    async def get(self, id: str) -> Shelved | None:
        """One entry."""
        async with self._readers.connect() as connection:
            row = (await connection.execute(select(tables.resources).where(_R.id == id))).one_or_none()
            return None if row is None else _shelved(row)

    async def find(self, query: Query, viewer: Viewer, rule: Rule) -> tuple[int, tuple[Shelved, ...]]:
        """How many entries match of those that the viewer may find, and one page of them, newest first."""
        wanted = and_(_reached(viewer, rule), *_matches(query))
        counted = select(func.count()).select_from(tables.resources).where(wanted)
        page = select(tables.resources).where(wanted).order_by(_R.held_at_ms.desc(), _R.id)
        async with self._readers.connect() as connection:
            total = (await connection.execute(counted)).scalar_one()
            rows = await connection.execute(page.offset(query.offset).limit(query.limit))
            return total, tuple(_shelved(row) for row in rows)

    async def kept(self) -> tuple[Kept, ...]:
        """What the retention clocks look at."""
        columns = (_R.take, _R.held_at_ms, _R.duration_ms, _R.raw, _R.held, _doubled().label("doubled"))
        async with self._readers.connect() as connection:
            rows = await connection.execute(select(*columns))
            return tuple(
                Kept(row.take, row.held_at_ms + row.duration_ms, row.raw, row.doubled, row.held) for row in rows
            )

    async def unstored(self) -> tuple[str, ...]:
        """Takes that were shelved before there was a store."""
        async with self._readers.connect() as connection:
            rows = await connection.execute(select(_R.take).where(_R.take.not_in(_takes_with(_J.kind == "store"))))
            return tuple(row.take for row in rows)

    async def of_take(self, take: str) -> Shelved | None:
        """The entry of a take."""
        async with self._readers.connect() as connection:
            row = (await connection.execute(select(tables.resources).where(_R.take == take))).one_or_none()
            return None if row is None else _shelved(row)

    async def takes_of(self, lesson: LessonId) -> tuple[str, ...]:
        """All takes of a lesson that are on the shelf."""
        async with self._readers.connect() as connection:
            rows = await connection.execute(select(_R.take).where(_R.lesson == lesson))
            return tuple(row.take for row in rows)

    async def set_objection(self, id: str, why: str) -> None:
        """A guardian objected, or (empty) no longer does."""
        await self._set(id, objection=why)

    async def set_held(self, id: str, held: bool) -> None:
        """It is kept as evidence, or no longer."""
        await self._set(id, held=held)

    async def delete(self, shelved: Shelved, stone: Stone, now_ms: int) -> None:
        """The entry goes, the tombstone stays, and a job removes the files: all of it or nothing."""
        take = shelved.entry.take
        async with self._engine.begin() as connection:
            await _keep(connection, stone)
            await connection.execute(delete(tables.resources).where(_R.id == shelved.entry.id))
            others = await job_rows.of_take(connection, take)
            for job in others:
                if (changed := jobs.dropped(job)) is not job:
                    await job_rows.put(connection, changed)
            await job_rows.add(connection, [jobs.removal(take, others, now_ms)])

    async def raw_gone(self, entry: Entry, stone: Stone) -> None:
        """The tracks of a take are no more; the entry no longer names them."""
        values = row_of(entry) | {"raw": False}
        async with self._engine.begin() as connection:
            await _keep(connection, stone)
            await connection.execute(update(tables.resources).where(_R.id == entry.id).values(values))

    async def stones(self, limit: int = 200) -> tuple[Stone, ...]:
        """The newest tombstones."""
        query = select(tables.tombstones).order_by(tables.tombstones.c.deleted_at_ms.desc()).limit(limit)
        async with self._readers.connect() as connection:
            return tuple(Stone(**row._mapping) for row in await connection.execute(query))

    async def log(self, playback: Playback) -> None:
        """Writes a line of the log; whoever plays waits for it."""
        async with self._engine.begin() as connection:
            await connection.execute(insert(tables.playbacks).values(asdict(playback)))

    async def log_of(self, resource: str, limit: int = 500) -> tuple[Playback, ...]:
        """The newest lines about a resource."""
        lines = tables.playbacks
        query = select(lines).where(lines.c.resource == resource).order_by(lines.c.number.desc()).limit(limit)
        async with self._readers.connect() as connection:
            rows = await connection.execute(query)
            return tuple(Playback(**{k: v for k, v in row._mapping.items() if k != "number"}) for row in rows)

    async def forget_log(self, before_ms: int) -> None:
        """Lines that are older have had their time."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(tables.playbacks).where(tables.playbacks.c.at_ms < before_ms))

    async def show_token(self, token: str, expires_at_ms: int, now_ms: int) -> bool:
        """Notes that a one-time token was shown; False if it had been before."""
        shown = tables.shown_tokens
        row = {"token": token, "expires_at_ms": expires_at_ms}
        async with self._engine.begin() as connection:
            await connection.execute(delete(shown).where(shown.c.expires_at_ms <= now_ms))
            done = await connection.execute(insert_or(shown).values(row).on_conflict_do_nothing())
            return done.rowcount == 1

    async def _set(self, id: str, **values: object) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(update(tables.resources).where(_R.id == id).values(values))


async def _keep(connection: AsyncConnection, stone: Stone) -> None:
    await connection.execute(insert_or(tables.tombstones).values(asdict(stone)).on_conflict_do_nothing())


def _stone(resource: str, part: str) -> ColumnElement[bool]:
    return (tables.tombstones.c.resource == resource) & (tables.tombstones.c.part == part)


def _takes_with(condition: ColumnElement[bool]) -> Select[tuple[str]]:
    return select(_J.take).where(condition)


def _doubled() -> ColumnElement[bool]:
    """All work on the take was done, the store has all of it, and its segments are still there."""
    return and_(
        _R.raw,
        _R.take.in_(_takes_with((_J.kind == "store") & (_J.state == "done"))),
        _R.take.not_in(_takes_with(_J.kind.in_(("track", "combined", "pictures", "entry")) & (_J.state != "done"))),
        _R.take.not_in(_takes_with(_J.kind == "thin")),
    )


def _reached(viewer: Viewer, rule: Rule) -> ColumnElement[bool]:
    """The same as access.decide, as a condition; a test compares the two."""
    return or_(and_(_R.pupils.is_(False), _within(viewer, rule.plain)), and_(_R.pupils, _within(viewer, rule.pupils)))


def _within(viewer: Viewer, scope: Scope) -> ColumnElement[bool]:
    own = _R.lesson == (viewer.lesson or "")
    return {"none": ~true(), "own": own, "region": or_(_R.region == viewer.region, own), "all": true()}[scope]


def _matches(query: Query) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_R.words.like(like(term), escape="\\") for term in terms(query.text)]
    found += [_R.school_words.like(like(folded(query.school)), escape="\\")] if query.school else []
    found += [_R.teacher_words.like(like(folded(query.teacher)), escape="\\")] if query.teacher else []
    found += [_R.held_at_ms >= query.from_ms] if query.from_ms is not None else []
    found += [_R.held_at_ms < query.until_ms] if query.until_ms is not None else []
    return found


def row_of(entry: Entry) -> dict[str, object]:
    """What the catalogue's columns say of an entry."""
    return {
        "id": entry.id,
        "lesson": entry.lesson,
        "take": entry.take,
        "region": entry.region,
        "title": entry.title,
        "school": entry.school,
        "teacher": entry.teacher,
        "school_words": folded(entry.school),
        "teacher_words": folded(entry.teacher),
        "words": catalogue.words(entry),
        "held_at_ms": entry.held_at_ms,
        "duration_ms": entry.duration_ms,
        "pupils": entry.pupils,
        "body": _ENTRY.dump_json(entry).decode(),
    }


def _shelved(row: Any) -> Shelved:
    return Shelved(_ENTRY.validate_json(row.body), row.objection, row.held, row.raw)
