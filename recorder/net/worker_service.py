"""Puts the worker together and runs it until it is told to stop."""

import asyncio
import os
from typing import Final

import structlog

from recorder.disk.depot import Depot
from recorder.disk.takes import Takes
from recorder.net.job_rows import JobRows
from recorder.net.library_settings import LibrarySettings
from recorder.net.removal import Remover
from recorder.net.shelf_rows import ShelfRows
from recorder.net.signing import Signer
from recorder.net.store import open_database
from recorder.net.worker import Worker

log = structlog.get_logger("recorder.worker")

NICENESS: Final = 10
"""A lesson that runs on this machine goes first."""


async def run(settings: LibrarySettings, stop: asyncio.Event) -> None:
    """Works until `stop`; what is under way is given back."""
    master = settings.master
    os.nice(NICENESS)
    engine = await open_database(settings.store)
    try:
        store = settings.storage.open(settings.folder)
        takes, shelf = Takes(settings.folder, master, store), ShelfRows(engine)
        depot = Depot(settings.folder, takes, store, reserve_bytes=settings.reserve_bytes)
        remover = Remover(takes, depot, shelf, Signer.open(settings.signing_key), master.tombstone_key)
        worker = Worker(
            takes,
            depot,
            JobRows(engine),
            shelf,
            remover,
            region=settings.region,
            terms=settings.terms,
            reserve_bytes=settings.reserve_bytes,
            living=settings.store.with_name(settings.store.name + ".workers"),
        )
        log.info("worker_begins", worker=worker.name, folder=str(settings.folder), store=store.shown)
        try:
            await worker.run(stop)
        finally:
            worker.close()
        log.info("worker_stops", worker=worker.name)
    finally:
        await engine.dispose()
