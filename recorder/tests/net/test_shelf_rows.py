"""recorder.net.shelf_rows: what is found, by whom, and what stays of what was deleted."""

from dataclasses import replace
from typing import get_args

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from recorder.core import jobs
from recorder.core.access import Viewer, decide, rule_of
from recorder.core.catalogue import holding
from recorder.core.finding import Query
from recorder.core.retention import Kept
from recorder.net.job_rows import JobRows
from recorder.net.shelf_rows import Playback, ShelfRows, Stone
from recorder.tests.core.test_catalogue import entry
from signaling.messages.ids import LessonId, Role

OPERATOR = Viewer("T0", "operator")
STONE = Stone("R1", "all", 5, "signed")


async def found(rows: ShelfRows, query: Query, viewer: Viewer = OPERATOR) -> list[str]:
    total, page = await rows.find(query, viewer, rule_of(viewer, "find"))
    assert total == len(page)
    return [shelved.entry.id for shelved in page]


SEARCHES: list[tuple[Query, list[str]]] = [
    (Query(), ["R2", "R1"]),
    (Query("语文"), ["R1"]),
    (Query("語文 中心校"), ["R1"]),
    (Query("语文 数学"), []),
    (Query("2026-09-22"), ["R2"]),
    (Query("100%"), ["R2"]),
    (Query("0_"), []),
    (Query(school="中心"), ["R2", "R1"]),
    (Query(teacher="李"), ["R2"]),
    (Query(from_ms=1_790_000_000_001), ["R2"]),
    (Query(until_ms=1_790_000_000_001), ["R1"]),
]


async def test_searches(engine: AsyncEngine) -> None:
    rows = ShelfRows(engine)
    other = replace(entry(title="數學 100%"), id="R2", take="L1/K2", teacher="李老师", held_at_ms=1_790_086_400_000)
    assert await rows.put(entry()) and await rows.put(other)
    for query, ids in SEARCHES:
        assert await found(rows, query) == ids, query


async def test_pages_follow_one_another(engine: AsyncEngine) -> None:
    rows = ShelfRows(engine)
    for i in range(5):
        await rows.put(replace(entry(), id=f"R{i}", take=f"L1/K{i}", held_at_ms=1000 + i))
    pages = [await rows.find(Query(offset=at, limit=2), OPERATOR, rule_of(OPERATOR, "find")) for at in (0, 2, 4)]
    assert [[shelved.entry.id for shelved in page] for _, page in pages] == [["R4", "R3"], ["R2", "R1"], ["R0"]]
    assert {total for total, _ in pages} == {5}


async def test_a_search_finds_exactly_what_the_table_of_permissions_lets_find(engine: AsyncEngine) -> None:
    rows = ShelfRows(engine)
    every = []
    for lesson in ("L1", "L2"):
        for region in ("东县", "西县"):
            for source in ("teacher", "room_mic"):
                number = f"{lesson}{region}{source}"
                shelved = replace(entry(source), id=number, take=number, lesson=LessonId(lesson), region=region)
                every.append(shelved)
                await rows.put(shelved)
    for role in get_args(Role):
        for own in (LessonId("L1"), None):
            viewer = Viewer("T1", role, "东县", "", own)
            wanted = [each.id for each in every if decide(viewer, "find", holding(each, "")).allowed]
            assert sorted(await found(rows, Query(), viewer)) == sorted(wanted), (role, own)


async def test_a_deleted_entry_leaves_its_tombstone_and_does_not_come_back(engine: AsyncEngine) -> None:
    rows, work = ShelfRows(engine), JobRows(engine)
    await rows.put(entry())
    await work.add(jobs.jobs_of_take("L1/K1", ["a"]))
    running = await work.take("w", 0)
    shelved = await rows.get("R1")
    assert running is not None and shelved is not None
    await rows.delete(shelved, STONE, 7)
    assert await rows.get("R1") is None and await rows.stones() == (STONE,)
    with pytest.raises(jobs.LeaseLost):
        await work.change(running, lambda job: jobs.kept(job, "w", 0.5, 1))
    assert await work.take("w", jobs.LEASE_MS - 1) is None
    removal = await work.take("w", jobs.LEASE_MS)
    assert removal is not None and removal.kind == "remove"
    assert not await rows.put(entry()) and await found(rows, Query()) == []


async def test_an_entry_that_is_made_again_keeps_what_was_decided(engine: AsyncEngine) -> None:
    rows = ShelfRows(engine)
    await rows.put(entry())
    await rows.set_objection("R1", "a guardian withdrew")
    await rows.set_held("R1", True)
    await rows.raw_gone(entry(), replace(STONE, part="raw"))
    await rows.put(entry(title="新"))
    shelved = await rows.get("R1")
    assert shelved is not None and shelved == await rows.of_take("L1/K1")
    assert (shelved.entry.title, shelved.objection, shelved.held, shelved.raw) == (
        "新",
        "a guardian withdrew",
        True,
        False,
    )
    assert await rows.kept() == (Kept("L1/K1", 1_790_002_400_000, raw=False, held=True),)
    assert await rows.takes_of(LessonId("L1")) == ("L1/K1",)


async def test_the_log_says_who_wanted_what_and_when_and_is_forgotten_in_time(engine: AsyncEngine) -> None:
    rows = ShelfRows(engine)
    lines = [
        Playback(at, "R1", "play", "film.mp4", "lead", "S1", "中心校", "T1", at % 2 == 0, "why") for at in (1, 2, 3)
    ]
    for line in lines:
        await rows.log(line)
    assert list(await rows.log_of("R1")) == lines[::-1] and await rows.log_of("R2") == ()
    await rows.forget_log(3)
    assert list(await rows.log_of("R1")) == lines[2:]


async def test_a_one_time_token_counts_once(engine: AsyncEngine) -> None:
    rows = ShelfRows(engine)
    assert await rows.show_token("T1", 100, 0)
    assert not await rows.show_token("T1", 100, 50)
    assert await rows.show_token("T2", 200, 100)
