"""`python -m media_tests.bench.shelf`: search over 10,000 resources, and how long the work after the bell takes."""

import asyncio
import json
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import insert

from recorder.core.access import Viewer, rule_of
from recorder.core.catalogue import Entry
from recorder.core.finding import Query
from recorder.core.retention import Terms
from recorder.disk.depot import Depot
from recorder.disk.store import Store
from recorder.disk.takes import Takes
from recorder.net.job_rows import JobRows
from recorder.net.removal import Remover
from recorder.net.shelf_rows import ShelfRows, row_of
from recorder.net.signing import Signer
from recorder.net.store import open_database
from recorder.net.tables import resources
from recorder.net.worker import Worker
from recorder.tests.core.test_catalogue import entry
from recorder.tests.filmed import LEAD, MASTER, Shot, sound, taken, video
from signaling.messages.ids import LessonId

RESOURCES: Final = 10_000
QUERIES: Final = 200
SEGMENTS, SEGMENT_S = 30, 10
"""Five minutes of a lesson."""
SUBJECTS: Final = ("语文", "数学", "英语", "科学", "音乐", "美术", "体育", "道德与法治")


async def main() -> None:
    """Prints a JSON line per figure."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory(dir="var" if Path("var").is_dir() else None) as name:
        folder = Path(name)
        print(line("library_search_p95_ms", await search(folder), "ms"), flush=True)
        print(line("after_bell_ratio", await after_bell(folder), "of the lesson"), flush=True)


async def search(folder: Path) -> float:
    """The 95th of 100 searches, in milliseconds."""
    engine = await open_database(folder / "search.sqlite")
    rows, chance = ShelfRows(engine), random.Random(1)
    fresh = {"objection": "", "held": False, "raw": True}
    async with engine.begin() as connection:
        await connection.execute(insert(resources), [row_of(made(i, chance)) | fresh for i in range(RESOURCES)])
    viewer, took = Viewer("T1", "lead", "东县", "", LessonId("L1")), []
    queries = [Query("语文"), Query("第7课"), Query("数学 王"), Query(school="第1"), Query("没有这个"), Query()]
    for i in range(QUERIES):
        began = time.perf_counter()
        await rows.find(queries[i % len(queries)], viewer, rule_of(viewer, "find"))
        took.append(1000 * (time.perf_counter() - began))
    await engine.dispose()
    return sorted(took)[int(0.95 * len(took))]


async def after_bell(folder: Path) -> float:
    """Seconds of work for each second of a lesson with a camera at 720p and a microphone."""
    pictures, voice = video("h264", range(SEGMENT_S * 25), (1280, 720)), sound(SEGMENT_S * 1000)
    cast = []
    for number in range(SEGMENTS):
        start_ms = number * SEGMENT_S * 1000
        cast.append(Shot(LEAD, "teacher", "h264", start_ms, SEGMENT_S * 1000, pictures))
        cast.append(Shot(LEAD, "teacher_mic", "opus", start_ms, SEGMENT_S * 1000, voice))
    taken(folder, cast)
    engine = await open_database(folder / "library.sqlite")
    store = Store.in_folder(folder)
    takes, shelf = Takes(folder, MASTER, store), ShelfRows(engine)
    depot = Depot(folder, takes, store)
    remover = Remover(takes, depot, shelf, Signer.open(folder / "library.pem"), MASTER.tombstone_key)
    worker = Worker(takes, depot, JobRows(engine), shelf, remover, region="", terms=Terms())
    began = time.perf_counter()
    await worker.enlist()
    while await worker.turn():
        pass
    took_s = time.perf_counter() - began
    shelved = await shelf.get("R0123456789")
    assert shelved is not None and shelved.entry.film is not None and shelved.entry.trouble == ""
    await engine.dispose()
    return took_s / (SEGMENTS * SEGMENT_S)


def made(number: int, chance: random.Random) -> Entry:
    """One of many lessons."""
    return replace(
        entry(
            title=f"{chance.choice(SUBJECTS)} 第{chance.randrange(1, 40)}課 {chance.choice('桂林山水春夏秋冬分數圖形')}"
        ),
        id=f"R{number}",
        take=f"L{number}/K{number}",
        lesson=LessonId(f"L{number}"),
        school=f"第{chance.randrange(200)}小学",
        teacher=f"{chance.choice('王李张刘陈')}老师",
        held_at_ms=1_700_000_000_000 + number * 3_600_000,
    )


def line(name: str, value: float, unit: str) -> str:
    """A measurement as the scoreboard reads it."""
    return json.dumps({"name": name, "value": round(value, 4), "unit": unit})


if __name__ == "__main__":
    asyncio.run(main())
