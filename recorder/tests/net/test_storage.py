"""Takes in a real S3 server: interrupted uploads resume, films are played from there by ranges, deletion empties it."""

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from recorder.core.jobs import LEASE_MS, PUT_OFF_MS, Job
from recorder.core.retention import DAY_MS
from recorder.net.storage_settings import StorageSettings
from recorder.tests.filmed import LEAD, LESSON, NAME, STARTED_MS, TAKE, Shot, sound, taken, video
from recorder.tests.net.house import House
from recorder.tests.net.test_library_http import ONE, Reading
from recorder.tests.s3 import ACCESS, BUCKET, SECRET, Line, S3Server, s3_server, store

PART_BYTES = 8192
CAST = (
    Shot(LEAD, "teacher", "vp8", 0, 3000, video("vp8", range(75), (320, 180))),
    Shot(LEAD, "teacher_mic", "opus", 0, 3000, sound(3000)),
)
ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 60.0


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[tuple[S3Server, Line]]:
    with s3_server(tmp_path / "s3") as running:
        yield running


def settings(line: Line) -> StorageSettings:
    url, endpoint = f"s3://{BUCKET}/school", f"http://127.0.0.1:{line.port}"
    return StorageSettings.model_validate(
        {"url": url, "endpoint": endpoint, "access_key": ACCESS, "secret_key": SECRET}
    )


def parts(server: S3Server) -> dict[str, tuple[int, int]]:
    """The parts that the server holds, and since when: one that is sent again is another file."""
    found = (server.root / BUCKET).rglob("*.sealed/*-*")
    return {path.as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns) for path in found if path.is_file()}


async def storing(house: House) -> Job:
    return next(job for job in await house.rows.of_take(NAME) if job.kind == "store")


def kept(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> bool:
    return bool(before) and before == {name: after.get(name) for name in before}


async def test_a_server_that_goes_away_in_mid_part_is_waited_for_and_gets_the_rest(
    s3: tuple[S3Server, Line], engine: AsyncEngine, tmp_path: Path
) -> None:
    (server, line), folder = s3, taken(tmp_path, CAST)
    line.after(20 * PART_BYTES // 2, server.kill)
    house = House(tmp_path, engine, store(line), PART_BYTES)
    await house.work()
    job, before = await storing(house), parts(server)
    assert (job.state, job.attempts) == ("waiting", 0) and "The store s3://lessons/school does not do it" in job.cause
    assert SECRET not in job.cause and ACCESS not in job.cause
    assert (folder / "derived" / "film.webm.sealed").is_file(), "nothing goes before all is there"
    server.start()
    await house.work()
    assert (await storing(house)).state == "waiting", "not before it is time"
    house.clock.now_ms += PUT_OFF_MS
    await house.work()
    job = await storing(house)
    assert (job.state, job.cause, job.progress) == ("done", "", 1.0)
    assert kept(before, parts(server)), "what was sent is not sent again"
    assert not list(folder.rglob("*.sealed"))


async def test_a_killed_worker_is_followed_by_one_that_sends_the_rest(
    s3: tuple[S3Server, Line], engine: AsyncEngine, tmp_path: Path
) -> None:
    (server, line), folder = s3, taken(tmp_path, CAST)
    command = [sys.executable, "-m", "recorder.tests.uploader", str(tmp_path), str(line.port), str(PART_BYTES)]
    uploader = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        line.after(20 * PART_BYTES // 2, uploader.kill)
        _, said = uploader.communicate(timeout=PATIENCE_S)
    finally:
        uploader.kill()
        uploader.wait(PATIENCE_S)
    assert uploader.returncode == -9, said.decode()
    house, before = House(tmp_path, engine, store(line), PART_BYTES), parts(server)
    assert (await storing(house)).state == "running", "the dead one's lease lasts"
    house.clock.now_ms += LEASE_MS
    await house.work()
    assert (await storing(house)).state == "done" and kept(before, parts(server))
    assert not list(folder.rglob("*.sealed"))


async def test_the_library_plays_from_the_store_and_reads_only_what_is_asked_for(
    s3: tuple[S3Server, Line], engine: AsyncEngine, tmp_path: Path
) -> None:
    (server, line), _ = s3, taken(tmp_path, CAST)
    near = House(tmp_path, engine)
    await near.work()
    film = random.Random(5).randbytes(1_000_000)
    making = near.takes.make(LESSON, TAKE, "film.webm", "w9")
    making.write(film)
    making.finish()
    house = House(tmp_path, engine, store(line), 10 * PART_BYTES)
    house.depot.put(LESSON, TAKE, lambda part: None)
    async with Reading(house, settings(line)) as reading:
        token, path = await reading.token("operator"), ONE + "/files/film.webm"
        assert (await reading.call("GET", path, token=token))[1] == film
        before = line.down
        status, body = await reading.call("GET", path, token=token, Range=f"bytes={len(film) - 50}-")
        assert (status, body) == (206, film[-50:])
        assert line.down - before < 2 * 65_536, "one chunk of the film, and its head"
        server.kill()
        status, said = await reading.call("GET", path, token=token)
        assert status == 503 and said["code"] == "store_away" and "try again" in said["sentence"]
        server.start()
        assert (await reading.call("GET", path, token=token))[1] == film


async def test_time_and_deletion_empty_the_store_too(
    s3: tuple[S3Server, Line], engine: AsyncEngine, tmp_path: Path
) -> None:
    (server, line), _ = s3, taken(tmp_path, CAST)
    house = House(tmp_path, engine, store(line), PART_BYTES)
    await house.work()
    assert [name for name in parts(server) if "/segments/" in name]
    house.clock.now_ms = STARTED_MS + 3000 + 7 * DAY_MS
    await house.worker().look_at_clocks()
    await house.work()
    assert not [name for name in parts(server) if "/segments/" in name], "whole files were made of them"
    assert [name for name in parts(server) if "teacher_mic" in name]
    house.clock.now_ms = STARTED_MS + 3000 + 90 * DAY_MS
    await house.worker().look_at_clocks()
    await house.work()
    assert not [name for name in parts(server) if "teacher_mic" in name]
    assert [name for name in parts(server) if "film.webm" in name]
    shelved = await house.shelf.get("R0123456789")
    assert shelved is not None
    await house.remover.delete(shelved, "operator", "a guardian withdrew", house.clock.now_ms)
    assert f"takes/{LESSON}/key.json" not in house.store.sizes("takes"), "what is deleted is unreadable at once"
    await house.work()
    assert house.store.sizes("takes") == {} and list(house.store.sizes("tombstones")) == [
        f"tombstones/{LESSON}/{TAKE}.json"
    ]


async def test_a_deletion_waits_for_a_store_that_is_away(
    s3: tuple[S3Server, Line], engine: AsyncEngine, tmp_path: Path
) -> None:
    (server, line), _ = s3, taken(tmp_path, CAST)
    house = House(tmp_path, engine, store(line), PART_BYTES)
    await house.work()
    shelved = await house.shelf.get("R0123456789")
    assert shelved is not None
    server.kill()
    await house.remover.delete(shelved, "operator", "a guardian withdrew", house.clock.now_ms)
    assert not (tmp_path / "takes" / LESSON / "key.json").exists()
    await house.work()
    (job,) = [job for job in await house.rows.unsettled() if job.kind == "remove"]
    assert job.state == "waiting" and "does not do it" in job.cause
    server.start()
    house.clock.now_ms += PUT_OFF_MS
    await house.work()
    assert house.store.sizes("takes") == {}
