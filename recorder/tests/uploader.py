"""`python -m recorder.tests.uploader FOLDER PORT PART_BYTES`: a worker in a process of its own, to be killed."""

import asyncio
import sys
from pathlib import Path

from recorder.disk.store import Store
from recorder.net.store import open_database
from recorder.tests.net.house import House
from recorder.tests.s3 import bucket


async def main(folder: Path, port: int, part_bytes: int) -> None:
    """Does all that can be done with the folder's takes."""
    engine = await open_database(folder / "library.sqlite")
    await House(folder, engine, Store.in_bucket(bucket(port)), part_bytes).work()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
