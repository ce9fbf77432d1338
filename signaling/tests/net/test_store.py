"""signaling.net.store"""

import asyncio
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError

from signaling.core.lesson import Lesson, fold
from signaling.messages import events as ev
from signaling.messages.ids import LessonId, SeatId
from signaling.messages.wire import Wire
from signaling.net.store import Invitation, Store
from signaling.net.tables import metadata
from signaling.tests.core.stage import LESSON, created, invitations

OPENED = ev.LessonOpened("operator")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path / "folder" / "signaling.sqlite")
    yield opened
    await opened.close()


async def append(store: Store, lesson: Lesson, *happened: ev.Event, at_ms: int = 5) -> Lesson:
    for event in happened:
        lesson = fold(lesson, event)
    await store.append(lesson, happened, at_ms)
    return lesson


async def begun(store: Store, lesson: str = LESSON, at_ms: int = 1) -> Lesson:
    first = replace(created(), lesson=LessonId(lesson))
    await store.create(first, at_ms)
    return fold(None, first)


async def test_a_lesson_is_what_its_log_says(store: Store) -> None:
    lesson = await append(store, await begun(store), *invitations("lead", "east"), OPENED)
    assert await store.lesson(LESSON) == lesson
    log = await store.log_of(LESSON)
    assert [stored.position for stored in log] == [1, 2, 3, 4]
    assert [stored.event for stored in log] == [created(), *invitations("lead", "east"), OPENED]
    assert [stored.at_ms for stored in log] == [1, 5, 5, 5]


async def test_what_was_acknowledged_survives_a_new_process(tmp_path: Path) -> None:
    path = tmp_path / "signaling.sqlite"
    first = await Store.open(path)
    lesson = await append(first, await begun(first), OPENED)
    second = await Store.open(path)
    assert await second.running() == (lesson,)
    await first.close()
    await second.close()


async def test_a_log_is_never_written_twice_at_the_same_place(store: Store) -> None:
    lesson = await begun(store)
    await append(store, lesson, OPENED)
    with pytest.raises(IntegrityError):
        await append(store, lesson, ev.LessonCancelled("operator"))
    assert (await store.running())[0].state == "open"


async def test_a_step_is_stored_whole_or_not_at_all(store: Store) -> None:
    lesson = await append(store, await begun(store), *invitations("east"))
    await append(store, lesson, OPENED)
    two = fold(fold(lesson, OPENED), ev.HandMoved(SeatId("east"), True))
    with pytest.raises(IntegrityError):
        await store.append(two, (OPENED, ev.HandMoved(SeatId("east"), True)), 5)
    assert len(await store.log_of(LESSON)) == 3


async def test_lessons_that_are_over_are_not_loaded_but_kept(store: Store) -> None:
    await append(store, await begun(store, "L1"), OPENED, ev.LessonEnded("operator"))
    await append(store, await begun(store, "L2", 2), ev.LessonCancelled("operator"))
    await begun(store, "L3", 3)
    assert [lesson.id for lesson in await store.running()] == ["L3"]
    assert await store.newest(2) == ("L3", "L2")
    ended = await store.lesson(LessonId("L1"))
    assert ended is not None and ended.state == "ended"
    assert await store.lesson(LessonId("L4")) is None


async def test_a_log_is_folded_beside_the_event_loop(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of a hundred lessons must not hold up those that are running."""
    lesson = await begun(store)
    threads: set[int] = set()
    decode = Wire.decode

    def watched(wire: Wire[ev.Event], text: str) -> ev.Event:
        threads.add(threading.get_ident())
        return decode(wire, text)

    monkeypatch.setattr(Wire, "decode", watched)
    assert await store.lesson(LESSON) == lesson
    assert threads and threading.get_ident() not in threads


async def test_a_lesson_that_is_over_is_read_once_and_anew_when_it_is_archived(store: Store) -> None:
    lesson = await begun(store)
    for event in (ev.LessonOpened("operator"), ev.LessonEnded("operator")):
        lesson = fold(lesson, event)
        await store.append(lesson, (event,), 5)
    read = await store.lesson(LESSON)
    assert read == lesson and await store.lesson(LESSON) is read
    archived = fold(lesson, ev.LessonArchived("system"))
    await store.append(archived, (ev.LessonArchived("system"),), 6)
    assert await store.lesson(LESSON) == archived


def invitation(code: str, expires_at_ms: int = 1000, seat: str = "east") -> Invitation:
    return Invitation(code, LESSON, SeatId(seat), expires_at_ms)


async def invited(store: Store, *codes: Invitation) -> None:
    lesson = await begun(store)
    for code in codes:
        event = invitations("east")[0]
        lesson = fold(lesson, event)
        await store.append(lesson, (event,), 5, code)


async def test_a_code_is_used_once_even_by_many_at_once(store: Store) -> None:
    await invited(store, invitation("hash"))
    tries = [store.use_code("hash", f"T{i}", 9000, 10) for i in range(10)]
    used = [found for found in await asyncio.gather(*tries) if found is not None]
    assert [found.seat for found in used] == ["east"]
    assert len(await store.good_tokens(10)) == 1


@pytest.mark.parametrize("now_ms", [1000, 1001, 10**12])
async def test_a_code_that_has_expired_is_not_used(store: Store, now_ms: int) -> None:
    await invited(store, invitation("hash"))
    assert await store.use_code("hash", "T", 9000, now_ms) is None
    assert await store.use_code("other", "T", 9000, 1) is None
    assert await store.use_code("hash", "T", 9000, 999) is not None


async def test_a_new_code_replaces_the_unused_one_of_its_seat(store: Store) -> None:
    await invited(store, invitation("old"), invitation("new"))
    assert await store.use_code("old", "T1", 9000, 10) is None
    assert await store.use_code("new", "T2", 9000, 10) is not None


async def test_tokens_end_when_given_back_or_expired(store: Store) -> None:
    await invited(store, invitation("hash"))
    await store.use_code("hash", "T1", 9000, 10)
    assert await store.good_tokens(8999) == {"T1": 9.0}
    await store.end_token("T1")
    assert await store.good_tokens(8999) == {}
    await invited_again(store)
    assert await store.good_tokens(9000) == {}


async def invited_again(store: Store) -> None:
    lesson = (await store.running())[0]
    event = invitations("east")[0]
    await store.append(fold(lesson, event), (event,), 5, invitation("again"))
    await store.use_code("again", "T2", 9000, 10)


async def test_the_database_is_durable_and_private(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "signaling.sqlite"
    assert path.stat().st_mode & 0o077 == 0
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    async with store._engine.connect() as own:
        assert (await own.exec_driver_sql("PRAGMA synchronous")).scalar() == 2
        assert (await own.exec_driver_sql("PRAGMA foreign_keys")).scalar() == 1


async def test_the_migrations_make_the_tables(store: Store, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'folder' / 'signaling.sqlite'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0001"
    engine.dispose()


async def test_a_database_that_is_up_to_date_is_opened_without_alembic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "signaling.sqlite"
    await (await Store.open(path)).close()
    monkeypatch.setitem(sys.modules, "alembic", None)
    await (await Store.open(path)).close()
    with pytest.raises(ImportError):
        await Store.open(tmp_path / "new.sqlite")
