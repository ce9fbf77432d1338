"""A folder of takes with a database, and workers in it, by a stepped clock."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from recorder.core.keys import MasterKey
from recorder.core.retention import Terms
from recorder.core.stored import PART_BYTES
from recorder.disk.depot import Depot
from recorder.disk.store import Store
from recorder.disk.takes import Takes
from recorder.net.job_rows import JobRows
from recorder.net.removal import Remover
from recorder.net.shelf_rows import ShelfRows
from recorder.net.signing import Signer
from recorder.net.worker import Worker
from recorder.tests.filmed import MASTER, STARTED_MS


class Clock:
    """Stepped."""

    now_ms = STARTED_MS + 3_600_000
    up_s = 100.0


class House:
    """A folder with a database, and workers in it."""

    def __init__(
        self,
        folder: Path,
        engine: AsyncEngine,
        store: Store | None = None,
        part_bytes: int = PART_BYTES,
        reserve_bytes: int = 0,
        master: MasterKey = MASTER,
    ) -> None:
        self.folder, self.clock, self._reserve = folder, Clock(), reserve_bytes
        self.store = store or Store.in_folder(folder)
        self.takes = Takes(folder, master, self.store)
        self.depot = Depot(folder, self.takes, self.store, part_bytes=part_bytes)
        self.rows, self.shelf = JobRows(engine), ShelfRows(engine)
        self.signer = Signer.open(folder / "library.pem")
        self.remover = Remover(self.takes, self.depot, self.shelf, self.signer, master.tombstone_key)

    def worker(self) -> Worker:
        return Worker(
            self.takes,
            self.depot,
            self.rows,
            self.shelf,
            self.remover,
            region="东县",
            terms=Terms(),
            reserve_bytes=self._reserve,
            now_ms=lambda: self.clock.now_ms,
            up_s=lambda: self.clock.up_s,
        )

    async def work(self) -> None:
        """All that can be done now."""
        worker = self.worker()
        await worker.enlist()
        while await worker.turn():
            pass
